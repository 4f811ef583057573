import { newsBetween } from "../../observe/news.ts";
import { shortId } from "../../observe/short-id.ts";
import { transactionStatus, workSummary } from "../../observe/transaction.ts";
import { explain, whyLine } from "../../observe/why.ts";
import { clean } from "../cell-width.ts";
import { dialogBox } from "../dialogs/boxes.ts";
import { helpItems } from "../dialogs/help-box.ts";
import { clusterRow } from "../header.ts";
import { keyFor } from "../keymap.ts";
import { commandItem, paletteItems } from "../palette.ts";
import { plainText, type Row } from "../row.ts";
import { TAB_TITLES } from "../screens/detail.ts";
import { bodyRows } from "../screens/screens.ts";
import { chosenNode, chosenTransaction } from "../selection.ts";
import type { Screen } from "../ui.ts";
import type { View } from "../view.ts";

/** Wide enough that nothing is cut, and narrow enough that nothing stands beside it. */
const ROW_WIDTHS: Readonly<Record<Screen, number>> = {
  dashboard: 109,
  transactions: 220,
  participants: 220,
  "in-doubt": 220,
  stock: 99,
  log: 220,
};
const DIALOG_WIDTH = 109;
const DETAIL_WIDTH = 109;
/** Narrow enough to be a list. */
const SEQUENCE_WIDTH = 59;
/** Of lists, the newest rows are read. */
const LIST_ROWS = 60;
/** What is opened is read whole. */
const WHOLE_ROWS = 1_000;

/** The first words: how the cluster is, and how to go on. */
export function openingLines(view: View): readonly string[] {
  const { bindings } = view.ui;
  const keys = (
    [
      ["help", "help"],
      ["palette", "commands"],
      ...(view.readOnly ? [] : ([["order", "order"]] as const)),
      ["dashboard", "dashboard"],
      ["in-doubt", "in doubt"],
      ["quit", "quit"],
    ] as const
  )
    .map(([command, word]) => [keyFor(bindings, command), word] as const)
    .filter(([key]) => key !== "");
  return [...clusterLines(view), keys.map(([key, word]) => `${SPOKEN_KEYS[key] ?? key}: ${word}`).join(", ")];
}

function clusterLines(view: View): readonly string[] {
  return spoken([clusterRow(view, ROW_WIDTHS.log)]);
}

/** What a screen reader would pass over. */
const SPOKEN_KEYS: Readonly<Record<string, string>> = { "?": "question mark", ":": "colon" };

/** What is said of a change, one sentence a line: of the cluster, and of what the user has just done. */
export function linesBetween(before: View, after: View): readonly string[] {
  const news = newsBetween(before.model, after.model).filter((text) => !isSaid(text, after));
  return [...news.map((text) => clean(text)), ...uiLines(before, after)];
}

/** What has become of the user's own order was said as the answer came: `1.1 committed in 43 ms`. */
function isSaid(text: string, { ui }: View): boolean {
  const [what = text] = text.split(":");
  return ui.flash?.text.startsWith(what) ?? false;
}

function uiLines(before: View, after: View): readonly string[] {
  const [old, now] = [before.ui, after.ui];
  const lines: string[] = [];
  if (now.flash !== null && now.flash !== old.flash) lines.push(clean(now.flash.text));
  if (now.dialog !== old.dialog) lines.push(...dialogLines(before, after));
  const isElsewhere =
    now.screen !== old.screen || now.detail !== old.detail || now.detailTab !== old.detailTab;
  if (isElsewhere && now.detail !== null && now.detail === old.detail) lines.push(...tabLines(after));
  else if (isElsewhere) lines.push(...screenLines(after));
  else if (now.selectedTransaction !== old.selectedTransaction) lines.push(...chosenLine(after));
  else if (now.selectedNode !== old.selectedNode) lines.push(`on ${chosenNode(after)?.name ?? "no node"}`);
  if (!now.typingFilter && now.filter !== old.filter)
    lines.push(now.filter === "" ? "no filter" : `filter ${clean(now.filter)}`);
  if ((now.frozen === null) !== (old.frozen === null))
    lines.push(now.frozen === null ? "the view goes on" : "the view is frozen");
  return lines;
}

