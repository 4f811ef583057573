import type { Clock } from "../runtime/ports.ts";

export type { Clock } from "../runtime/ports.ts";

/** Node's timers fire at once when asked to wait longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's clock: monotonic for timers, wall time for people. Timers keep the process alive until cancelled. */
export function createClock(): Clock {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    schedule: scheduleTimer,
    defer: (run) => {
      setImmediate(run);
    },
  };
}

function scheduleTimer(delayMs: number, fire: () => void): () => void {
  const dueMs = performance.now() + delayMs;
  let timer: NodeJS.Timeout;
  const arm = () => {
    // A timer may fire up to a millisecond early by the monotonic clock, and a long wait takes several timers.
    const leftMs = dueMs - performance.now();
    timer = setTimeout(
      () => {
        if (performance.now() < dueMs) arm();
        else fire();
      },
      Math.max(0, Math.min(Math.ceil(leftMs), TIMER_MS_MAX)),
    );
  };
  arm();
  return () => clearTimeout(timer);
}
