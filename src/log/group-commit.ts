import { FRAME_HEADER_BYTES, frameBytes, RECORD_PAYLOAD_BYTES_MAX } from "../codec/frame.ts";
import { createGrowingBytes, type GrowingBytes } from "../codec/growing-bytes.ts";
import { putRecord } from "../codec/record-codec.ts";
import { invariant, type TpcError } from "../core/errors.ts";
import type { Clock } from "../runtime/ports.ts";
import type { LogRecord } from "../schema/records.ts";
import { logWriteError } from "./files.ts";
import type { Mark } from "./mark.ts";
import type { Reach } from "./points.ts";
import type { PendingFrame } from "./segment-file.ts";
import type { Segments } from "./segments.ts";

/** Frames on their way to the disk: one write or sync at a time, and what arrives meanwhile is the next batch. */
export interface GroupCommit {
  /** Numbers a record's frame and puts it in the queue, after a change of segment where the active one would grow too long. */
  append(record: LogRecord, force: boolean): number;
  /** The same for the frame that says that all before it is on disk. */
  appendShutdown(): number;
  /** Starts writing what is in the queue, or leaves it there for up to `UNAWAITED_MS_MAX` where nobody waits for any of it. */
  flush(isAwaited: boolean): void;
  /** Resolves when everything up to `seq` is on disk; rejects with the error that ended the log. */
  force(seq: number): Promise<void>;
  onForced(listener: (throughSeq: number) => void): void;
  /** Ends the log: nothing is written, and nothing reported as forced, from now on. Returns the first error, which alone counts. */
  fail(error: unknown): TpcError;
  failure(): TpcError | null;
  lastSeq(): number;
  durableSeq(): number;
  /** Bytes of frames that were appended so far. */
  appendedBytes(): number;
}

export interface GroupCommitContext {
  readonly segments: Segments;
  readonly mark: Mark;
  readonly clock: Pick<Clock, "nowMs" | "schedule">;
  readonly reach: Reach;
  readonly segmentBytesMax: number;
  /** Nothing is left to write, or to sync for anybody. */
  readonly onIdle: () => void;
  readonly onFailure: (error: TpcError) => void;
  readonly warn: (text: string) => void;
}

/** A sync that takes longer than this is worth a word, in milliseconds. */
const SLOW_SYNC_MS = 1000;
/** How long what nobody waits for may wait for a write and a sync that somebody does wait for, in milliseconds. */
const UNAWAITED_MS_MAX = 5;
/** The frames that begin and end a segment have no payload. */
const EMPTY_FRAME_BYTES = frameBytes(0);
/** What the queue takes at first, and what it may keep when it is empty. */
const QUEUE_BYTES = 16 * 1024;
const QUEUE_BYTES_MAX = 1024 * 1024;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: TpcError) => void;
}

