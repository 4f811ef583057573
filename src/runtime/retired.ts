/** What is over, and is remembered for a while. */
export interface Retiring {
  /** Tells one stay from another; null while it is not over. */
  retired: number | null;
}

export interface RetiredOptions<Item> {
  /** The time, in milliseconds. */
  readonly nowMs: () => number;
  /** Out of the ordinary: it is remembered as long as may be, however many come. */
  readonly isMemorable: (item: Item) => boolean;
  /** One of a few that every node remembers when there is not room for all. */
  readonly isOfSample: (item: Item) => boolean;
  /** It is remembered no longer. */
  readonly drop: (item: Item) => void;
}

/** So many are remembered. */
const REMEMBERED_MAX = 5_000;
/** One in so many milliseconds is, and as many at once as this time has room for. */
const EACH_MS = 10;
const AT_ONCE_MS = 10_000;

/**
 * Remembers what is over. Where thousands are over each second, nobody reads them all, and what is kept of them costs the node
 * more than what is not: it outlives collections of the garbage, and is copied by them.
 */
export function createRetired<Item extends Retiring>(
  options: RetiredOptions<Item>,
): {
  /** It is over; nothing happens when it was so already. */
  add(item: Item): void;
} {
  /** Each takes the place of the one that came so many before it. */
  const places = new Array<Item | undefined>(REMEMBERED_MAX).fill(undefined);
  let stays = 0;
  let takenUntilMs = Number.NEGATIVE_INFINITY;

  /** Gives it a place; returns what has to leave for it. */
  const place = (item: Item): Item | undefined => {
    stays += 1;
    const at = stays % REMEMBERED_MAX;
    const before = places[at];
    places[at] = item;
    item.retired = stays;
    // It may have been in use again since it came here, and may have come back to another place.
    return before?.retired === stays - REMEMBERED_MAX ? before : undefined;
  };
  const findsRoom = (item: Item): boolean => {
    const nowMs = options.nowMs();
    // A clock that is set back makes nobody wait for longer.
    takenUntilMs = Math.min(Math.max(takenUntilMs, nowMs), nowMs + AT_ONCE_MS);
    const leftMs = nowMs + AT_ONCE_MS - takenUntilMs;
    if (leftMs < EACH_MS || (leftMs < AT_ONCE_MS / 2 && !options.isOfSample(item))) return false;
    takenUntilMs += EACH_MS;
    return true;
  };

  return {
    add(item) {
      if (item.retired !== null) return;
      const leaving = options.isMemorable(item) || findsRoom(item) ? place(item) : item;
      if (leaving !== undefined) options.drop(leaving);
    },
  };
}
