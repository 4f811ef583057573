import type { Timer } from "../core/effects.ts";
import { renewed } from "../core/renewed.ts";
import { makeTransactionTable } from "../core/transaction-table.ts";
import type { Alarm, Clock, Random } from "./ports.ts";

type Kind = Timer["kind"];

/** The node's running timers. One of a kind and id at a time. */
export interface Timers {
  /** The delay is counted from `fromMs` (now), the time of this turn. */
  start(timer: Timer, delayMs: number, jitter: boolean, fromMs?: number): void;
  stop(timer: Timer): void;
  /** What is left of its delay, in milliseconds; null where it does not run. */
  leftMs(timer: Timer): number | null;
  /** Those of a kind, running or standing still. */
  ofKind(kind: Kind): readonly Timer[];
  stopAll(): void;
  /** All stand still, those that are started from now on too, until `resume`. */
  pause(): void;
  /** They go on with what was left to them. */
  resume(): void;
}

/** Timers of a kind by id: a Map, or a table of transactions where ids are theirs. */
interface Table<Value> {
  get(id: string): Value | undefined;
  set(id: string, value: Value): void;
  delete(id: string): boolean;
  values(): Iterable<Value>;
}
/** The timers of one kind: what is to be done with one looks for these once. */
interface OfKind {
  running: Table<Alarm>;
  /** With what is left of their delays. */
  readonly still: Table<{ readonly timer: Timer; readonly leftMs: number }>;
  /** How many were started. */
  started: number;
}

/** `fire` is called when a timer is due. Jitter draws from the upper half of the delay. */
export function createTimers(clock: Clock, random: Random, fire: (timer: Timer) => void): Timers {
  const kinds = createKinds();
  let isPaused = false;

  /** To look a name up that changes from call to call takes longer than to tell it from the others. */
  const ofKind = (kind: Kind): OfKind => {
    switch (kind) {
      case "vote-timeout":
        return kinds["vote-timeout"];
      case "deadline":
        return kinds.deadline;
      default:
        return kinds[kind];
    }
  };

  const stop = (of: OfKind, id: string) => {
    const alarm = of.running.get(id);
    if (alarm !== undefined) {
      clock.cancelAlarm(alarm);
      of.running.delete(id);
    }
    if (isPaused) of.still.delete(id);
  };
  const ring = (timer: Timer) => {
    ofKind(timer.kind).running.delete(timer.id);
    fire(timer);
  };
  const run = (of: OfKind, timer: Timer, delayMs: number, fromMs: number) => {
    if (isPaused) {
      of.still.set(timer.id, { timer, leftMs: delayMs });
      return;
    }
    of.started += 1;
    if (of.running instanceof Map) of.running = renewed(of.running, of.started);
    of.running.set(timer.id, clock.setAlarm(delayMs, ring, timer, fromMs));
  };
  return {
    start(timer, delayMs, jitter, fromMs = clock.nowMs()) {
      const of = ofKind(timer.kind);
      stop(of, timer.id);
      run(of, timer, delayMs * (jitter ? 0.5 + 0.5 * random.next() : 1), fromMs);
    },
    stop: ({ kind, id }) => stop(ofKind(kind), id),
    leftMs({ kind, id }) {
      const { running, still } = kinds[kind];
      const due = running.get(id);
      return due ? Math.max(0, due.dueMs - clock.nowMs()) : (still.get(id)?.leftMs ?? null);
    },
    ofKind(kind) {
      const { running, still } = kinds[kind];
      return [
        ...[...running.values()].map(({ what }) => what),
        ...[...still.values()].map(({ timer }) => timer),
      ];
    },
    stopAll() {
      for (const of of Object.values(kinds)) {
        for (const { what } of [...of.running.values()]) stop(of, what.id);
        for (const { timer } of [...of.still.values()]) of.still.delete(timer.id);
      }
    },
    pause() {
      isPaused = true;
      for (const of of Object.values(kinds)) {
        for (const { what: timer, dueMs } of [...of.running.values()]) {
          stop(of, timer.id);
          of.still.set(timer.id, { timer, leftMs: Math.max(0, dueMs - clock.nowMs()) });
        }
      }
    },
    resume() {
      isPaused = false;
      for (const of of Object.values(kinds)) {
        for (const { timer, leftMs } of [...of.still.values()]) {
          of.still.delete(timer.id);
          run(of, timer, leftMs, clock.nowMs());
        }
      }
    },
  };
}

function createKinds(): Record<Kind, OfKind> {
  return {
    "vote-timeout": byTransaction(),
    resend: byName(),
    inquire: byName(),
    retry: byName(),
    deadline: byName(),
    finish: byTransaction(),
  };
}

function byTransaction(): OfKind {
  return { running: makeTransactionTable(), still: makeTransactionTable(), started: 0 };
}

function byName(): OfKind {
  return { running: new Map(), still: new Map(), started: 0 };
}
