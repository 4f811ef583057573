import { fdatasync, fdatasyncSync } from "node:fs";

/** Puts on disk what was written to an open file, and its length; `bytes` were written since that was done last. Rejects. */
export type Sync = (descriptor: number, bytes: number) => Promise<void>;

/** The two ways to do it, and the clock that says how long each took, in milliseconds. */
export interface SyncCalls {
  /** A thread of the pool waits for the disk. */
  readonly onThread: (descriptor: number, done: (error: Error | null) => void) => void;
  /** The loop itself does. Throws. */
  readonly onLoop: (descriptor: number) => void;
  readonly nowMs: () => number;
}

/** A sync that the loop can well wait for: to hand it to a thread and hear of its end takes a good part of this, in milliseconds. */
const QUICK_MS = 2;
/** So many quick ones in a row say that the disk is quick just now. */
const QUICK_SYNCS = 16;
/** More than a commit's records may take a disk longer, and is left to a thread. */
const BYTES_ON_LOOP_MAX = 64 * 1024;

/**
 * A commit waits for two syncs one after the other, and where the disk is quick, a good part of each is the way to a thread and back.
 * Then the loop waits for the disk itself, for few bytes and while nothing else of this process is being synced. The first sync
 * that is not quick sends those after it back to the thread, so that a disk that turns slow holds up the loop once.
 */
export function createSync(calls: SyncCalls = thisMachine): Sync {
  let quickSyncs = 0;
  let onThreads = 0;

  const onThread = (descriptor: number): Promise<void> =>
    new Promise((resolve, reject) => {
      onThreads += 1;
      calls.onThread(descriptor, (error) => {
        onThreads -= 1;
        if (error === null) resolve();
        else reject(error);
      });
    });

  return async (descriptor, bytes) => {
    if (bytes > BYTES_ON_LOOP_MAX) return onThread(descriptor);
    const startedMs = calls.nowMs();
    if (quickSyncs >= QUICK_SYNCS && onThreads === 0) calls.onLoop(descriptor);
    else await onThread(descriptor);
    quickSyncs = calls.nowMs() - startedMs <= QUICK_MS ? quickSyncs + 1 : 0;
  };
}

const thisMachine: SyncCalls = {
  onThread: (descriptor, done) => fdatasync(descriptor, done),
  onLoop: fdatasyncSync,
  nowMs: () => performance.now(),
};
