import { timeOfDay } from "../../observe/figures.ts";
import { clean } from "../cell-width.ts";
import type { CommandEntry } from "../command-log.ts";
import { matchedPlaces, matchRank } from "../fuzzy.ts";
import { markPlaces } from "../highlight.ts";
import { keyFor } from "../keymap.ts";
import { paletteItems } from "../palette.ts";
import { fitRow, fitText, hardWrapped, type Row, selectedRow, span, wrapText } from "../row.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import type { CommandLogDialog, PaletteDialog } from "./dialog.ts";

/** Beyond this a line is hard to read. */
const WIDTH_MAX = 100;

/** What was typed, and below it what answers, with the key beside each. */
export function paletteBox(view: View, dialog: PaletteDialog, widthMax: number, heightMax: number): Box {
  const width = Math.min(widthMax - 4, WIDTH_MAX);
  const items = paletteItems(view, dialog);
  const room = Math.max(1, Math.min(16, heightMax - 3));
  const from = visibleFrom(items.length, dialog.index, room);
  const inSight = items.slice(from, from + room);
  const keyWidth = inSight.some(({ key }) => key !== "") ? 11 : 0;
  const nameWidth = Math.min(width - keyWidth - 9, Math.max(12, ...inSight.map(({ name }) => name.length)));
  const noteWidth = Math.max(0, width - nameWidth - keyWidth - 1);
  const rows = inSight.map(({ name, note, key }, offset): Row => {
    const row: Row = [
      span(`${fitText(name, nameWidth)} `, "strong"),
      span(fitText(note, noteWidth), "dim"),
      span(keyWidth === 0 ? "" : ` ${fitText(key, keyWidth - 1)}`, "accent"),
    ];
    const shown = from + offset === dialog.index ? selectedRow(row, width) : row;
    return markPlaces(shown, shownPlaces(dialog.query, name, note, nameWidth, noteWidth));
  });
  const isLocked = view.readOnly && view.ui.replay === null;
  const why = isLocked ? "; while read-only nothing acts" : "";
  const none: readonly Row[] = items.length === 0 ? [[span(`nothing has that name${why}`, "dim")]] : [];
  const typed: Row = [span(":", "title"), span(`${dialog.query}_`, "strong")];
  // The box keeps its size while it is narrowed, so that nothing jumps.
  const filled = [typed, ...rows, ...none];
  const still = [...filled, ...Array.from({ length: Math.max(0, room + 1 - filled.length) }, (): Row => [])];
  const padded = still.map(
    (row, index): Row =>
      index === 0 ? [...row, span(" ".repeat(Math.max(0, width - dialog.query.length - 2)))] : row,
  );
  return frame("Commands", padded, "Enter runs it  Tab completes  Esc closes", widthMax, heightMax);
}

/** Where in its row what was typed is found: in the name, else in the words about it. */
function shownPlaces(
  query: string,
  name: string,
  note: string,
  nameWidth: number,
  noteWidth: number,
): readonly number[] {
  const inName = matchedPlaces(query, name).filter((place) => place < nameWidth);
  const rank = matchRank(query, note);
  // Letters strewn over a sentence mean nothing.
  if (inName.length > 0 || rank === null || rank === 3) return inName;
  const inNote = matchedPlaces(query, note).filter((place) => place < noteWidth);
  return inNote.map((place) => nameWidth + 1 + place);
}

/** What the user did, the newest last, and the whole command of the chosen row. */
export function commandLogBox(
  view: View,
  dialog: CommandLogDialog,
  widthMax: number,
  heightMax: number,
): Box {
  const { commandLog } = view.ui;
  const width = Math.min(widthMax - 4, WIDTH_MAX);
  const copies = keyFor(view.ui.bindings, "copy") || "Enter";
  const hint = `${copies} copies the command  ↑↓ choose  Esc closes`;
  if (commandLog.length === 0) {
    const empty = "nothing yet: what you do stands here, with the same from a shell";
    return frame(
      "What you did",
      wrapText(empty, width).map((line) => [span(line, "dim")]),
      hint,
      widthMax,
      heightMax,
    );
  }
  const index = dialog.index ?? commandLog.length - 1;
  const chosen = commandLog[index];
  const below = Math.max(2, Math.min(8, Math.floor((heightMax - 2) / 3)));
  const room = Math.max(1, Math.min(commandLog.length, heightMax - 3 - below));
  const from = visibleFrom(commandLog.length, index, room);
  const rows = commandLog
    .slice(from, from + room)
    .map((entry) =>
      entry === chosen ? selectedRow(entryRow(entry), width) : fitRow(entryRow(entry), width),
    );
  const rule: Row = [span("─".repeat(width), "dim")];
  return frame(
    "What you did",
    [...rows, rule, ...commandRows(chosen, width, below, copies)],
    hint,
    widthMax,
    heightMax,
  );
}

function entryRow({ atMs, text, ended }: CommandEntry): Row {
  const end = ended === null ? span(" …", "warn") : span(`  ${ended.text}`, ended.tone);
  return [span(`${timeOfDay(atMs)} `, "dim"), span(text), end];
}

function commandRows(
  entry: CommandEntry | undefined,
  width: number,
  height: number,
  copies: string,
): readonly Row[] {
  const commands = entry?.commands ?? [];
  if (commands.length === 0) {
    const why = entry?.whyNone ?? "a shell has no equivalent";
    return wrapText(why, width).map((line): Row => [span(line, "dim")]);
  }
  // A command is copied by eye, too: no word of it may be lost, and it may have no blanks to break at.
  const lines = commands.flatMap((command) => hardWrapped(clean(`$ ${command}`), width));
  const shown =
    lines.length <= height ? lines : [...lines.slice(0, height - 1), `… ${copies} copies it whole`];
  return shown.map((line): Row => [span(line, "accent")]);
}
