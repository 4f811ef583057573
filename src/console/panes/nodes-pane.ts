import { age, counted, roundTrip, timeOfDay } from "../../observe/figures.ts";
import { injectedWords } from "../../observe/injected.ts";
import type { NodeState } from "../../observe/model.ts";
import {
  exitWords,
  type NodeStatus,
  nodeStatus,
  peerViewOf,
  sortedNodes,
} from "../../observe/node-status.ts";
import { preparedParticipants, unfinishedTransactions } from "../../observe/transaction.ts";
import { grouped } from "../../schema/money.ts";
import { keyFor } from "../keymap.ts";
import { fitRow, type Row, rowWidth, span, type Tone } from "../row.ts";
import { listNodes } from "../selection.ts";
import { type Column, headerRow, itemRow, layoutColumns } from "../table.ts";
import type { View } from "../view.ts";

/** One node as the table shows it. */
interface NodeLine {
  readonly node: NodeState;
  readonly status: NodeStatus;
  readonly roundTripMs: number | null;
  readonly awaiting: number;
  readonly prepared: number;
  readonly led: number;
  /** For how long it has been away. */
  readonly since: string;
  readonly note: string;
}

export const STATUS_WORDS: Record<
  NodeStatus,
  { readonly mark: string; readonly word: string; readonly tone: Tone }
> = {
  up: { mark: "+", word: "up", tone: "good" },
  paused: { mark: "=", word: "PAUSED", tone: "warn" },
  starting: { mark: "~", word: "starting", tone: "warn" },
  unheard: { mark: "?", word: "LOST", tone: "warn" },
  down: { mark: "x", word: "DOWN", tone: "bad" },
  failed: { mark: "x", word: "FAILED", tone: "bad" },
};

/** One row a node; with a header where `header`. */
export function nodesPane(
  view: View,
  width: number,
  options: { header: boolean; selected: string | null },
): readonly Row[] {
  const lines = nodeLines(view);
  const layout = layoutColumns(columnsFor(lines), width - 2);
  const rows = lines.map((line) => {
    const selected = line.node.name === options.selected;
    const row = [span(selected ? "> " : "  ", "accent"), ...itemRow(layout, line)];
    return fitRow(selected ? row.map((each) => ({ ...each, tone: "selected" as const })) : row, width);
  });
  return options.header ? [[span("  "), ...headerRow(layout)], ...rows] : rows;
}

/** All nodes in one row, for screens too low for a table. */
export function nodesLine(view: View, width: number): Row {
  const whole = nodesInLine(view, true);
  // The mark says already who is up, and who is on its way.
  return rowWidth(whole) <= width ? whole : nodesInLine(view, false);
}

function nodesInLine(view: View, isWhole: boolean): Row {
  return sortedNodes(view.model).flatMap((node, index) => {
    const status = nodeStatus(node);
    const { mark, word, tone } = STATUS_WORDS[status];
    const away = awayFor(view, node, status);
    const since = away === "" ? "" : ` ${away}`;
    return [
      span(index === 0 ? "" : isWhole ? "   " : "  "),
      span(`${mark} `, tone),
      span(node.name),
      span(!isWhole && (status === "up" || status === "starting") ? "" : ` ${word}${since}`, tone),
    ];
  });
}

function nodeLines(view: View): readonly NodeLine[] {
  const unfinished = unfinishedTransactions(view.model);
  return listNodes(view).map((node) => {
    const peer = peerViewOf(view.model, node.name);
    const status = nodeStatus(node);
    return {
      node,
      status,
      since: awayFor(view, node, status),
      roundTripMs: peer?.roundTripMs ?? null,
      awaiting: peer?.awaiting ?? 0,
      prepared: unfinished.filter((each) => preparedParticipants(each).includes(node.name)).length,
      led: unfinished.filter((each) => each.coordinator === node.name).length,
      note: noteOf(view, node),
    };
  });
}

/** `PAUSED` and for how long takes two columns more than the other states; they are given only where one is. */
function columnsFor(lines: readonly NodeLine[]): readonly Column<NodeLine>[] {
  const isAnyPaused = lines.some(({ status }) => status === "paused");
  return columns.map((each) => (each.title === "STATE" && isAnyPaused ? { ...each, width: 10 } : each));
}

