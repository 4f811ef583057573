import type { Clock } from "../drivers/clock.ts";

/** Begins the transaction with this number, and says when it has its outcome, or why it will have none. */
export type Begin = (index: number, done: (error: Error | null) => void) => void;

/** A stretch of load: `count` transactions, numbered from `first` on. */
export interface Stretch {
  readonly first: number;
  readonly count: number;
  readonly begin: Begin;
  readonly clock: Pick<Clock, "nowMs" | "schedule">;
  /** Told each transaction's latency in milliseconds. */
  readonly record: (latencyMs: number) => void;
}

/** Keeps so many transactions in flight: each that ends begins the next. Resolves when all have ended. */
export function runClosedLoop(stretch: Stretch, concurrency: number): Promise<void> {
  const { first, count, begin, clock, record } = stretch;
  return new Promise((resolve, reject) => {
    let begun = 0;
    let ended = 0;
    const beginOne = () => {
      const index = first + begun;
      begun += 1;
      const startedMs = clock.nowMs();
      begin(index, (error) => {
        if (error !== null) return reject(error);
        record(clock.nowMs() - startedMs);
        ended += 1;
        if (ended === count) resolve();
        else if (begun < count) beginOne();
      });
    };
    while (begun < Math.min(concurrency, count)) beginOne();
  });
}

/**
 * Begins so many transactions a second, whether or not those before have ended. Latency counts from the moment at which a
 * transaction was meant to begin: a system that falls behind cannot hide it by making the load wait. Resolves with the most
 * that were in flight at once.
 */
export function runOpenLoop(stretch: Stretch, ratePerSecond: number): Promise<number> {
  const { first, count, begin, clock, record } = stretch;
  return new Promise((resolve, reject) => {
    const startMs = clock.nowMs();
    const dueMs = (which: number) => startMs + (which * 1_000) / ratePerSecond;
    let begun = 0;
    let ended = 0;
    let inFlightMax = 0;
    const beginOne = () => {
      const intendedMs = dueMs(begun);
      const index = first + begun;
      begun += 1;
      inFlightMax = Math.max(inFlightMax, begun - ended);
      begin(index, (error) => {
        if (error !== null) return reject(error);
        record(clock.nowMs() - intendedMs);
        ended += 1;
        if (ended === count) resolve(inFlightMax);
      });
    };
    const beginDue = () => {
      const nowMs = clock.nowMs();
      while (begun < count && dueMs(begun) <= nowMs) beginOne();
      if (begun < count) clock.schedule(dueMs(begun) - nowMs, beginDue);
    };
    beginDue();
  });
}
