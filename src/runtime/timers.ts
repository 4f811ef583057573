import type { Timer } from "../core/effects.ts";
import { renewed } from "../core/renewed.ts";
import { makeTransactionTable } from "../core/transaction-table.ts";
import type { Alarm, Clock, Random } from "./ports.ts";

type Kind = Timer["kind"];

/** The node's running timers. One of a kind and id at a time. */
export interface Timers {
  start(timer: Timer, delayMs: number, jitter: boolean): void;
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
type Tables<Value> = Record<Kind, Table<Value>>;

/** `fire` is called when a timer is due. Jitter draws from the upper half of the delay. */
export function createTimers(clock: Clock, random: Random, fire: (timer: Timer) => void): Timers {
  let running = createTables<Alarm>();
  /** With what is left of their delays. */
  let still = createTables<{ readonly timer: Timer; readonly leftMs: number }>();
  const started = { "vote-timeout": 0, resend: 0, inquire: 0, retry: 0, deadline: 0, finish: 0 };
  let isPaused = false;

  const stop = ({ kind, id }: Timer) => {
    const alarm = running[kind].get(id);
    if (alarm !== undefined) {
      clock.cancelAlarm(alarm);
      running[kind].delete(id);
    }
    if (isPaused) still[kind].delete(id);
  };
  const ring = (timer: Timer) => {
    running[timer.kind].delete(timer.id);
    fire(timer);
  };
  const run = (timer: Timer, delayMs: number) => {
    const { kind, id } = timer;
    if (isPaused) {
      still[kind].set(id, { timer, leftMs: delayMs });
      return;
    }
    started[kind] += 1;
    const table = running[kind];
    if (table instanceof Map) running[kind] = renewed(table, started[kind]);
    running[kind].set(id, clock.setAlarm(delayMs, ring, timer));
  };
  return {
    start(timer, delayMs, jitter) {
      stop(timer);
      run(timer, delayMs * (jitter ? 0.5 + 0.5 * random.next() : 1));
    },
    stop,
    leftMs({ kind, id }) {
      const due = running[kind].get(id);
      return due ? Math.max(0, due.dueMs - clock.nowMs()) : (still[kind].get(id)?.leftMs ?? null);
    },
    ofKind: (kind) => [
      ...[...running[kind].values()].map(({ what }) => what),
      ...[...still[kind].values()].map(({ timer }) => timer),
    ],
    stopAll() {
      allIn(running).forEach(clock.cancelAlarm);
      running = createTables();
      still = createTables();
    },
    pause() {
      isPaused = true;
      const alarms = allIn(running);
      running = createTables();
      for (const alarm of alarms) {
        clock.cancelAlarm(alarm);
        const { what: timer, dueMs } = alarm;
        still[timer.kind].set(timer.id, { timer, leftMs: Math.max(0, dueMs - clock.nowMs()) });
      }
    },
    resume() {
      isPaused = false;
      const waiting = allIn(still);
      still = createTables();
      for (const { timer, leftMs } of waiting) run(timer, leftMs);
    },
  };
}

function createTables<Value>(): Tables<Value> {
  return {
    "vote-timeout": makeTransactionTable(),
    resend: new Map(),
    inquire: new Map(),
    retry: new Map(),
    deadline: new Map(),
    finish: makeTransactionTable(),
  };
}

function allIn<Value>(tables: Tables<Value>): Value[] {
  return Object.values(tables).flatMap((table) => [...table.values()]);
}
