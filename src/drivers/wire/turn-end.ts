/** What is put off to the end of a turn: of the node's, which says when that is, or else of the loop's own. */
export interface TurnEnd {
  /** Calls `run` once at the end of this turn. */
  atEnd(run: () => void): void;
  /** The turn ends now. */
  end(): void;
}

export function createTurnEnd(): TurnEnd {
  let waiting: (() => void)[] = [];
  const end = () => {
    const runs = waiting;
    waiting = [];
    for (const run of runs) run();
  };
  return {
    atEnd(run) {
      waiting.push(run);
      // What is said outside of a turn leaves when the caller is done.
      if (waiting.length === 1) queueMicrotask(end);
    },
    end,
  };
}
