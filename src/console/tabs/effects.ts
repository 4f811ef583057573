import { effectsOf, effectsWord, type FieldEffect, type NodeEffects } from "../../observe/effects.ts";
import type { Transaction } from "../../observe/model.ts";
import { operationText } from "../../observe/transaction.ts";
import { cellWidth } from "../cell-width.ts";
import { type Row, span, wrapText } from "../row.ts";
import { type Column, headerRow, itemRow, type Layout, layoutColumns } from "../table.ts";
import type { View } from "../view.ts";

/** What was asked of each participant, which figures of which rows that changes, and whether they are reserved. */
export function effectsRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const leader = transaction.coordinatorView;
  const nodes = effectsOf(view.model, transaction);
  const columns = columnsFor(
    nodes.flatMap(({ fields }) => fields),
    width - 2,
  );
  const layout = layoutColumns(columns, width - 2);
  const rows = nodes.flatMap((each, index) => [
    ...(index === 0 ? [] : [[]]),
    ...nodeRows(each, layout, width),
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

function nodeRows(effects: NodeEffects, layout: Layout<FieldEffect>, width: number): readonly Row[] {
  const { node, operations, fields, holds } = effects;
  const state = `  ${effectsWord(effects)}`;
  const head: Row = [span(node, "accent"), span(state, holds ? "warn" : "dim")];
  const asked = operations.flatMap((operation) =>
    wrapText(operationText(operation), width - 2).map((line): Row => [span(`  ${line}`, "strong")]),
  );
  if (fields.length === 0) return [head, ...asked];
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

const ROW_MIN = 6;

/** As wide as what they hold, so that no figure and no name of one is cut; keys of rows give way first. */
function columnsFor(fields: readonly FieldEffect[], width: number): readonly Column<FieldEffect>[] {
  const widest = (title: string, textOf: (field: FieldEffect) => string): number =>
    Math.max(title.length, ...fields.map((field) => cellWidth(textOf(field))));
  const figure = widest("FIGURE", ({ field }) => fieldWords(field));
  const redo = widest("REDO", (field) => field.redo ?? "-");
  const undo = widest("UNDO", (field) => field.undo ?? "-");
  const left = width - figure - redo - undo - 2 - 2 * NUMBER_GAP;
  const number = { align: "right", grow: 1, gap: NUMBER_GAP } as const;
  return [
    {
      title: "ROW",
      width: Math.min(
        widest("ROW", ({ key }) => key),
        Math.max(ROW_MIN, left),
      ),
      grow: 3,
      drop: 0,
      cell: ({ key }) => span(key, "accent"),
    },
    { title: "FIGURE", width: figure, grow: 2, drop: 0, cell: ({ field }) => span(fieldWords(field)) },
    {
      ...number,
      title: "NOW",
      width: widest("NOW", ({ now }) => now ?? "-"),
      drop: 3,
      cell: ({ now }) => span(now ?? "-", "strong"),
    },
    {
      ...number,
      title: "REDO",
      width: redo,
      drop: 0,
      cell: ({ redo }) => span(redo ?? "-", redo === null ? "dim" : "good"),
    },
    {
      ...number,
      title: "UNDO",
      width: undo,
      drop: 0,
      cell: ({ undo }) => span(undo ?? "-", undo === null ? "dim" : "warn"),
    },
  ];
}

const NUMBER_GAP = 1;

/** `debitsPending` as people read it: `debits pending`. */
function fieldWords(field: string): string {
  return field.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`);
}
