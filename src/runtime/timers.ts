import type { Timer } from "../core/effects.ts";
import { renewed } from "../core/renewed.ts";
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

/** Timers by kind and id. */
type Tables<Value> = Record<Kind, Map<string, Value>>;

/** `fire` is called when a timer is due. Jitter draws from the upper half of the delay. */
export function createTimers(clock: Clock, random: Random, fire: (timer: Timer) => void): Timers {
  const running = createTables<Alarm>();
  /** With what is left of their delays. */
  const still = createTables<{ readonly timer: Timer; readonly leftMs: number }>();
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
    running[kind] = renewed(running[kind], started[kind]);
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
      takeAll(running).forEach(clock.cancelAlarm);
      takeAll(still);
    },
    pause() {
      isPaused = true;
      for (const alarm of takeAll(running)) {
        clock.cancelAlarm(alarm);
        const { what: timer, dueMs } = alarm;
        still[timer.kind].set(timer.id, { timer, leftMs: Math.max(0, dueMs - clock.nowMs()) });
      }
    },
    resume() {
      isPaused = false;
      for (const { timer, leftMs } of takeAll(still)) run(timer, leftMs);
    },
  };
}

function createTables<Value>(): Tables<Value> {
  return {
    "vote-timeout": new Map(),
    resend: new Map(),
    inquire: new Map(),
    retry: new Map(),
    deadline: new Map(),
    finish: new Map(),
  };
}

function takeAll<Value>(tables: Tables<Value>): Value[] {
  const all = Object.values(tables).flatMap((table) => [...table.values()]);
  for (const table of Object.values(tables)) table.clear();
  return all;
}
