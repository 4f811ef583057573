import { counted } from "../observe/figures.ts";
import { sortedNodes } from "../observe/node-status.ts";
import { parseFilter } from "./filter.ts";
import { type Binding, keyFor, keyHint, keyName } from "./keymap.ts";
import { fitRow, type Row, rowWidth, span } from "./row.ts";
import { troubleRow } from "./trouble.ts";
import { activeFilter } from "./ui.ts";
import type { View } from "./view.ts";

/** Below this height there is one row for all messages. */
const LOW = 20;

/**
 * The filter, or the last thing that happened to the user's own doing, and what is wrong: the one never hides the other. Where
 * both do not fit in one row they have two, and on a low screen what is wrong is said in fewer words.
 */
export function messageRows(view: View, width: number, height: number): readonly Row[] {
  const message = messageRow(view);
  const trouble = worstRow(view, "whole");
  if (message.length === 0 || trouble.length === 0) return [[...message, ...trouble]];
  const beside = (first: Row, second: Row): Row => [...first, span(DIVIDER, "dim"), ...second];
  const both = beside(message, trouble);
  if (rowWidth(both) <= width) return [both];
  if (height >= LOW) return [message, trouble];
  const brief = worstRow(view, "brief");
  if (brief.length === 0) return [message];
  return [beside(fitRow(message, width - DIVIDER.length - rowWidth(brief)), brief)];
}

const DIVIDER = "  │  ";

/** The filter being typed, else what was done, or that the view is frozen; empty where there is nothing to say. */
function messageRow(view: View): Row {
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
    return [span(`filter /${filter}`, "accent"), span("   "), span(what.text, what.tone)];
  }
  if (ui.flash !== null) return [span(ui.flash.text, ui.flash.tone)];
  if (ui.frozen === null) return [];
  const since = view.arrived === undefined ? "" : `: ${counted(view.arrived, "event")} since`;
  return [span(`view frozen${since}${keyHint(ui.bindings, "freeze", "thaws it")}`, "warn")];
}

/** What is wrong with nodes and links now; else the last alarm, which stays until somebody takes note of it. */
function worstRow(view: View, length: "whole" | "brief"): Row {
  const trouble = troubleRow(view, length);
  if (trouble.length > 0) return trouble;
  const alarming = sortedNodes(view.model).find((node) => (node.view?.alarms ?? []).length > 0);
  if (alarming === undefined) return [];
  const text = length === "brief" ? "alarm" : alarming.view?.alarms.at(-1);
  return [span(`! ${alarming.name}: ${text}`, "bad")];
}

/** `n N next and before, Esc clears it`. */
function filterKeys(bindings: readonly Binding[]): string {
  const keys = [keyFor(bindings, "next-match"), keyFor(bindings, "previous-match")];
  return keys.includes("") ? "Esc clears it" : `${keys.join(" ")} next and before, Esc clears it`;
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
