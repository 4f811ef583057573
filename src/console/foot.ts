import { counted } from "../observe/figures.ts";
import { sortedNodes } from "../observe/node-status.ts";
import { parseFilter } from "./filter.ts";
import { type Binding, keyFor, keyHint, keyName } from "./keymap.ts";
import { fitRow, type Row, rowWidth, span } from "./row.ts";
import { troubleRow } from "./trouble.ts";
import { activeFilter, type Flash } from "./ui.ts";
import type { View } from "./view.ts";

/** The filter being typed, else the last thing that happened to the user's own doing. */
export function messageRow(view: View, width: number): Row {
  const { ui } = view;
  const filter = activeFilter(ui);
  const { problem } = parseFilter(filter);
  if (ui.typingFilter) {
    const help = "   Enter keeps it, Esc clears it; -word node: tx: state: level:";
    return [
      span("/", "title"),
      span(`${filter}_`, "strong"),
      problem === null ? span(help, "dim") : span(`   ${problem}`, "warn"),
    ];
  }
  // What hides rows is never itself hidden.
  if (filter !== "") {
    const what = ui.flash ?? { text: filterKeys(ui.bindings), tone: "dim" };
    return fitRow([span(`filter /${filter}`, "accent"), span("   "), span(what.text, what.tone)], width);
  }
  if (ui.flash !== null) return flashRow(view, ui.flash, width);
  if (ui.frozen !== null) {
    const since = view.arrived === undefined ? "" : `: ${counted(view.arrived, "event")} since`;
    return [span(`view frozen${since}${keyHint(ui.bindings, "freeze", "thaws it")}`, "warn")];
  }
  const alarm = sortedNodes(view.model).flatMap(
    (node) => node.view?.alarms.slice(-1).map((text) => `${node.name}: ${text}`) ?? [],
  );
  return alarm[0] === undefined ? troubleRow(view) : [span(`! ${alarm[0]}`, "bad")];
}

/** `n N next and before, Esc clears it`. */
function filterKeys(bindings: readonly Binding[]): string {
  const keys = [keyFor(bindings, "next-match"), keyFor(bindings, "previous-match")];
  return keys.includes("") ? "Esc clears it" : `${keys.join(" ")} next and before, Esc clears it`;
}

/** What was done, and beside it, where there is room, what is wrong: the one must not hide the other for long. */
function flashRow(view: View, flash: Flash, width: number): Row {
  const row: Row = [span(flash.text, flash.tone)];
  const trouble = troubleRow(view);
  const both: Row = [...row, span("  │  ", "dim"), ...trouble];
  return trouble.length > 0 && rowWidth(both) <= width ? both : fitRow(row, width);
}

/** `?` first and always; then as many keys as fit. */
export function hintRow(view: View, width: number): Row {
  const inDetail = view.ui.detail !== null;
  const wordOf = (binding: Binding) => (inDetail ? binding.hintInDetail : binding.hint);
  let row: Row = [];
  for (const binding of view.ui.bindings) {
    const word = wordOf(binding);
    if (word === undefined || (view.readOnly && binding.acts)) continue;
    const next: Row = [
      ...row,
      ...(row.length === 0 ? [] : [span("  ")]),
      span(keyName(binding.keys[0] ?? ""), "title"),
      span(` ${word}`, "dim"),
    ];
    if (rowWidth(next) > width) break;
    row = next;
  }
  return row;
}
