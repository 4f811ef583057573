import type { Clock, LogSpace } from "../runtime/ports.ts";
import type { LogFiles } from "./files.ts";

/** Watches how much is free on the log's disk, so that it is said before a write fails. */
export interface SpaceWatch {
  /** `appendedBytes` have been appended so far: looks where enough was written, or enough time has passed, since the last look. */
  check(appendedBytes: number): void;
  /** Looks now. Resolves when it has looked; an unanswered question changes nothing. */
  look(): Promise<void>;
  /** Calls `listener` when the disk runs low, and when it has room again; at once where it is low now. */
  onSpace(listener: (space: LogSpace) => void): void;
  end(): void;
}

export interface SpaceWatchContext {
  readonly files: Pick<LogFiles, "freeBytes">;
  readonly path: string;
  readonly clock: Pick<Clock, "nowMs" | "schedule">;
  /** Less free than this is low, in bytes; 0 asks nothing. */
  readonly reserveBytes: number;
}

/** How long a log that is being written goes without a look, and how often a low disk is looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** The share of the reserve that may be written between two looks. */
const LOOKS_A_RESERVE = 8;
/** There is room again when this many times the reserve is free: a disk at the edge does not flap. */
const ROOM_FACTOR = 1.25;

export function createSpaceWatch(context: SpaceWatchContext): SpaceWatch {
  const { files, path, clock, reserveBytes } = context;
  const listeners: ((space: LogSpace) => void)[] = [];
  let space: LogSpace = { isLow: false, freeBytes: Number.POSITIVE_INFINITY, reserveBytes };
  let lookedAtMs = clock.nowMs();
  let lookedAtBytes = 0;
  let isLooking = false;
  let hasEnded = false;
  let cancel: (() => void) | null = null;

  const note = (freeBytes: number): void => {
    const { isLow } = space;
    space = { isLow: freeBytes < reserveBytes * (isLow ? ROOM_FACTOR : 1), freeBytes, reserveBytes };
    if (space.isLow !== isLow) for (const listener of listeners) listener(space);
  };

  const look = async (): Promise<void> => {
    if (isLooking || hasEnded || reserveBytes === 0) return;
    isLooking = true;
    cancel?.();
    cancel = null;
    // Not to know is no reason to stop: if the disk fails, the next write says so.
    const freeBytes = await files.freeBytes(path).catch(() => null);
    isLooking = false;
    if (hasEnded) return;
    lookedAtMs = clock.nowMs();
    if (freeBytes !== null) note(freeBytes);
    // A node that refuses work may write nothing: somebody has to see that there is room again.
    if (space.isLow) cancel = clock.schedule(LOOK_MS, () => void look());
  };

  return {
    check: (appendedBytes) => {
      const isDue = clock.nowMs() - lookedAtMs >= LOOK_MS;
      if (!isDue && appendedBytes - lookedAtBytes < reserveBytes / LOOKS_A_RESERVE) return;
      lookedAtBytes = appendedBytes;
      void look();
    },
    look,
    onSpace: (listener) => {
      listeners.push(listener);
      if (space.isLow) listener(space);
    },
    end: () => {
      hasEnded = true;
      cancel?.();
      cancel = null;
    },
  };
}
