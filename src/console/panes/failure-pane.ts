import type { NodeState } from "../../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import { type Row, span, titleRow, wrapText } from "../row.ts";
import type { View } from "../view.ts";

/**
 * For each process that failed to start, or ended by itself: how, and the end of its log. Empty when there is none.
 * `room`: rows for all of them. Why it ended stands at the end of a log, so that its beginning goes first.
 */
export function failurePane(
  view: View,
  width: number,
  linesMax: number,
  room = Number.POSITIVE_INFINITY,
): readonly Row[] {
  const failed = sortedNodes(view.model).filter(hasFailed);
  const rowsMax = Math.max(ROWS_MIN, Math.floor(room / failed.length) - 1);
  return failed.flatMap((node) => {
    const what = nodeStatus(node) === "failed" ? "failed to start" : "ended by itself";
    return [
      titleRow(`${node.name} ${what}`, width, { note: exitWords(node) ?? "" }),
      ...endOfLog(node, width, linesMax, rowsMax),
    ];
  });
}

const ROWS_MIN = 4;

/** Nobody has asked for it: no signal of the user's, and no clean end. */
function hasFailed(node: NodeState): boolean {
  const status = nodeStatus(node);
  const code = node.process?.exit?.code ?? null;
  return status === "failed" || (status === "down" && code !== null && code !== 0);
}

/** The end of a process's log, and where the whole of it is, if the last line leaves room for that. */
function endOfLog({ process }: NodeState, width: number, linesMax: number, rowsMax: number): readonly Row[] {
  const tail = process?.logTail.slice(-linesMax) ?? [];
  const lines = (tail.length === 0 ? ["(its log is empty)"] : tail).map((line) => wrapText(line, width - 2));
  const path = process?.logPath;
  const where = path === undefined ? [] : wrapText(`log: ${path}`, width - 2);
  const isRoomy = (lines.at(-1)?.length ?? 0) + where.length <= rowsMax;
  const shown = lines.flat().slice(-Math.max(1, rowsMax - (isRoomy ? where.length : 0)));
  return [
    ...shown.map((line): Row => [span("  "), span(line, "bad")]),
    ...(isRoomy ? where : []).map((line): Row => [span("  "), span(line, "dim")]),
  ];
}