/** Of a dialog that stays open, only what has changed. */
function dialogLines(before: View, after: View): readonly string[] {
  const searched = searchLines(before, after);
  if (searched !== null) return searched;
  const shown = (view: View): readonly string[] =>
    view.ui.dialog === null ? [] : spoken(dialogBox(view, view.ui.dialog, DIALOG_WIDTH, WHOLE_ROWS).rows);
  const [old, now] = [shown(before), shown(after)];
  if (after.ui.dialog === null) return ["closed"];
  if (before.ui.dialog?.type !== after.ui.dialog.type) return now;
  // Where the cursor has left is no news.
  const left = old.map((line) => line.replace("chosen ", ""));
  return now.filter((line) => !old.includes(line) && !left.includes(`> ${line}`));
}

/** Where one looks for something by typing, how much is found and what Enter would do; null elsewhere, and where the help is opened. */
function searchLines(before: View, after: View): readonly string[] | null {
  const [old, now] = [before.ui.dialog, after.ui.dialog];
  if (now?.type !== "palette" && (now?.type !== "help" || old?.type !== "help")) return null;
  if (old?.type === now.type && old.query === now.query && old.index === now.index) return [];
  const found =
    now.type === "palette" ? paletteItems(after, now) : helpItems(after, now.query).map(commandItem);
  const item = found[now.index];
  const chosen = item === undefined ? [] : [`> ${item.name}, ${item.note}${spokenKey(item.key)}`];
  if (old?.type === now.type && old.query === now.query) return chosen;
  const head = now.query === "" ? "type a name, Enter runs it, Esc closes" : now.query;
  return [`${head}, ${found.length} found`, ...chosen].map((text) => clean(text));
}

function spokenKey(key: string): string {
  return key === "" ? "" : `, key ${SPOKEN_KEYS[key] ?? key}`;
}

/** What a tab holds, without what stands above all of them. */
function tabLines(view: View): readonly string[] {
  const lines = screenLines(view);
  const tabs = lines.findIndex((line) => line.startsWith(Object.values(TAB_TITLES).slice(0, 2).join(", ")));
  return [...lines.slice(0, 1), ...lines.slice(tabs + 1)];
}

function screenLines(view: View): readonly string[] {
  const { detail, detailTab, screen } = view.ui;
  if (detail !== null) {
    const width = detailTab === "sequence" ? SEQUENCE_WIDTH : DETAIL_WIDTH;
    return [`tab ${TAB_TITLES[detailTab]}`, ...spoken(bodyRows(view, width, WHOLE_ROWS))];
  }
  const head = screen === "dashboard" ? clusterLines(view) : [];
  return [...head, ...spoken(bodyRows(view, ROW_WIDTHS[screen], LIST_ROWS))];
}

function chosenLine(view: View): readonly string[] {
  const chosen = chosenTransaction(view);
  if (chosen === null) return [];
  const status = transactionStatus(view.model, chosen);
  const text = explain(view.model, chosen) === null ? workSummary(chosen) : whyLine(view.model, chosen);
  return [clean(`on ${shortId(chosen.id)} ${status}: ${text}`)];
}

/** Rows as sentences: no lines that are only drawn, no columns of blanks. */
function spoken(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => {
    const text = plainText(row)
      .replace("‹ ", "chosen ")
      .replace(/[─│┌┐└┘┼┊╌‹›]+/g, " ")
      .replaceAll("←→", "left and right")
      .replaceAll("↑↓", "up and down")
      .replaceAll("↑", "up")
      .trim()
      .replace(/ {2,}/g, ", ");
    return text === "" ? [] : [text];
  });
}
