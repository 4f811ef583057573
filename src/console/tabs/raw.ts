import { eventsOf } from "../../observe/events-of.ts";
import type { Transaction } from "../../observe/model.ts";
import { cellWidth, clean, sliceCells } from "../cell-width.ts";
import { type Row, span } from "../row.ts";
import type { View } from "../view.ts";

/** What its nodes say of it, as JSON: the coordinator's view, the participants' views, then the events still kept. */
export function rawRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const { coordinator, coordinatorView, participants } = transaction;
  const documents: [string, unknown][] = [
    ...(coordinatorView === null
      ? []
      : [[coordinator ?? "coordinator", coordinatorView] as [string, unknown]]),
    ...participants,
  ];
  const views = documents.flatMap(([name, value]) => [
    [span(`${name}:`, "accent")],
    ...JSON.stringify(value, null, 2)
      .split("\n")
      .flatMap((line) => brokenLine(line, width)),
  ]);
  const events = eventsOf(view.model.log, transaction.id).flatMap((event) =>
    brokenLine(JSON.stringify(event), width),
  );
  if (events.length === 0) return views;
  return [...views, [span("events:", "accent")], ...events];
}

/** Nothing of a document is cut off: a long line goes on below, indented. */
function brokenLine(line: string, width: number): readonly Row[] {
  const text = clean(line);
  if (cellWidth(text) <= width) return [[span(text)]];
  const indent = Math.min(Math.floor(width / 2), (/^ */.exec(text)?.[0].length ?? 0) + 2);
  const rows: Row[] = [[span(sliceCells(text, 0, width))]];
  const total = cellWidth(text);
  for (let from = width; from < total; from += width - indent) {
    rows.push([span(" ".repeat(indent)), span(sliceCells(text, from, from + width - indent))]);
  }
  return rows;
}
