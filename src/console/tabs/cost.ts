import { type Cost, costTable, isAsPromised, totalCost } from "../../observe/cost.ts";
import type { Model, Transaction } from "../../observe/model.ts";
import type { Counts } from "../../schema/views.ts";
import { type Row, type Span, span, wrapText } from "../row.ts";
import { type Column, headerRow, itemRow, layoutColumns } from "../table.ts";

/** Records, forced records and messages of each node, each beside the published figure. */
export function costRows(model: Model, transaction: Transaction, width: number): readonly Row[] {
  const table = costTable(model, transaction);
  const layout = layoutColumns(COLUMNS, width);
  const note = wrapText(noteOf(transaction, table), width).map((line): Row => [span(line, "dim")]);
  return [
    headerRow(layout),
    ...[...table, totalCost(table)].map((cost) => itemRow(layout, cost)),
    [],
    ...note,
  ];
}

function figureColumn(title: string, width: number, field: keyof Counts): Column<Cost> {
  return {
    title,
    width,
    align: "right",
    drop: 0,
    cell: ({ measured, promised }) => {
      const figure = measured === null ? "-" : String(measured[field]);
      const text = promised === null ? figure : `${figure} of ${promised[field]}`;
      const isMore = measured !== null && promised !== null && measured[field] > promised[field];
      return span(text, isMore ? "warn" : "plain");
    },
  };
}

const COLUMNS: readonly Column<Cost>[] = [
  { title: "NODE", width: 9, grow: 1, drop: 0, cell: ({ node, role }) => span(node ?? role, "accent") },
  { title: "ROLE", width: 9, drop: 4, cell: ({ node, role }) => span(node === null ? "" : role, "dim") },
  figureColumn("RECORDS", 7, "recordsAppended"),
  figureColumn("FORCED", 7, "recordsForced"),
  // What is in doubt for an hour has sent thousands.
  figureColumn("SENT", 11, "messagesSent"),
  { title: "", width: 11, drop: 3, cell: verdict },
];

function verdict(cost: Cost): Span {
  if (cost.isPartial) return span("this run", "dim");
  const exact = isAsPromised(cost);
  if (exact === null) return span("");
  return exact ? span("as promised", "good") : cost.isFinal ? span("more", "warn") : span("so far", "dim");
}

function noteOf({ coordinatorView: view }: Transaction, table: readonly Cost[]): string {
  const source = "of: presumed abort without faults (Mohan, Lindsay, Obermarck 1986)";
  if (view?.outcome === "aborted") {
    return "An abort is presumed: the coordinator forces nothing for it. The published figures are those of a commit.";
  }
  const partial = table.flatMap(({ node, isPartial }) => (isPartial && node !== null ? [node] : []));
  if (partial.length > 0)
    return `${source}. What ${partial.join(" and ")} spent before the last start is not counted here.`;
  const isMore = table.some((cost) => cost.isFinal && isAsPromised(cost) === false);
  return isMore ? `${source}. What was sent again, or came after a restart, makes it more.` : `${source}.`;
}
