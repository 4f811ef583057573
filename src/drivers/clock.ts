import type { Clock } from "../runtime/ports.ts";
import { createAlarms } from "./alarms.ts";

export type { Clock } from "../runtime/ports.ts";

/** The machine's clock: monotonic for timers, wall time for people. Timers keep the process alive until cancelled. */
export function createClock(): Clock {
  const alarms = createAlarms();
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    schedule: alarms.set,
    defer: (run) => {
      setImmediate(run);
    },
  };
}
