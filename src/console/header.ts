import { age, duration, timeOfDay } from "../observe/figures.ts";
import { openHeuristics } from "../observe/heuristic.ts";
import { invariants } from "../observe/invariants.ts";
import { behindMs } from "../observe/lateness.ts";
import { isOutOfReach, lostLinks } from "../observe/lost-links.ts";
import { hasManyCoordinators, nodeStatus, participantNodes, sortedNodes } from "../observe/node-status.ts";
import { lastSeconds, type Pulse, sparkline } from "../observe/pulse.ts";
import { shortId } from "../observe/short-id.ts";
import { inDoubtCount, toldOneIn, unfinishedCount } from "../observe/tally.ts";
import { unfinishedTransactions } from "../observe/transaction.ts";
import { type Row, rowWidth, type Span, span, type Tone } from "./row.ts";
import { openedTransaction } from "./selection.ts";
import { PANES, SCREENS, type Screen } from "./ui.ts";
import type { View } from "./view.ts";
import { waitingOrders } from "./waiting-orders.ts";

/** Name, whether the view is live, and the figures that say whether all is well; at its end, where there is room, the time. */
export function clusterRow(view: View, width: number): Row {
  const row = stateRow(view, width);
  const clock = clockText(view);
  const room = width - rowWidth(row) - clock.length - 1;
  return clock === "" || room < 2 ? row : [...row, span(" ".repeat(room)), span(clock, "dim")];
}

/** Hours and minutes: one row a minute is all that an idle console writes. A moment that is kept has its own time. */
function clockText({ ui, nowMs }: View): string {
  return ui.frozen === null && ui.replay === null ? timeOfDay(nowMs).slice(0, 5) : "";
}

function stateRow(view: View, width: number): Row {
  const { ui, clusterName } = view;
  const live: Span = ui.frozen === null ? liveSpan(view) : span("FROZEN", "warn");
  const name: Row = [span(` ${clusterName} `, "strong"), span(" "), live];
  const head: Row = [span(" 2pc-console ", "selected"), ...name];
  const facts = factsOf(view);
  const long = facts.map((fact) => [span("   "), span(`${fact.long} `, "dim"), span(fact.value, fact.tone)]);
  const short = facts.map((fact) => [span("  "), span(`${fact.short} `, "dim"), span(fact.value, fact.tone)]);
  for (const row of [long, short]) {
    const whole = [...head, ...row.flat()];
    if (rowWidth(whole) <= width) return whole;
  }
  // What is wrong matters more than what the program is called.
  let fitting: Row = width < NARROW ? name : head;
  for (const fact of short) {
    if (rowWidth(fitting) + rowWidth(fact) <= width) fitting = [...fitting, ...fact];
  }
  return fitting;
}

/** Below this width the program's own name is left out. */
const NARROW = 60;

/** One word for the whole; where nobody is heard, for how long. */
function liveSpan({ model, ui, nowMs }: View): Span {
  if (ui.replay !== null) return span("REPLAY", "accent");
  const nodes = sortedNodes(model);
  if (nodes.length === 0) return span("STARTING", "warn");
  const states = nodes.map(nodeStatus);
  if (nodes.some((node) => node.view?.injected?.isHolding)) return span("HELD", "warn");
  if (states.every((status) => status === "up")) {
    return lostLinks(model).length === 0 ? span("LIVE", "good") : span("DEGRADED", "warn");
  }
  // What has not come up yet is not missing.
  const isComing =
    states.includes("starting") && states.every((each) => each === "up" || each === "starting");
  if (isComing) return span("STARTING", "warn");
  if (states.includes("up")) return span("DEGRADED", "warn");
  if (states.includes("starting")) return span("STARTING", "warn");
  const since = Math.max(...nodes.map((node) => node.linkSinceMs ?? 0));
  return span(`DISCONNECTED${since === 0 ? "" : ` ${age(nowMs - since)}`}`, "bad");
}

interface Fact {
  readonly long: string;
  readonly short: string;
  readonly value: string;
  readonly tone: Tone;
}

/** What is shown later than this is said to be late: more than what heartbeats wait for each other. */
const BEHIND_MS = 1_500;

/** In order of importance: on narrow screens the last are left out. */
function factsOf(view: View): readonly Fact[] {
  const { model, ui, nowMs } = view;
  const unfinished = unfinishedCount(model) + waitingOrders(model, ui);
  const inDoubt = inDoubtCount(model);
  const heuristic = unfinishedTransactions(model).filter((each) => openHeuristics(each).length > 0).length;
  const oneIn = toldOneIn(model);
  const late = ui.frozen === null ? behindMs(model, nowMs) : 0;
  const parts = participantNodes(model);
  const links = lostLinks(model);
  // Nothing commits at a participant that runs but that no coordinator reaches.
  const up = parts.filter(
    (node) => nodeStatus(node) === "up" && !isOutOfReach(model, links, node.name),
  ).length;
  const checked = invariants(model);
  const broken = checked.some((each) => !each.holds);
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
      value: String(unfinished),
      tone: unfinished > 0 ? "warn" : "plain",
    },
    ...(oneIn > 1
      ? [{ long: "showing", short: "shown", value: `1 in ${oneIn}`, tone: "warn" } as const]
      : []),
    ...(late >= BEHIND_MS
      ? [{ long: "behind", short: "behind", value: duration(late), tone: "warn" } as const]
      : []),
    { long: "events/s", short: "ev/s", value: String(eventsPerSecond(view)), tone: "plain" },
  ];
  return view.readOnly && view.ui.replay === null
    ? [...facts, { long: "mode", short: "", value: "read-only", tone: "warn" }]
    : facts;
}

