/** Adds up what stages take, each without the stages inside it. */
export interface Stopwatch {
  /** Runs a piece of a stage. */
  time<Result>(stage: string, run: () => Result): Result;
  /** Milliseconds by stage. */
  read(): ReadonlyMap<string, number>;
  reset(): void;
}

export function createStopwatch(nowMs: () => number): Stopwatch {
  const spent = new Map<string, number>();
  /** What the stages inside the running one have taken. */
  let insideMs = 0;
  return {
    time(stage, run) {
      const outsideMs = insideMs;
      insideMs = 0;
      const startedMs = nowMs();
      try {
        return run();
      } finally {
        const tookMs = nowMs() - startedMs;
        spent.set(stage, (spent.get(stage) ?? 0) + tookMs - insideMs);
        insideMs = outsideMs + tookMs;
      }
    },
    read: () => spent,
    reset: () => spent.clear(),
  };
}
