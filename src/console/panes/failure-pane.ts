import { exitWords, nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import { type Row, span, titleRow, wrapText } from "../row.ts";
import type { View } from "../view.ts";

/** For each process that failed to start: its exit status and the end of its log. Empty when there is none. */
export function failurePane(view: View, width: number, linesMax: number): readonly Row[] {
  return sortedNodes(view.model)
    .filter((node) => nodeStatus(node) === "failed")
    .flatMap((node) => {
      const tail = node.process?.logTail.slice(-linesMax) ?? [];
      const lines =
        tail.length === 0 ? ["(its log is empty)"] : tail.flatMap((line) => wrapText(line, width - 2));
      return [
        titleRow(`${node.name} failed to start`, width, { note: exitWords(node) ?? "" }),
        ...lines.map((line): Row => [span("  "), span(line, "bad")]),
      ];
    });
}
