import { effectsOf, effectsWord, type FieldEffect, type NodeEffects } from "../../observe/effects.ts";
import type { Transaction } from "../../observe/model.ts";
import { operationText } from "../../observe/transaction.ts";
import { type Row, span, wrapText } from "../row.ts";
import { type Column, headerRow, itemRow, layoutColumns } from "../table.ts";
import type { View } from "../view.ts";

/** What was asked of each participant, which figures of which rows that changes, and whether they are reserved. */
export function effectsRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const leader = transaction.coordinatorView;
  const rows = effectsOf(view.model, transaction).flatMap((each, index) => [
    ...(index === 0 ? [] : [[]]),
    ...nodeRows(each, width),
  ]);
  if (leader !== null && leader.operations === null) {
    rows.push([], [span("the operations are no longer kept", "dim")]);
  }
  const results = leader?.results ?? [];
  if (rows.length > 0) {
    rows.push([], [span("redo is what committing adds, undo what aborting adds", "dim")]);
  }
  for (const result of results) {
    const text = Object.entries(result).map(([key, value]) => `${key} ${value}`);
    rows.push([span("read  ", "dim"), span(text.join("  "))]);
  }
  return rows.length === 0 ? [[span("  nothing is known of what it does", "dim")]] : rows;
}

function nodeRows(effects: NodeEffects, width: number): readonly Row[] {
  const { node, operations, fields, holds } = effects;
  const state = `  ${effectsWord(effects)}`;
  const head: Row = [span(node, "accent"), span(state, holds ? "warn" : "dim")];
  const asked = operations.flatMap((operation) =>
    wrapText(operationText(operation), width - 2).map((line): Row => [span(`  ${line}`, "strong")]),
  );
  if (fields.length === 0) return [head, ...asked];
  const layout = layoutColumns(COLUMNS, width - 2);
  return [
    head,
    ...asked,
    [span("  "), ...headerRow(layout)],
    ...fields.map((field, index): Row => {
      const isSame = fields[index - 1]?.key === field.key;
      return [span("  "), ...itemRow(layout, isSame ? { ...field, key: "" } : field)];
    }),
  ];
}

const COLUMNS: readonly Column<FieldEffect>[] = [
  { title: "ROW", width: 8, grow: 3, drop: 0, cell: ({ key }) => span(key, "accent") },
  { title: "FIGURE", width: 13, grow: 2, drop: 0, cell: ({ field }) => span(fieldWords(field)) },
  { title: "NOW", width: 8, align: "right", grow: 1, drop: 3, cell: ({ now }) => span(now ?? "-", "strong") },
  {
    title: "REDO",
    width: 8,
    align: "right",
    grow: 1,
    drop: 0,
    cell: ({ redo }) => span(redo ?? "-", redo === null ? "dim" : "good"),
  },
  {
    title: "UNDO",
    width: 8,
    align: "right",
    grow: 1,
    drop: 0,
    cell: ({ undo }) => span(undo ?? "-", undo === null ? "dim" : "warn"),
  },
];

/** `debitsPending` as people read it: `debits pending`. */
function fieldWords(field: string): string {
  return field.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`);
}
