import type { Clock } from "./ports.ts";

/** What need not be done each turn. */
export interface Pace {
  /** A turn has ended: it is done now, or when its time has come. */
  turnEnded(): void;
  /** It is done at the end of this turn. */
  hasten(): void;
  stop(): void;
}

/** What takes long is done so seldom that it costs no more than this share of the time. */
const SHARE_MAX = 1 / 20;

/**
 * Does `run` no more often than every `periodMs`, and not at all while no turn ends, unless `run` says that it wants to be
 * called again.
 */
export function createPace(
  clock: Pick<Clock, "nowMs" | "schedule">,
  periodMs: number,
  run: () => boolean,
): Pace {
  let dueMs = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  const go = () => {
    cancel?.();
    cancel = null;
    const startMs = clock.nowMs();
    const isWantedAgain = run();
    const endMs = clock.nowMs();
    dueMs = startMs + Math.max(periodMs, (endMs - startMs) / SHARE_MAX);
    if (isWantedAgain) schedule(endMs);
  };
  const schedule = (nowMs: number) => {
    cancel ??= clock.schedule(dueMs - nowMs, go);
  };
  return {
    turnEnded() {
      const nowMs = clock.nowMs();
      if (nowMs >= dueMs) go();
      else schedule(nowMs);
    },
    hasten() {
      dueMs = Number.NEGATIVE_INFINITY;
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