const columns: readonly Column<NodeLine>[] = [
  {
    title: "  NODE",
    width: 13,
    grow: 1,
    drop: 0,
    cell: ({ node, status }) => span(`${STATUS_WORDS[status].mark} ${node.name}`, STATUS_WORDS[status].tone),
  },
  {
    title: "STATE",
    width: 8,
    drop: 0,
    cell: ({ status, since }) =>
      span(`${STATUS_WORDS[status].word}${since === "" ? "" : ` ${since}`}`, STATUS_WORDS[status].tone),
  },
  { title: "PID", width: 6, align: "right", drop: 5, cell: ({ node }) => span(pidText(node), "dim") },
  {
    title: "RTT",
    width: 6,
    align: "right",
    drop: 4,
    cell: ({ status, roundTripMs }) =>
      span(status === "up" && roundTripMs !== null ? roundTrip(roundTripMs) : "-", "dim"),
  },
  {
    title: "EPOCH",
    width: 5,
    align: "right",
    drop: 6,
    cell: ({ node }) => span(node.view === null ? "-" : String(node.view.epoch), "dim"),
  },
  {
    title: "LOG",
    width: 7,
    align: "right",
    drop: 7,
    cell: ({ node }) => span(node.view === null ? "-" : `#${grouped(String(node.view.forcedSeq))}`, "dim"),
  },
  { title: "WORK", width: 8, grow: 1, drop: 3, cell: workCell },
  {
    title: "NOTE",
    width: 16,
    grow: 4,
    drop: 2,
    cell: ({ status, note }) => span(note, status === "up" ? "dim" : STATUS_WORDS[status].tone),
  },
];

function workCell({ node, prepared, led, awaiting }: NodeLine) {
  const parts: string[] = [];
  if (led > 0) parts.push(`leads ${led}`);
  if (prepared > 0) parts.push(`holds ${prepared}`);
  if (node.kind !== "coordinator" && awaiting > 0) parts.push(`acks ${awaiting}`);
  return parts.length === 0 ? span("-", "dim") : span(parts.join(", "), "warn");
}

function pidText(node: NodeState): string {
  const pid = node.process === null ? node.view?.pid : node.process.pid;
  return pid === undefined || pid === null ? "-" : String(pid);
}

function noteOf(view: View, node: NodeState): string {
  const status = nodeStatus(node);
  if (status === "down" || status === "failed") {
    const key = keyFor(view.ui.bindings, "restart");
    const next = view.hasControl && !view.readOnly && key !== "" ? `; press ${key}` : "";
    return `${exitWords(node) ?? "gone"}${next}`;
  }
  if (status === "paused") return `since ${timeOfDay(node.process?.sinceMs ?? view.nowMs)}, stands still`;
  if (status === "unheard") return `reconnecting: ${node.linkWhy ?? "connection lost"}${sinceTime(node)}`;
  if (status === "starting") return node.process?.isReset ? "is being reset" : "waiting for it";
  const alarms = node.view?.alarms ?? [];
  if (alarms.length > 0) return `${counted(alarms.length, "alarm")}: ${alarms.at(-1)}`;
  const { injected } = node.view ?? {};
  const words = injected === undefined ? [] : injectedWords({ ...injected, isHolding: false });
  if (words.length > 0) return `injected: ${words.join(", ")}`;
  const recovery = node.view?.recovery ?? "";
  const restarts = node.process?.restarts ?? 0;
  if (restarts > 0) return `restarted ${restarts}×`;
  return recovery === "clean" ? "" : recovery;
}

function awayFor(view: View, node: NodeState, status: NodeStatus): string {
  if (status === "paused") return age(view.nowMs - (node.process?.sinceMs ?? view.nowMs));
  if ((status !== "down" && status !== "unheard") || node.linkSinceMs === null) return "";
  return age(view.nowMs - node.linkSinceMs);
}

function sinceTime(node: NodeState): string {
  return node.linkSinceMs === null ? "" : ` since ${timeOfDay(node.linkSinceMs)}`;
}
