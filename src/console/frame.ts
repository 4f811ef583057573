import { entryTimeMs } from "../observe/describe.ts";
import { openHeuristics } from "../observe/heuristic.ts";
import { invariants } from "../observe/invariants.ts";
import type { Model } from "../observe/model.ts";
import { nodeStatus, participantNodes, sortedNodes } from "../observe/node-status.ts";
import { transactionStatus, unfinishedTransactions } from "../observe/transaction.ts";
import { dialogBox } from "./dialogs/boxes.ts";
import { type Binding, keyName } from "./keymap.ts";
import { fitRow, overlayRows, type Row, rowWidth, type Span, span, type Tone } from "./row.ts";
import { bodyRows } from "./screens/screens.ts";
import { SCREENS, type Screen } from "./ui.ts";
import type { View } from "./view.ts";

export const COLUMNS_MIN = 40;
export const ROWS_MIN = 10;

/** The whole screen: exactly `height` rows of exactly `width` columns. */
export function frameRows(view: View, width: number, height: number): readonly Row[] {
  if (isTooSmall(width, height)) return tooSmallRows(width, height);
  const head = [clusterRow(view, width), tabsRow(view, width)];
  const foot = [messageRow(view, width), hintRow(view, width)];
  const room = height - head.length - foot.length;
  const rows = [...head, ...bodyRows(view, width, room), ...foot];
  return withDialog(view, rows, width, height).map((row) => fitRow(row, width));
}

export function isTooSmall(width: number, height: number): boolean {
  return width < COLUMNS_MIN || height < ROWS_MIN;
}

function tooSmallRows(width: number, height: number): readonly Row[] {
  const lines = [
    "2pc-console",
    `needs ${COLUMNS_MIN}x${ROWS_MIN}, has ${width}x${height}`,
    "enlarge it, or q quits",
  ];
  return Array.from({ length: height }, (_, index) => fitRow([span(lines[index] ?? "")], width));
}

function withDialog(view: View, rows: readonly Row[], width: number, height: number): readonly Row[] {
  const { dialog } = view.ui;
  if (dialog === null) return rows;
  // The hint row stays visible under every dialog.
  const box = dialogBox(view, dialog, width, height - 2);
  const x = Math.max(0, Math.floor((width - box.width) / 2));
  const y = Math.max(1, Math.floor((height - 1 - box.rows.length) / 2));
  return overlayRows(rows, box.rows, { x, y, width: box.width, screenWidth: width });
}

/** Name, whether the view is live, and the figures that say whether all is well. */
function clusterRow(view: View, width: number): Row {
  const { ui, clusterName } = view;
  const live: Span = ui.frozen === null ? span(liveWord(view), liveTone(view)) : span("FROZEN", "warn");
  const head: Row = [span(" 2pc-console ", "selected"), span(` ${clusterName} `, "strong"), span(" "), live];
  const facts = factsOf(view);
  const long = facts.map((fact) => [span("   "), span(`${fact.long} `, "dim"), span(fact.value, fact.tone)]);
  const short = facts.map((fact) => [span("  "), span(`${fact.short} `, "dim"), span(fact.value, fact.tone)]);
  for (const row of [long, short]) {
    const whole = [...head, ...row.flat()];
    if (rowWidth(whole) <= width) return whole;
  }
  let fitting: Row = head;
  for (const fact of short) {
    if (rowWidth(fitting) + rowWidth(fact) <= width) fitting = [...fitting, ...fact];
  }
  return fitting;
}

function liveWord({ model }: View): string {
  const nodes = sortedNodes(model);
  if (nodes.length === 0) return "STARTING";
  if (nodes.every((node) => nodeStatus(node) === "up")) return "LIVE";
  if (nodes.some((node) => nodeStatus(node) === "up")) return "DEGRADED";
  return nodes.some((node) => nodeStatus(node) === "starting") ? "STARTING" : "DISCONNECTED";
}

function liveTone(view: View): Tone {
  const word = liveWord(view);
  return word === "LIVE" ? "good" : word === "DISCONNECTED" ? "bad" : "warn";
}

interface Fact {
  readonly long: string;
  readonly short: string;
  readonly value: string;
  readonly tone: Tone;
}

