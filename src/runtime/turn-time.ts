/** A time that is asked for many times in a turn, and read once: to read a clock takes longer than most of what is done at that time. */
export interface TurnTime {
  /** The time of this turn, in milliseconds: what the first who asked was told. */
  nowMs(): number;
  turnEnded(): void;
}

export function createTurnTime(read: () => number): TurnTime {
  let turnMs: number | null = null;
  return {
    nowMs() {
      turnMs ??= read();
      return turnMs;
    },
    turnEnded() {
      turnMs = null;
    },
  };
}