/** `startSeq` is the last seq of the log as it was found; all up to it is on disk. */
export function startGroupCommit(context: GroupCommitContext, startSeq: number): GroupCommit {
  const { segments, mark, clock, reach } = context;
  let pending: PendingFrame[] = [];
  /** The frames of the queue, one behind the other; as yet only their payloads stand there. */
  let queued = makeQueue();
  let queuedBytes = 0;
  /** Where the queue goes on when what stands in it is being written. */
  let spare = makeQueue();
  let waiters: Waiter[] = [];
  const listeners: ((throughSeq: number) => void)[] = [];
  let failure: TpcError | null = null;
  let running = false;
  let lastSeq = startSeq;
  let writtenSeq = startSeq;
  let durableSeq = startSeq;
  let wantedSeq = startSeq;
  /** Up to here somebody waits for what is in the queue. */
  let awaitedSeq = startSeq;
  let cancelWait: (() => void) | null = null;
  let appendedBytes = 0;
  /** What the active segment will hold when the queue is written; null while there is none. */
  let plannedBytes: number | null = null;

  const enqueue = (type: PendingFrame["type"], payloadBytes: number, force: boolean): number => {
    const bytes = frameBytes(payloadBytes);
    lastSeq += 1;
    appendedBytes += bytes;
    plannedBytes = (plannedBytes ?? 0) + bytes;
    pending.push({ type, seq: lastSeq, at: queuedBytes, payloadBytes, force });
    queuedBytes += bytes;
    return lastSeq;
  };

  const append = (type: PendingFrame["type"], record: LogRecord | null, force: boolean): number => {
    const from = queuedBytes + FRAME_HEADER_BYTES;
    const to = record === null ? from : putRecord(queued, record, from);
    const payloadBytes = to - from;
    invariant(payloadBytes <= RECORD_PAYLOAD_BYTES_MAX, "a record fits into a frame");
    const bytes = frameBytes(payloadBytes);
    // Room for the frame that ends the segment is always kept, and no segment is left with its start alone.
    const full = plannedBytes !== null && plannedBytes + bytes + EMPTY_FRAME_BYTES > context.segmentBytesMax;
    if (full && plannedBytes !== EMPTY_FRAME_BYTES) {
      enqueue("segment-end", 0, true);
      plannedBytes = null;
    }
    if (plannedBytes === null) {
      plannedBytes = 0;
      enqueue("segment-start", 0, true);
    }
    moveUp(from, to, queuedBytes + FRAME_HEADER_BYTES);
    return enqueue(type, payloadBytes, force);
  };

  /** A payload that stands where other frames have come moves behind them. */
  const moveUp = (from: number, to: number, place: number): void => {
    if (from === place) return;
    queued.reserve(to, place - from);
    queued.bytes.copyWithin(place, from, to);
  };

  /** What is being written of it stays where it is. */
  const emptyQueue = (): void => {
    const used = queued.bytes.length > QUEUE_BYTES_MAX ? makeQueue() : queued;
    queued = spare;
    spare = used;
    queuedBytes = 0;
  };

  const fail = (cause: unknown): TpcError => {
    if (failure !== null) return failure;
    const error = logWriteError("write", "the log", cause);
    failure = error;
    pending = [];
    cancelWait?.();
    for (const waiter of waiters) waiter.reject(error);
    waiters = [];
    // Nothing may be written after a failure; whether closing works no longer matters.
    if (!running) segments.close().catch(() => undefined);
    context.onFailure(error);
    return error;
  };

  const reportForced = (throughSeq: number): void => {
    if (failure !== null || throughSeq <= durableSeq) return;
    durableSeq = throughSeq;
    for (const waiter of waiters) if (waiter.seq <= durableSeq) waiter.resolve();
    waiters = waiters.filter((waiter) => waiter.seq > durableSeq);
    // In a turn of its own: what a listener throws is not an error of the log.
    queueMicrotask(() => {
      if (failure === null) for (const listener of listeners) listener(throughSeq);
    });
  };

  const sync = async (): Promise<void> => {
    const startedMs = clock.nowMs();
    const throughSeq = writtenSeq;
    await segments.sync();
    const tookMs = clock.nowMs() - startedMs;
    if (tookMs > SLOW_SYNC_MS) context.warn(`a sync of the log took ${Math.round(tookMs)} ms`);
    reach("log-forced");
    reportForced(throughSeq);
  };

  const startSegment = async (start: PendingFrame): Promise<void> => {
    pending.shift();
    if (pending.length === 0) emptyQueue();
    await segments.next(start, durableSeq);
    writtenSeq = start.seq;
    reportForced(start.seq);
    await mark.raise(start.seq);
    reach("rotate-marked");
  };

  /** Up to the end of the segment. A promise where the system has not taken it at once. */
  const writeBatch = (): Promise<void> | undefined => {
    const ending = pending.findIndex((frame) => frame.type === "segment-end");
    const batch = ending === -1 ? pending : pending.slice(0, ending + 1);
    pending = ending === -1 ? [] : pending.slice(ending + 1);
    const written = segments.write(batch, queued, durableSeq);
    if (pending.length === 0) emptyQueue();
    if (written !== undefined) return written.then(() => noteWritten(batch));
    noteWritten(batch);
    return undefined;
  };

  const noteWritten = (batch: readonly PendingFrame[]): void => {
    writtenSeq = batch.at(-1)?.seq ?? writtenSeq;
    reach("log-written");
    wantedSeq = Math.max(wantedSeq, batch.findLast((frame) => frame.force)?.seq ?? wantedSeq);
  };

  const drain = async (): Promise<void> => {
    try {
      while (failure === null) {
        const [first] = pending;
        if (awaitedSeq <= writtenSeq) {
          if (wantedSeq <= durableSeq) break;
        } else if (first?.type === "segment-start") {
          await startSegment(first);
          continue;
        } else {
          // Nothing is waited for that is there already: a commit would come by several promises on its way.
          const written = writeBatch();
          if (written !== undefined) await written;
        }
        if (wantedSeq > durableSeq && failure === null) await sync();
      }
    } catch (error) {
      fail(error);
    }
    // No await from the last look at the queue to here: a flush in between would be lost.
    running = false;
    if (failure !== null) segments.close().catch(() => undefined);
    else if (pending.length > 0) waitForMore();
    else context.onIdle();
  };

  const waitForMore = (): void => {
    cancelWait ??= clock.schedule(UNAWAITED_MS_MAX, () => flush(true));
  };

  const flush = (isAwaited: boolean): void => {
    if (isAwaited) awaitedSeq = lastSeq;
    if (running || failure !== null) return;
    if (awaitedSeq > writtenSeq || wantedSeq > durableSeq) {
      cancelWait?.();
      cancelWait = null;
      running = true;
      void drain();
    } else if (pending.length > 0) waitForMore();
  };

  const force = (seq: number): Promise<void> => {
    invariant(seq <= lastSeq, "only what was appended is forced");
    if (failure !== null) return Promise.reject(failure);
    if (seq <= durableSeq) return Promise.resolve();
    wantedSeq = Math.max(wantedSeq, seq);
    awaitedSeq = Math.max(awaitedSeq, seq);
    const forced = new Promise<void>((resolve, reject) => waiters.push({ seq, resolve, reject }));
    flush(false);
    return forced;
  };

  return {
    append: (record, force) => (failure === null ? append("record", record, force) : lastSeq),
    appendShutdown: () => (failure === null ? append("shutdown", null, true) : lastSeq),
    flush,
    force,
    onForced: (listener) => listeners.push(listener),
    fail,
    failure: () => failure,
    lastSeq: () => lastSeq,
    durableSeq: () => durableSeq,
    appendedBytes: () => appendedBytes,
  };
}

function makeQueue(): GrowingBytes {
  return createGrowingBytes(Buffer.allocUnsafe, QUEUE_BYTES);
}