/** Events of the last whole second. */
function eventsPerSecond({ model, nowMs }: View): number {
  return lastSeconds(model.pulses, nowMs, 1)[0]?.events ?? 0;
}

const TITLES: Record<Screen, { readonly long: string; readonly short: string }> = {
  dashboard: { long: "Dashboard", short: "Dash" },
  transactions: { long: "Transactions", short: "Tx" },
  participants: { long: "Participants", short: "Nodes" },
  "in-doubt": { long: "In doubt", short: "Doubt" },
  stock: { long: "Stock and ledger", short: "Stock" },
  log: { long: "Log", short: "Log" },
};

/** The screens, and at the right end, where there is room, how much is committed and how fast. */
export function tabsRow(view: View, width: number): Row {
  const { ui } = view;
  const build = (kind: "long" | "short", gap: string): Row => [
    ...SCREENS.flatMap((screen, index) => [
      span(` ${index + 1} ${TITLES[screen][kind]} `, screen === ui.screen ? "selected" : "plain"),
      span(gap),
    ]),
    ...crumbs(view),
  ];
  const layouts = [build("long", " "), build("short", ""), numbersRow(view)];
  const tabs = layouts.find((row) => rowWidth(row) <= width) ?? numbersRow(view);
  const room = width - rowWidth(tabs) - 2;
  const pulse = pulseSpans(view, room);
  return [...tabs, span(" ".repeat(Math.max(0, room + 2 - rowWidth(pulse)))), ...pulse];
}

/** Where there is no room for more: a number for each screen, and the name of the one that is shown. */
function numbersRow(view: View): Row {
  const { ui } = view;
  const tabs = SCREENS.map((screen, index) => {
    const isShown = screen === ui.screen;
    return span(
      isShown ? ` ${index + 1} ${TITLES[screen].short} ` : ` ${index + 1} `,
      isShown ? "selected" : "plain",
    );
  });
  return [...tabs, ...crumbs(view)];
}

/** Where one is below the screen: what is open in it, or which pane of it is alone. */
function crumbs(view: View): Row {
  const { ui, model } = view;
  if (ui.detail !== null) {
    // Of a request that was tried again the newest attempt is shown.
    const name = shortId(openedTransaction(view)?.id ?? ui.detail, hasManyCoordinators(model));
    return [span("> ", "dim"), span(name, "accent"), span(" > ", "dim"), span(ui.detailTab, "accent")];
  }
  const pane = ui.zoomed ? PANES[ui.screen][ui.pane] : undefined;
  return pane === undefined ? [] : [span("> ", "dim"), span(pane, "accent")];
}

const SPARK_MIN = 5;
/** How many seconds the sparklines go back at most. */
export const SPARK_MAX = 20;

/** `12/s ▁▂▇▅ 31 ms ▁▁▂▃`; nothing where there is no room, or nothing was committed in that time. */
function pulseSpans({ model, nowMs }: View, room: number): Row {
  const all = lastSeconds(model.pulses, nowMs, SPARK_MAX);
  const total = all.reduce((sum, { committed }) => sum + committed, 0);
  if (total === 0) return [];
  const rate = `${all.at(-1)?.committed ?? 0} tx/s `;
  const latest = all.findLast(({ committed }) => committed > 0);
  const took = ` ${latest === undefined ? "-" : duration(Math.round(meanMs(latest)))} `;
  const cells = Math.min(SPARK_MAX, Math.floor((room - rate.length - took.length) / 2));
  if (cells < SPARK_MIN) return [];
  const shown = all.slice(-cells);
  return [
    span(rate, "dim"),
    span(sparkline(shown.map(({ committed }) => committed)), "good"),
    span(took, "dim"),
    span(sparkline(shown.map(meanMs)), "accent"),
  ];
}

function meanMs({ committed, tookMs }: Pulse): number {
  return committed === 0 ? 0 : tookMs / committed;
}

/** Whether what the header shows of the last seconds still moves. */
export function isPulsing({ model, nowMs }: Pick<View, "model" | "nowMs">): boolean {
  return lastSeconds(model.pulses, nowMs, SPARK_MAX + 1).some(
    ({ events, committed }) => events + committed > 0,
  );
}
