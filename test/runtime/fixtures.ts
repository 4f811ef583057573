import type { CoordinatorState, TransactionInfo } from "../../src/core/coordinator.ts";
import { createHistory } from "../../src/runtime/history.ts";
import type { ClientLink, Clock } from "../../src/runtime/ports.ts";
import { createWatchers } from "../../src/runtime/watchers.ts";
import type { Snapshot } from "../../src/schema/events.ts";
import type { NodeName, RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { SessionMessage } from "../../src/schema/session.ts";
import type { ResourceRows } from "../../src/schema/views.ts";

export const transactionId = (counter: number) => `coordinator-000000000001.1.${counter}` as TransactionId;

/** One transaction at its coordinator, in the phase wanted. */
export function coordinated(counter: number, phase: "preparing" | "forgotten"): CoordinatorState {
  const info: TransactionInfo = {
    transactionId: transactionId(counter),
    requestId: `r${counter}` as RequestId,
    issuedAtMs: 1,
    digest: "d",
    attempt: 1,
    operations: [],
    participants: [],
  };
  if (phase === "preparing") return { phase, info, votes: [] };
  return { phase, info, votes: [], outcome: "committed", reason: null };
}

/** A client that keeps what it is sent, and has as much unread as it is told to have. */
export interface TestLink extends ClientLink {
  readonly sent: SessionMessage[];
  unreadBytes: number;
}

export function createTestLink(): TestLink {
  const sent: SessionMessage[] = [];
  return {
    sent,
    unreadBytes: 0,
    send: (message) => void sent.push(message),
    bufferedBytes() {
      return this.unreadBytes;
    },
    close: () => {},
  };
}

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /** Fires what is due; what that defers waits for `run`. */
  advance(milliseconds: number): void;
  /** Runs what was deferred, and what that defers. */
  run(): void;
  scheduled(): readonly number[];
}

export function createTestClock(): TestClock {
  let nowMs = 0;
  const deferred: (() => void)[] = [];
  let timers: { readonly dueMs: number; readonly fire: () => void }[] = [];
  const cancel = (timer: object) => {
    timers = timers.filter((each) => each !== timer);
  };
  return {
    nowMs: () => nowMs,
    wallMs: () => 1_000_000 + nowMs,
    schedule(delayMs, fire) {
      const timer = { dueMs: nowMs + delayMs, fire };
      timers.push(timer);
      return () => cancel(timer);
    },
    setAlarm(delayMs, ring, what) {
      const timer = { dueMs: nowMs + delayMs, what, fire: () => ring(what) };
      timers.push(timer);
      return timer;
    },
    cancelAlarm: cancel,
    defer: (run) => void deferred.push(run),
    run() {
      for (let next = deferred.shift(); next; next = deferred.shift()) next();
    },
    advance(milliseconds) {
      nowMs += milliseconds;
      const due = timers.filter(({ dueMs }) => dueMs <= nowMs);
      timers = timers.filter(({ dueMs }) => dueMs > nowMs);
      for (const { fire } of due) fire();
    },
    scheduled: () => timers.map(({ dueMs }) => dueMs),
  };
}

/** What a node is given besides its name, its log and its clock, where a test has nothing to say about it. */
export const PLAIN_PARTS = {
  pid: 1,
  random: { next: () => 1 },
  digest: (text: string) => String(text.length),
  faults: null,
  reach: null,
  knownNodes: [],
  keepNodes: () => {},
  report: () => {},
};

/** The watchers of one node, and its history, as `node.ts` puts them together. */
export function openWatchers(name = "ledger") {
  const clock = createTestClock();
  const kept: { rows: ResourceRows | null } = { rows: null };
  const history = createHistory(
    () => clock.wallMs(),
    () => {},
    (id, isAborted) => watchers.shows(id, isAborted),
  );
  const watchers = createWatchers({
    node: name as NodeName,
    epoch: 3,
    clock,
    snapshot: (number) => ({ number, transactions: history.list(200) }) as unknown as Snapshot,
    history: () => history,
    tally: () => ({
      ...history.totals(),
      unfinished: history.unfinished().length,
      inDoubt: 0,
      forcedSeq: 0,
    }),
    takeRows() {
      const { rows } = kept;
      kept.rows = null;
      return rows;
    },
    hasRows: () => kept.rows !== null,
  });
  /** What the loop does at the end of a turn. */
  const endTurn = () => {
    for (const view of history.takeChanged()) {
      watchers.emit(view.transactionId, { type: "transaction-changed", view });
    }
    watchers.flush();
  };
  return { watchers, history, clock, kept, endTurn };
}