/** In order of importance: on narrow screens the last are left out. */
function factsOf(view: View): readonly Fact[] {
  const { model } = view;
  const unfinished = unfinishedTransactions(model);
  const inDoubt = unfinished.filter((each) => transactionStatus(model, each) === "in-doubt").length;
  const heuristic = unfinished.filter((each) => openHeuristics(each).length > 0).length;
  const parts = participantNodes(model);
  const up = parts.filter((node) => nodeStatus(node) === "up").length;
  const checked = invariants(model);
  const broken = checked.some((each) => !each.holds);
  const rate = eventsPerSecond(model, view.nowMs);
  const facts: Fact[] = [
    {
      long: "participants",
      short: "part",
      value: parts.length === 0 ? "-" : `${up}/${parts.length}`,
      tone: parts.length === 0 ? "plain" : up === parts.length ? "good" : "bad",
    },
    ...(heuristic > 0
      ? [{ long: "heuristic", short: "HEUR", value: String(heuristic), tone: "bad" } as const]
      : []),
    { long: "in doubt", short: "DOUBT", value: String(inDoubt), tone: inDoubt > 0 ? "bad" : "good" },
    {
      long: "invariants",
      short: "inv",
      value: checked.length === 0 ? "-" : broken ? "BROKEN" : "OK",
      tone: checked.length === 0 ? "plain" : broken ? "bad" : "good",
    },
    {
      long: "unfinished",
      short: "unfin",
      value: String(unfinished.length),
      tone: unfinished.length > 0 ? "warn" : "plain",
    },
    { long: "events/s", short: "ev/s", value: String(rate), tone: "plain" },
  ];
  return view.readOnly ? [...facts, { long: "mode", short: "", value: "read-only", tone: "warn" }] : facts;
}

/** Events of the last second, from the log that is kept. */
export function eventsPerSecond(model: Model, nowMs: number): number {
  let count = 0;
  for (let index = model.log.length - 1; index >= 0; index -= 1) {
    const entry = model.log[index];
    if (entry === undefined || entryTimeMs(entry) < nowMs - 1000) break;
    count += 1;
  }
  return count;
}

const TITLES: Record<Screen, { readonly long: string; readonly short: string }> = {
  dashboard: { long: "Dashboard", short: "Dash" },
  transactions: { long: "Transactions", short: "Tx" },
  participants: { long: "Participants", short: "Nodes" },
  "in-doubt": { long: "In doubt", short: "Doubt" },
  stock: { long: "Stock and ledger", short: "Stock" },
  log: { long: "Log", short: "Log" },
};

function tabsRow(view: View, width: number): Row {
  const { ui } = view;
  const build = (kind: "long" | "short", gap: string): Row => [
    ...SCREENS.flatMap((screen, index) => [
      span(` ${index + 1} ${TITLES[screen][kind]} `, screen === ui.screen ? "selected" : "plain"),
      span(gap),
    ]),
    ...(ui.detail === null ? [] : [span("> tx", "accent")]),
  ];
  const long = build("long", " ");
  return rowWidth(long) <= width ? long : build("short", "");
}

/** The filter being typed, else the last thing that happened to the user's own doing. */
function messageRow(view: View, width: number): Row {
  const { ui } = view;
  if (ui.typingFilter) {
    return [
      span("/", "title"),
      span(`${ui.filter}_`, "strong"),
      span("   Enter keeps it, Esc clears it", "dim"),
    ];
  }
  if (ui.flash !== null) return fitRow([span(ui.flash.text, ui.flash.tone)], width);
  if (ui.filter !== "") return [span(`filter /${ui.filter}`, "accent"), span("   Esc clears it", "dim")];
  if (ui.frozen !== null) return [span("view frozen; Space thaws it", "warn")];
  const alarm = sortedNodes(view.model).flatMap(
    (node) => node.view?.alarms.slice(-1).map((text) => `${node.name}: ${text}`) ?? [],
  );
  return alarm[0] === undefined ? [] : [span(`! ${alarm[0]}`, "bad")];
}

/** `?` first and always; then as many keys as fit. */
function hintRow(view: View, width: number): Row {
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
