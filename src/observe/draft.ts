import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { AccountView, ItemView } from "../schema/views.ts";
import {
  EVENTS_MAX,
  type LifeEntry,
  type LogEntry,
  type Model,
  type NodeState,
  type Retry,
  TRANSACTIONS_MAX,
  type Transaction,
  type Untold,
} from "./model.ts";
import { addPulse, type Pulse } from "./pulse.ts";

type Rows<Row> = Map<NodeName, ReadonlyMap<string, Row>>;

/** A model under change: a slice is copied when it is first written, and at most once. */
export interface Draft {
  readonly latestMs: number;
  node(name: NodeName): NodeState;
  setNode(node: NodeState): void;
  transaction(id: TransactionId): Transaction | undefined;
  transactions(): Iterable<Transaction>;
  setTransaction(transaction: Transaction): void;
  retries(): ReadonlyMap<RequestId, Retry>;
  /** Null takes it away. */
  setRetry(id: RequestId, retry: Retry | null): void;
  setItems(name: NodeName, items: readonly ItemView[], whole: boolean): void;
  setAccounts(name: NodeName, accounts: readonly AccountView[], whole: boolean): void;
  /** The number of the last event taken in of a node's present run; -1 where there is none. */
  heard(name: NodeName): number;
  setHeard(name: NodeName, number: number): void;
  count(atMs: number): void;
  /** What a node says that it has done. */
  tallied(atMs: number, done: Omit<Pulse, "second">): void;
  /** Until then not everything was told. */
  untold(what: keyof Untold, atMs: number): void;
  /** One more transaction has committed. */
  committed(atMs: number, tookMs: number): void;
  /** A line of the log, that counts as an event or not. */
  event(event: NodeEvent, isCounted: boolean): void;
  life(entry: Omit<LifeEntry, "type" | "serial">): void;
  note(atMs: number, text: string): void;
  finish(): Model;
}

/** What came together from several nodes is put in order of time, unless it `isOrdered` already. */
export function startDraft(model: Model, isOrdered = false): Draft {
  let { eventsTotal, latestMs, pulses, untold } = model;
  const appended: Line[] = [];
  const nodes = lazyMap(model.nodes);
  const heard = lazyMap(model.heard);
  const transactions = lazyMap(model.transactions);
  const retries = lazyMap(model.retries);
  const items: { rows: Rows<ItemView> | null } = { rows: null };
  const accounts: { rows: Rows<AccountView> | null } = { rows: null };
  return {
    get latestMs() {
      return latestMs;
    },
    node: (name) => nodes.read().get(name) ?? newNode(name),
    setNode: (node) => nodes.write().set(node.name, node),
    transaction: (id) => transactions.read().get(id),
    transactions: () => transactions.read().values(),
    setTransaction: (transaction) => transactions.write().set(transaction.id, transaction),
    retries: () => retries.read(),
    setRetry(id, retry) {
      if (retry !== null) retries.write().set(id, retry);
      else if (retries.read().has(id)) retries.write().delete(id);
    },
    setItems(name, changed, whole) {
      items.rows ??= new Map(model.items);
      items.rows.set(
        name,
        merge(whole ? undefined : items.rows.get(name), changed, (item) => item.sku),
      );
    },
    setAccounts(name, changed, whole) {
      accounts.rows ??= new Map(model.accounts);
      accounts.rows.set(
        name,
        merge(whole ? undefined : accounts.rows.get(name), changed, (one) => one.id),
      );
    },
    heard: (name) => heard.read().get(name) ?? -1,
    setHeard: (name, number) => heard.write().set(name, number),
    tallied(atMs, done) {
      latestMs = Math.max(latestMs, atMs);
      if (done.events + done.committed > 0) pulses = addPulse(pulses, atMs, done);
    },
    untold(what, atMs) {
      untold = { ...untold, [what]: Math.max(untold[what] ?? 0, atMs) };
    },
    count(atMs) {
      eventsTotal += 1;
      latestMs = Math.max(latestMs, atMs);
    },
    committed(atMs, tookMs) {
      pulses = addPulse(pulses, atMs, { committed: 1, tookMs });
    },
    event(event, isCounted) {
      if (isCounted) pulses = addPulse(pulses, event.atMs, { events: 1 });
      appended.push({ type: "event", atMs: event.atMs, event });
    },
    life(entry) {
      latestMs = Math.max(latestMs, entry.atMs);
      appended.push({ type: "life", ...entry });
    },
    note(atMs, text) {
      latestMs = Math.max(latestMs, atMs);
      appended.push({ type: "note", atMs, text });
    },
    finish: () => ({
      nodes: nodes.read(),
      heard: heard.read(),
      untold,
      lateness: model.lateness,
      transactions: transactions.written() ? evictFinished(transactions.write()) : model.transactions,
      retries: retries.read(),
      items: items.rows ?? model.items,
      accounts: accounts.rows ?? model.accounts,
      log:
        appended.length === 0
          ? model.log
          : lengthened(model.log, isOrdered ? appended : appended.toSorted((a, b) => a.atMs - b.atMs)),
      pulses,
      eventsTotal,
      latestMs,
    }),
  };
}

/** A line of the log before it has its serial. */
type Line = { readonly atMs: number } & (
  | { readonly type: "event"; readonly event: NodeEvent }
  | Omit<LifeEntry, "serial">
  | { readonly type: "note"; readonly text: string }
);

function lengthened(log: readonly LogEntry[], lines: readonly Line[]): readonly LogEntry[] {
  let serial = log.at(-1)?.serial ?? 0;
  const entries = lines.map((line): LogEntry => {
    serial += 1;
    return line.type === "event" ? { type: "event", serial, event: line.event } : { ...line, serial };
  });
  return log.concat(entries).slice(-EVENTS_MAX);
}

function lazyMap<Key, Value>(original: ReadonlyMap<Key, Value>) {
  let copy: Map<Key, Value> | null = null;
  const write = (): Map<Key, Value> => {
    copy ??= new Map(original);
    return copy;
  };
  return { read: () => copy ?? original, write, written: () => copy !== null };
}

function merge<Row>(
  before: ReadonlyMap<string, Row> | undefined,
  changed: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const rows = new Map(before);
  for (const row of changed) rows.set(keyOf(row), row);
  return rows;
}

function evictFinished(transactions: Map<TransactionId, Transaction>): Map<TransactionId, Transaction> {
  let surplus = transactions.size - TRANSACTIONS_MAX;
  for (const transaction of transactions.values()) {
    if (surplus <= 0) break;
    if (transaction.coordinatorView !== null && transaction.coordinatorView.phase !== "forgotten") continue;
    transactions.delete(transaction.id);
    surplus -= 1;
  }
  return transactions;
}

function newNode(name: NodeName): NodeState {
  return {
    name,
    kind: null,
    view: null,
    link: "unknown",
    linkSinceMs: null,
    linkWhy: null,
    held: [],
    process: null,
    epoch: 0,
    tally: null,
  };
}
