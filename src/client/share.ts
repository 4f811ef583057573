import { shareOf } from "../core/sample.ts";
import type { Clock } from "../drivers/clock.ts";
import type { NodeName } from "../schema/ids.ts";
import { ONE_IN_MAX, type Tally } from "../schema/tally.ts";

/** Events a second that a watcher is told without leaving any out. */
const WHOLE_MAX = 2_000;
/** When it is too much, so many a second are told: what can be followed, at a price that the nodes do not feel. */
const SHARE_WANTED = 125;
/** A share grows only when it has been too small for so long. */
const CALM_MS = 2_000;
const LOOK_MS = 500;
/** Rates are those of the last second: a burst that is over sooner is told whole. */
const WINDOW_MS = 1_000;

/** Keeps a watcher of many nodes to what it can take in: the same share of transactions at all of them. */
export interface Share {
  /** A power of two; 1 is everything. */
  oneIn(): number;
  heard(tally: Tally): void;
  gone(node: NodeName): void;
  stop(): void;
}

/** `choose` is called with each new share. */
export function createShare(
  clock: Pick<Clock, "nowMs" | "schedule">,
  choose: (oneIn: number) => void,
): Share {
  const windows = new Map<NodeName, { readonly atMs: number; readonly tally: Tally }[]>();
  let oneIn = 1;
  let calmSinceMs: number | null = null;
  let grownAtMs = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  const set = (wanted: number) => {
    calmSinceMs = null;
    if (wanted < oneIn) grownAtMs = clock.nowMs();
    oneIn = wanted;
    choose(oneIn);
  };

  /** Events in the last second, of all nodes. */
  const perSecond = () => {
    const sinceMs = clock.nowMs() - WINDOW_MS;
    let sum = 0;
    for (const window of windows.values()) {
      while ((window[1]?.atMs ?? Number.POSITIVE_INFINITY) <= sinceMs) window.shift();
      const [first, last] = [window[0], window.at(-1)];
      if (first !== undefined && last !== undefined) sum += last.tally.events - first.tally.events;
    }
    return sum;
  };

  const decide = () => {
    const events = perSecond();
    const wanted = shareFor(events);
    if (wanted >= oneIn) {
      calmSinceMs = null;
      if (events / oneIn > (oneIn === 1 ? WHOLE_MAX : 2 * SHARE_WANTED)) set(wanted);
      return;
    }
    calmSinceMs ??= clock.nowMs();
    if (clock.nowMs() - calmSinceMs >= CALM_MS) set(wanted);
  };

  const lookAgain = () => {
    if (oneIn === 1) return;
    cancel ??= clock.schedule(LOOK_MS, () => {
      cancel = null;
      decide();
      lookAgain();
    });
  };

  return {
    oneIn: () => oneIn,
    heard(tally) {
      const atMs = clock.nowMs();
      const before = windows.get(tally.node);
      if (before === undefined || before.at(-1)?.tally.epoch !== tally.epoch) {
        windows.set(tally.node, [{ atMs, tally }]);
      } else before.push({ atMs, tally });
      // A node in a burst has helped itself: the others follow, so that the same transactions are told everywhere. What it
      // said before it heard of a larger share is no burst.
      if (tally.oneIn > oneIn && atMs - grownAtMs > WINDOW_MS) set(tally.oneIn);
      else decide();
      lookAgain();
    },
    gone: (node) => void windows.delete(node),
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}

function shareFor(events: number): number {
  if (events <= WHOLE_MAX / 2) return 1;
  return Math.min(ONE_IN_MAX, shareOf(events / SHARE_WANTED));
}
