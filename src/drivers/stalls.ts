import type { Stall } from "../schema/views.ts";

/** What a look at the loop asks; times in milliseconds. */
export interface LoopWatch {
  /** Calls `look` every so often, if the loop turns. */
  every(intervalMs: number, look: () => void): void;
  nowMs(): number;
  /** Time on a core that the thread of the loop has had so far. */
  cpuMs(): number;
}

/** How often a turning loop is looked at. */
const INTERVAL_MS = 5;
const NONE: Stall = { clockMs: 0, cpuMs: 0 };

/** Each call tells the longest stall since the call before; the first one begins to look. */
export function createStalls(watch: LoopWatch = thisLoop): () => Stall {
  let longest: Stall | null = null;
  let lastMs = 0;
  let lastCpuMs = 0;
  const look = (): void => {
    const nowMs = watch.nowMs();
    const cpuMs = watch.cpuMs();
    const lateMs = Math.max(0, nowMs - lastMs - INTERVAL_MS);
    const { clockMs, cpuMs: cpuBefore } = longest ?? NONE;
    const computedMs = Math.min(lateMs, cpuMs - lastCpuMs);
    longest = { clockMs: Math.max(clockMs, lateMs), cpuMs: Math.max(cpuBefore, computedMs) };
    lastMs = nowMs;
    lastCpuMs = cpuMs;
  };
  return () => {
    if (longest === null) {
      lastMs = watch.nowMs();
      lastCpuMs = watch.cpuMs();
      watch.every(INTERVAL_MS, look);
    }
    const taken = longest ?? NONE;
    longest = NONE;
    return taken;
  };
}

const thisLoop: LoopWatch = {
  every: (intervalMs, look) => void setInterval(look, intervalMs).unref(),
  nowMs: () => performance.now(),
  cpuMs() {
    // Some of the versions that this runs on tell it of the whole process only, which is never less.
    const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
    return (user + system) / 1_000;
  },
};
