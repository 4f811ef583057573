import { duration, timeOfDayMs } from "../../observe/figures.ts";
import type { Transaction } from "../../observe/model.ts";
import { type RecordLine, recordsOf } from "../../observe/records.ts";
import { restartedNodes } from "../../observe/runs.ts";
import { type Row, type Span, span, wrapText } from "../row.ts";
import { type Column, headerRow, itemRow, layoutColumns } from "../table.ts";
import type { View } from "../view.ts";

/** Every log record of the transaction: where, which, forced or not, and since when it is on disk. */
export function recordsRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const records = recordsOf(view.model, transaction.id);
  if (records.length === 0) return [[span(`  ${noneWords(transaction)}`, "dim")]];
  const layout = layoutColumns(COLUMNS, width);
  const forced = records.filter((each) => each.forced).length;
  const restarted = [...restartedNodes(view.model, transaction)];
  const notes = [
    `${records.length} written, ${forced} forced; * waited for the disk, + did not`,
    ...(restarted.length === 0
      ? []
      : [`${restarted.join(" and ")} started anew: what was written before it was heard again is not told`]),
  ];
  return [
    headerRow(layout),
    ...records.map((each) => itemRow(layout, each)),
    [],
    ...notes.flatMap((note) => wrapText(note, width)).map((line): Row => [span(line, "dim")]),
  ];
}

function noneWords({ coordinatorView, participants }: Transaction): string {
  const views = [coordinatorView, ...participants.values()];
  const written = views.reduce((sum, each) => sum + (each?.counts.recordsAppended ?? 0), 0);
  if (written === 0) return "no node has written a record for it";
  return `${written} were written, before what is kept here; log inspect DIR reads them`;
}

const COLUMNS: readonly Column<RecordLine>[] = [
  { title: "NODE", width: 9, grow: 1, drop: 0, cell: ({ node }) => span(node, "accent") },
  { title: "SEQ", width: 5, align: "right", drop: 2, cell: ({ seq }) => span(`#${seq}`, "dim") },
  {
    title: "  RECORD",
    width: 12,
    grow: 1,
    drop: 0,
    cell: ({ forced, record }) => span(`${forced ? "*" : "+"} ${record}`, forced ? "good" : "plain"),
  },
  {
    title: "WRITTEN",
    width: 12,
    drop: 3,
    cell: ({ appendedAtMs }) => span(appendedAtMs === null ? "-" : timeOfDayMs(appendedAtMs), "dim"),
  },
  { title: "ON DISK", width: 11, drop: 0, cell: diskSpan },
];

function diskSpan({ onDisk, appendedAtMs, forced }: RecordLine): Span {
  if (onDisk.type === "later") return span("with others", "dim");
  if (onDisk.type === "not-yet") return span(forced ? "not yet" : "need not", forced ? "warn" : "dim");
  return span(appendedAtMs === null ? "yes" : `after ${duration(onDisk.atMs - appendedAtMs)}`, "good");
}
