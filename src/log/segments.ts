import { join } from "node:path";
import { type CommonHeader, type FrameType, frameBytes, sealFrame } from "../codec/frame.ts";
import { createGrowingBytes, type GrowingBytes } from "../codec/growing-bytes.ts";
import { invariant } from "../core/errors.ts";
import { type LogFile, type LogFiles, logWriteError, writeAll } from "./files.ts";
import { segmentName } from "./layout.ts";
import type { Reach } from "./points.ts";
import type { KeptSegment } from "./recovery.ts";

/** A frame that waits to be written. */
export interface PendingFrame {
  readonly type: FrameType;
  readonly seq: number;
  /** Where it begins among the frames that wait, and the length of its payload, in bytes. */
  readonly at: number;
  readonly payloadBytes: number;
  readonly force: boolean;
}

/** The segments of a running log: the one that is written to, and the finished ones that are kept. */
export interface Segments {
  /**
   * Writes the frames to the active segment, in one call where the system takes it all. They stand one behind the other in `queued`, as
   * yet without their headers, which are put there. A promise where the system has not taken them at once: until it resolves they stay
   * there, and what is written with them behind the last.
   */
  write(frames: readonly PendingFrame[], queued: GrowingBytes, durableSeq: number): Promise<void> | undefined;
  /** Resolves when all that was written is on disk. */
  sync(): Promise<void>;
  /** Closes the active segment, whose last frame `lastSeq` must be on disk, and makes the next one with `start` in it. */
  next(start: PendingFrame, durableSeq: number): Promise<void>;
  /** Removes from the list, and returns, the finished segments that hold nothing above `throughSeq`. */
  takeCovered(throughSeq: number): readonly string[];
  close(): Promise<void>;
}

interface ActiveSegment {
  readonly number: number;
  readonly path: string;
  readonly name: string;
  readonly file: LogFile;
  /** How far it is written, and how long the file is: zeros stand in between. */
  bytes: number;
  fileBytes: number;
}

/**
 * A file grows by this much at once, in zeros that the next frames overwrite: a sync that has no new length to put on disk as well
 * takes less time. Where one write or two would use it up, it is not worth being written itself.
 */
const GROWTH_BYTES = 128 * 1024;

/** What every frame of this run has in common. */
export interface RunIdentity {
  readonly store: number;
  readonly epoch: number;
}

/** Everything here throws TPC_LOG_WRITE. The first segment is made by `next`, with the number after `numberMax`. */
export function openSegments(
  files: LogFiles,
  logPath: string,
  run: RunIdentity,
  numberMax: number,
  finished: readonly KeptSegment[],
  segmentBytesMax: number,
  reach: Reach,
): Segments {
  let kept = [...finished];
  let active: ActiveSegment | null = null;
  let lastNumber = numberMax;
  let writtenSeq = 0;

  const write = (
    frames: readonly PendingFrame[],
    queued: GrowingBytes,
    durableSeq: number,
  ): Promise<void> | undefined => {
    invariant(active !== null, "a segment is open while frames are written");
    const { number } = active;
    const [first, last] = [frames[0], frames.at(-1)];
    invariant(first !== undefined && last !== undefined, "there is a frame to write");
    const least = last.at + frameBytes(last.payloadBytes) - first.at;
    const room = roomBehind(active, least, last.type, segmentBytesMax);
    const end = first.at + least;
    queued.reserve(end, room);
    sealFrames(queued.view, frames, { ...run, segment: number, durableSeq });
    queued.bytes.fill(0, end, end + room);
    const bytes = queued.bytes.subarray(first.at, end + room);
    const taken = writeTo(active, bytes, least);
    if (typeof taken !== "number") return taken.then((count) => noteWritten(count, least, last.seq));
    noteWritten(taken, least, last.seq);
    return undefined;
  };

  const noteWritten = (taken: number, bytes: number, lastSeq: number): void => {
    invariant(active !== null, "a segment stays open until what is written to it is taken");
    active.fileBytes = Math.max(active.fileBytes, active.bytes + taken);
    active.bytes += bytes;
    writtenSeq = lastSeq;
  };

  const sync = async (): Promise<void> => {
    if (active === null) return;
    try {
      await active.file.datasync();
    } catch (error) {
      throw logWriteError("sync", active.path, error);
    }
  };

  const close = async (): Promise<void> => {
    if (active === null) return;
    const { file, path, name } = active;
    active = null;
    kept.push({ name, lastSeq: writtenSeq });
    try {
      await file.close();
    } catch (error) {
      throw logWriteError("close", path, error);
    }
  };

  const next = async (start: PendingFrame, durableSeq: number): Promise<void> => {
    await close();
    reach("rotate-closed");
    lastNumber += 1;
    const { name } = segmentName(lastNumber, start.seq);
    const path = join(logPath, name);
    try {
      active = { number: lastNumber, path, name, file: await files.create(path), bytes: 0, fileBytes: 0 };
    } catch (error) {
      throw logWriteError("create", path, error);
    }
    reach("rotate-created");
    const alone = createGrowingBytes(Buffer.allocUnsafe, frameBytes(0));
    await write([{ ...start, at: 0 }], alone, durableSeq);
    await sync();
    reach("rotate-started");
    try {
      await files.syncDirectory(logPath);
    } catch (error) {
      throw logWriteError("sync the directory", logPath, error);
    }
    reach("rotate-synced");
  };

  const takeCovered = (throughSeq: number): readonly string[] => {
    const covered = kept.filter((segment) => segment.lastSeq <= throughSeq);
    kept = kept.filter((segment) => segment.lastSeq > throughSeq);
    return covered.map((segment) => segment.name);
  };

  return { write, sync, next, takeCovered, close };
}

/** The number of bytes taken, or a promise of it. Throws, or rejects with, TPC_LOG_WRITE. */
function writeTo({ file, path, bytes: position }: ActiveSegment, bytes: Uint8Array, least: number) {
  const failed = (error: unknown): never => {
    throw logWriteError("write", path, error);
  };
  try {
    const taken = writeAll(file, bytes, position, least);
    return typeof taken === "number" ? taken : taken.catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** How many zeros to write behind the next frames, so that the file has room for more; none where they end it. */
function roomBehind(
  { bytes, fileBytes }: ActiveSegment,
  framesBytes: number,
  lastType: FrameType,
  segmentBytesMax: number,
): number {
  const end = bytes + framesBytes;
  if (end <= fileBytes || lastType === "segment-end" || lastType === "shutdown") return 0;
  if (2 * framesBytes > GROWTH_BYTES) return 0;
  return Math.max(0, Math.min(GROWTH_BYTES, segmentBytesMax - end));
}

/** Makes frames of the payloads that stand in their places. */
function sealFrames(view: DataView, frames: readonly PendingFrame[], common: CommonHeader): void {
  for (const frame of frames) sealFrame(view, frame.at, common, frame, frame.payloadBytes);
}
