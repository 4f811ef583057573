import type { Timer } from "../core/effects.ts";
import type { Clock, Random } from "./ports.ts";

/** The node's running timers. One of a kind and id at a time. */
export interface Timers {
  start(timer: Timer, delayMs: number, jitter: boolean): void;
  stop(timer: Timer): void;
  stopAll(): void;
}

/** `fire` is called when a timer is due. Jitter draws from the upper half of the delay. */
export function createTimers(clock: Clock, random: Random, fire: (timer: Timer) => void): Timers {
  const running = new Map<string, () => void>();
  const stop = (key: string) => {
    running.get(key)?.();
    running.delete(key);
  };
  return {
    start(timer, delayMs, jitter) {
      const key = `${timer.kind} ${timer.id}`;
      stop(key);
      const spread = jitter ? 0.5 + 0.5 * random.next() : 1;
      const cancel = clock.schedule(delayMs * spread, () => {
        running.delete(key);
        fire(timer);
      });
      running.set(key, cancel);
    },
    stop: (timer) => stop(`${timer.kind} ${timer.id}`),
    stopAll() {
      for (const cancel of running.values()) cancel();
      running.clear();
    },
  };
}
