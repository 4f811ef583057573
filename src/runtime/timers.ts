import type { Timer } from "../core/effects.ts";
import type { Clock, Random } from "./ports.ts";

/** The node's running timers. One of a kind and id at a time. */
export interface Timers {
  start(timer: Timer, delayMs: number, jitter: boolean): void;
  stop(timer: Timer): void;
  /** What is left of its delay, in milliseconds; null where it does not run. */
  leftMs(timer: Timer): number | null;
  stopAll(): void;
  /** All stand still, those that are started from now on too, until `resume`. */
  pause(): void;
  /** They go on with what was left to them. */
  resume(): void;
}

interface Running {
  readonly timer: Timer;
  readonly dueMs: number;
  readonly cancel: () => void;
}

/** `fire` is called when a timer is due. Jitter draws from the upper half of the delay. */
export function createTimers(clock: Clock, random: Random, fire: (timer: Timer) => void): Timers {
  const running = new Map<string, Running>();
  /** By key, with what is left of its delay. */
  const still = new Map<string, { readonly timer: Timer; readonly leftMs: number }>();
  let isPaused = false;

  const stop = (key: string) => {
    running.get(key)?.cancel();
    running.delete(key);
    still.delete(key);
  };
  const run = (key: string, timer: Timer, delayMs: number) => {
    if (isPaused) {
      still.set(key, { timer, leftMs: delayMs });
      return;
    }
    const due = () => {
      running.delete(key);
      fire(timer);
    };
    const cancel = clock.schedule(delayMs, due, key);
    running.set(key, { timer, dueMs: clock.nowMs() + delayMs, cancel });
  };
  return {
    start(timer, delayMs, jitter) {
      const key = keyOf(timer);
      stop(key);
      run(key, timer, delayMs * (jitter ? 0.5 + 0.5 * random.next() : 1));
    },
    stop: (timer) => stop(keyOf(timer)),
    leftMs(timer) {
      const key = keyOf(timer);
      const due = running.get(key);
      return due ? Math.max(0, due.dueMs - clock.nowMs()) : (still.get(key)?.leftMs ?? null);
    },
    stopAll() {
      for (const { cancel } of running.values()) cancel();
      running.clear();
      still.clear();
    },
    pause() {
      isPaused = true;
      for (const [key, { timer, dueMs, cancel }] of running) {
        cancel();
        still.set(key, { timer, leftMs: Math.max(0, dueMs - clock.nowMs()) });
      }
      running.clear();
    },
    resume() {
      isPaused = false;
      const all = [...still];
      still.clear();
      for (const [key, { timer, leftMs }] of all) run(key, timer, leftMs);
    },
  };
}

function keyOf({ kind, id }: Timer): string {
  return `${kind} ${id}`;
}
