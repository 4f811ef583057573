import { ageText } from "../../observe/attempts.ts";
import { isOlderThanTold } from "../../observe/beginning.ts";
import { duration, timeOfDay } from "../../observe/figures.ts";
import { heuristicLine } from "../../observe/heuristic.ts";
import { isBlocked } from "../../observe/in-doubt.ts";
import type { Model, Transaction } from "../../observe/model.ts";
import { hasManyCoordinators, nodeStatus, participantNodes } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import {
  isFinished,
  type TransactionStatus,
  tookMs,
  transactionStatus,
  type VoteLetter,
  voteLetter,
  workSummary,
} from "../../observe/transaction.ts";
import { whyLine } from "../../observe/why.ts";
import type { NodeName } from "../../schema/ids.ts";
import { gapsNote } from "../gaps.ts";
import { type Command, keyFor } from "../keymap.ts";
import { fitRow, type Row, rowWidth, type Span, selectedRow, span, type Tone, titleRow } from "../row.ts";
import { sortNote } from "../sort.ts";
import { type Column, headerRow, itemRow, layoutColumns, visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { listTransactions, selectedOf } from "./transaction-list.ts";

/** From this width on, what a transaction does has a column of its own. */
const ROOMY = 108;

export const TRANSACTION_WORDS: Record<TransactionStatus, { readonly mark: string; readonly tone: Tone }> = {
  preparing: { mark: "1", tone: "warn" },
  "one-phase": { mark: "1", tone: "warn" },
  deciding: { mark: "1", tone: "warn" },
  committing: { mark: "2", tone: "warn" },
  aborting: { mark: "2", tone: "warn" },
  "in-doubt": { mark: "!", tone: "bad" },
  retrying: { mark: "~", tone: "warn" },
  heuristic: { mark: "H", tone: "bad" },
  mixed: { mark: "M", tone: "bad" },
  committed: { mark: "+", tone: "good" },
  aborted: { mark: "-", tone: "plain" },
  unknown: { mark: "?", tone: "bad" },
};

const letterTones: Record<VoteLetter, Tone> = {
  ".": "dim",
  "?": "warn",
  Y: "good",
  N: "bad",
  R: "good",
  P: "bad",
  H: "bad",
  M: "bad",
  C: "good",
  A: "good",
  X: "bad",
  T: "bad",
  "-": "dim",
};

/** The list with its title, header and vote matrix, exactly `height` rows at most. */
export function transactionsPane(
  view: View,
  width: number,
  height: number,
  focused: boolean,
): readonly Row[] {
  const list = listTransactions(view);
  const total = view.model.transactions.size;
  const [oldest] = view.model.transactions.values();
  const note = [
    countNote(view, list.length, total),
    gapsNote(view, "transactions", oldest?.startedAtMs ?? null),
    sortNote(view.ui.sorts.transactions),
  ];
  const title = titleRow("Transactions", width, {
    focused,
    note: note.filter((each) => each !== "").join(", "),
  });
  if (list.length === 0) return [title, ...emptyRows(view, total, width)];
  return [title, ...transactionRows(view, list, width, height - 1)];
}

function countNote(view: View, shown: number, total: number): string {
  if (view.ui.filter !== "" && view.ui.screen !== "log") return `${shown} of ${total} match`;
  return total === 0 ? "" : String(shown);
}

/** Nobody waits in a recorded run. */
export function nobodyYet({ ui }: View): string {
  return ui.replay === null ? "waiting for the first node" : "no node has been heard yet";
}

function emptyRows(view: View, total: number, width: number): readonly Row[] {
  if (view.model.nodes.size === 0) return [[span(`  ${nobodyYet(view)}`, "dim")]];
  const parts = participantNodes(view.model);
  if (total === 0 && !parts.some((node) => nodeStatus(node) === "up")) {
    const names = parts.map(({ name }) => name).join(" and ");
    return [[span(`  waiting for ${names === "" ? "a participant" : names}`, "dim")]];
  }
  if (total > 0) return noMatchRows(view);
  if (view.readOnly) return [[span("  none yet", "dim")]];
  const key = (command: Command) => span(keyFor(view.ui.bindings, command), "title");
  const hints: readonly Row[] = [
    ...(view.hasControl ? [[key("open"), span(" places a first order")]] : []),
    [key("order"), span(view.hasControl ? " chooses what" : " places an order")],
    [key("burst"), span(" places ten")],
  ];
  return [fitting([span("  none yet: ")], hints, width)];
}

/** A row with as many of the parts as there is room for, the first ones first. */
function fitting(head: Row, parts: readonly Row[], width: number): Row {
  let row = head;
  for (const [index, part] of parts.entries()) {
    const next = [...row, ...(index === 0 ? [] : [span(", ")]), ...part];
    if (rowWidth(next) > width) break;
    row = next;
  }
  return row;
}

function noMatchRows(view: View): readonly Row[] {
  const none: Row = [span("  nothing matches; Esc clears the filter", "dim")];
  const [oldest] = view.model.transactions.values();
  if (gapsNote(view, "transactions", oldest?.startedAtMs ?? null) === "") return [none];
  return [none, [span("  not all are shown: 2pc-console tx show ID asks the nodes", "dim")]];
}

/** Header and rows of a list of transactions. */
export function transactionRows(
  view: View,
  list: readonly Transaction[],
  width: number,
  height: number,
): readonly Row[] {
  const layout = layoutColumns(columnsFor(view, list, width >= ROOMY), width - 2);
  const chosen = selectedOf(view, list);
  const index = Math.max(0, chosen === null ? 0 : list.indexOf(chosen));
  const room = Math.max(1, height - 1);
  const from = visibleFrom(list.length, index, room);
  const rows = list.slice(from, from + room).map((transaction) => {
    const row = itemRow(layout, transaction);
    return transaction === chosen ? selectedRow([span("> "), ...row], width) : [span("  "), ...row];
  });
  return [fitRow([span("  "), ...headerRow(layout)], width), ...rows];
}

function columnsFor(
  view: View,
  list: readonly Transaction[],
  roomy: boolean,
): readonly Column<Transaction>[] {
  const { model, nowMs } = view;
  const named = hasManyCoordinators(model);
  const idWidth = list.reduce((width, each) => Math.max(width, idWidthOf(each, named)), 4);
  const status = (transaction: Transaction) => transactionStatus(model, transaction);
  const workColumn: Column<Transaction> = {
    title: "WORK",
    width: 30,
    grow: 2,
    drop: 2,
    cell: (tx) => span(workSummary(tx), "dim"),
  };
  return [
    {
      title: "TX",
      width: Math.min(idWidth, 24),
      drop: 0,
      cell: (tx) => span(shortId(tx.id, named), "accent"),
    },
    { title: "  STATE", width: 12, drop: 0, cell: (tx) => statusSpan(model, tx) },
    ...voteColumns(view),
    {
      title: "AGE",
      width: 5,
      align: "right",
      drop: 4,
      cell: (tx) =>
        isFinished(status(tx)) && view.ui.times === "clock"
          ? span(isOlderThanTold(model, tx) ? "-" : timeOfDay(tx.startedAtMs).slice(0, 5), "dim")
          : span(ageText(model, tx, nowMs), "warn"),
    },
    { title: "TOOK", width: 7, align: "right", drop: 5, cell: (tx) => tookSpan(view, tx) },
    ...(roomy ? [workColumn] : []),
    {
      title: roomy ? "WHY" : "DETAIL",
      width: 28,
      grow: 3,
      drop: 1,
      cell: (tx) => detailSpan(view, tx, roomy),
    },
  ];
}

const idWidths = new WeakMap<Transaction, readonly [short: number, named: number]>();

function idWidthOf(transaction: Transaction, named: boolean): number {
  const known = idWidths.get(transaction) ?? [
    shortId(transaction.id).length,
    shortId(transaction.id, true).length,
  ];
  idWidths.set(transaction, known);
  return known[named ? 1 : 0];
}

/** Why, or where there is nothing to explain and no other column for it, what the transaction does. */
function detailSpan(view: View, transaction: Transaction, roomy: boolean): Span {
  const status = transactionStatus(view.model, transaction);
  const tries = status === "retrying" ? [] : attemptWords(transaction);
  const byHand = heuristicLine(transaction);
  if (byHand !== null && isFinished(status)) return span(byHand, "bad");
  if (status === "committed") {
    return span([...tries, ...(roomy ? [] : [workSummary(transaction)])].join(": "), "dim");
  }
  const tone = isFinished(status) ? "plain" : TRANSACTION_WORDS[status].tone;
  return span([...tries, whyLine(view.model, transaction)].join(": "), tone);
}

/** Where one request had several transactions, or is about to: an abort that is tried again is not the end of an order. */
function attemptWords({ coordinatorView }: Transaction): readonly string[] {
  if (coordinatorView === null) return [];
  const { attempt, reason } = coordinatorView;
  return attempt > 1 || reason?.retryable ? [`attempt ${attempt}`] : [];
}

/** Of a request that is tried again, the last attempt alone took little, and says nothing. */
function tookSpan({ model }: View, transaction: Transaction): Span {
  const isOver = isFinished(transactionStatus(model, transaction));
  const milliseconds = isOver ? tookMs(transaction) : null;
  return span(milliseconds === null ? "" : duration(milliseconds), "dim");
}

/** `! BLOCKED`: a mark and a word, which say without colour what the tone repeats. */
export function statusSpan(model: Model, transaction: Transaction): Span {
  const status = transactionStatus(model, transaction);
  const { mark, tone } = TRANSACTION_WORDS[status];
  if (status === "in-doubt")
    return span(`${mark} ${isBlocked(model, transaction) ? "BLOCKED" : "IN DOUBT"}`, tone);
  return span(`${mark} ${tone === "bad" ? status.toUpperCase() : status}`, tone);
}

function voteColumns(view: View): readonly Column<Transaction>[] {
  const names = participantNodes(view.model).map((node) => node.name);
  const short = abbreviations(names);
  return names.map((name, index) => ({
    title: short[index] ?? name,
    width: 3,
    gap: index === 0 ? 2 : 1,
    drop: index < 4 ? 0 : 2,
    cell: (transaction: Transaction) => {
      const letter = voteLetter(view.model, transaction, name);
      return span(` ${letter} `, letterTones[letter]);
    },
  }));
}

export function voteSpan(view: View, transaction: Transaction, name: NodeName): Span {
  const letter = voteLetter(view.model, transaction, name);
  return span(letter, letterTones[letter]);
}

/** Three letters a name: its first three, or two and the last where that would not tell them apart. */
export function abbreviations(names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const head = name.slice(0, 3).toUpperCase();
    const alone = names.every((other) => other === name || other.slice(0, 3).toUpperCase() !== head);
    return alone ? head : `${name.slice(0, 2)}${name.slice(-1)}`.toUpperCase();
  });
}
