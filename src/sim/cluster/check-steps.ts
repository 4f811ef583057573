import { createMonitor, hearUpdate } from "../../conform/monitor.ts";
import type { Node } from "../../runtime/node.ts";
import type { SessionMessage } from "../../schema/session.ts";
import type { Report } from "./violations.ts";
import type { Checker } from "./witness.ts";

/** What a node tells to those who watch it. */
export type Told = Extract<SessionMessage, { type: "snapshot" | "events" | "tally" }>;

/** Every step that a node tells of is one that the protocol's rules allow (I16). */
export function createStepChecker(report: Report): Checker {
  const monitor = createMonitor();
  let isBroken = false;
  return {
    serves: (_run, node) =>
      watchNode(node, (told) => {
        if (told.type === "tally") return;
        const hole = hearUpdate(monitor, told);
        if (hole) report("I16", hole.problem);
        const { violation } = monitor.result();
        if (violation === null || isBroken) return;
        isBroken = true;
        report("I16", `${violation.rule}: ${violation.line}: ${violation.found}`);
      }),
  };
}

/** Subscribes to a node, or to a share of what it tells; whoever looks on changes nothing of what happens. */
export function watchNode(node: Node, hear: (told: Told) => void, oneIn?: number): void {
  const link = {
    send(message: SessionMessage) {
      if (message.type === "snapshot" || message.type === "events" || message.type === "tally") hear(message);
    },
    bufferedBytes: () => 0,
    close() {},
  };
  node.handlers.client(link, { type: "subscribe", ...(oneIn !== undefined && { oneIn }) });
}
