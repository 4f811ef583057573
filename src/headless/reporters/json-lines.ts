import type { NodeEvent } from "../../schema/events.ts";
import type { RunEvent, RunReport } from "../report.ts";

/** One line of `--jsonl`: what the run did, or what a node said. */
export function jsonLine(
  event: RunEvent | { readonly type: "node-event"; readonly event: NodeEvent },
): string {
  return JSON.stringify(event);
}

/** The one document of `--json`. */
export function jsonDocument(report: RunReport): string {
  return JSON.stringify(report, null, 2);
}
