import type { Timer } from "../core/effects.ts";
import type { Clock } from "../runtime/ports.ts";
import { createAlarms } from "./alarms.ts";

export type { Clock } from "../runtime/ports.ts";

/** The machine's clock: monotonic for timers, wall time for people. Timers keep the process alive until cancelled. */
export function createClock(): Clock {
  const alarms = createAlarms<Timer>();
  const others = createAlarms<null>();
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    schedule(delayMs, fire) {
      const alarm = others.set(delayMs, fire, null);
      return () => others.cancel(alarm);
    },
    setAlarm: alarms.set,
    cancelAlarm: alarms.cancel,
    defer: (run) => {
      setImmediate(run);
    },
  };
}
