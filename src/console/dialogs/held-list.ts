import { age } from "../../observe/figures.ts";
import { type HeldAt, heldMessages } from "../../observe/held.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { releaseOf } from "../commands/injecting.ts";
import { bindingOf, keyNote, keyWords } from "../keymap.ts";
import { fitText, type Row, selectedRow, span } from "../row.ts";
import type { Session } from "../session.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import type { HeldDialog } from "./dialog.ts";
import { movedTo } from "./list-press.ts";

const WIDTH_MAX = 76;

/** The messages that wait, those first that have waited longest. */
export function heldBox(view: View, dialog: HeldDialog, widthMax: number, heightMax: number): Box {
  const all = heldMessages(view.model);
  const width = Math.min(widthMax - 4, WIDTH_MAX);
  const keys = keyWords(view.ui.bindings, [
    ["drop", "drops it"],
    ["step-phase", "phase"],
  ]);
  const hint = ["Enter lets it go", ...(keys === "" ? [] : keys.split(", ")), "Esc closes"].join("  ");
  if (all.length === 0) {
    return frame(
      "Held messages",
      [[span(`none waits: an order${keyNote(view.ui.bindings, "order")} brings some`, "dim")]],
      hint,
      widthMax,
      heightMax,
    );
  }
  const index = Math.min(dialog.index, all.length - 1);
  const room = Math.max(1, heightMax - 2);
  const from = visibleFrom(all.length, index, room);
  const named = hasManyCoordinators(view.model);
  const rows = all.slice(from, from + room).map((each, offset): Row => {
    const isChosen = from + offset === index;
    const row: Row = [span(isChosen ? "> " : "  ", "accent"), ...heldRow(view, each, named, width - 2)];
    return isChosen ? selectedRow(row, width) : row;
  });
  return frame(`Held messages ${index + 1} of ${all.length}`, rows, hint, widthMax, heightMax);
}

function heldRow(view: View, { node, held }: HeldAt, named: boolean, width: number): Row {
  const way = `${node} > ${held.to}`;
  const what = `${held.message.toUpperCase()} ${shortId(held.transactionId, named)} ${held.text}`.trim();
  const wayWidth = Math.min(28, Math.floor(width * 0.44));
  return [
    span(`${fitText(age(view.nowMs - held.atMs), 4, "right")}  `, "dim"),
    span(`${fitText(way, wayWidth)}  `, "strong"),
    span(fitText(what, Math.max(0, width - wayWidth - 8)), "accent"),
  ];
}

export function pressInHeld(session: Session, dialog: HeldDialog, key: string): void {
  const all = heldMessages(session.model.get());
  const at = Math.min(dialog.index, Math.max(0, all.length - 1));
  const index = movedTo(key, at, all.length);
  if (index !== null) return session.change({ dialog: { ...dialog, index } });
  const chosen = all[at];
  if (chosen === undefined) return;
  const command = key === "enter" ? "step" : bindingOf(session.ui.get().bindings, key)?.command;
  if (command === "step") return session.act(releaseOf(session, [chosen], false));
  if (command === "drop") return session.act(releaseOf(session, [chosen], true));
  if (command !== "step-phase") return;
  const { transactionId, message } = chosen.held;
  const phase = all.filter(({ held }) => held.transactionId === transactionId && held.message === message);
  session.act(releaseOf(session, phase, false));
}
