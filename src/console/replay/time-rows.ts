import { counted } from "../../observe/figures.ts";
import { heldMessages, isHolding } from "../../observe/held.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { keyFor, keyWords } from "../keymap.ts";
import { fitRow, type Row, rowWidth, type Span, span } from "../row.ts";
import type { View } from "../view.ts";
import { placeRow } from "./place-row.ts";

/** Where time stands, in a row above the messages: in a recorded run, or in a cluster that is held. None while it just passes. */
export function timeRows(view: View, width: number): readonly Row[] {
  if (view.ui.replay !== null) return [placeRow(view.ui.replay, width)];
  return isHolding(view.model) ? [heldRow(view, width)] : [];
}

/** How many messages wait, which one is next, and the keys that let it go. */
function heldRow(view: View, width: number): Row {
  const all = heldMessages(view.model);
  const { bindings } = view.ui;
  const next = all[0];
  const head: Row = [span(" HELD ", "selected"), span(" ")];
  if (next === undefined) {
    const text = view.readOnly
      ? "no message waits"
      : [
          "no message waits",
          keyWords(bindings, [
            ["order", "brings some"],
            ["hold", "lets the protocol go on"],
          ]),
        ]
          .filter((part) => part !== "")
          .join(": ");
    return fitRow([...head, span(text, "warn")], width);
  }
  const id = shortId(next.held.transactionId, hasManyCoordinators(view.model));
  const what = `${next.node} > ${next.held.to} ${next.held.message.toUpperCase()} ${id}`;
  const count: Row = [
    span(counted(all.length, "message waits", "messages wait"), "warn"),
    span(": "),
    span(what, "strong"),
  ];
  const keys: Row = view.readOnly
    ? []
    : KEYS.flatMap(([command, word]): Span[] => {
        const key = keyFor(bindings, command);
        return key === "" ? [] : [span(`  ${key}`, "title"), span(` ${word}`, "dim")];
      });
  const row = [...head, ...count];
  return rowWidth(row) + rowWidth(keys) <= width ? [...row, ...keys] : fitRow(row, width);
}

const KEYS = [
  ["step", "next"],
  ["step-phase", "phase"],
  ["held", "list"],
  ["hold", "go on"],
] as const;
