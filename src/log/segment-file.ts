import { type CommonHeader, endsSegment, type FrameType, frameBytes, sealFrame } from "../codec/frame.ts";
import type { GrowingBytes } from "../codec/growing-bytes.ts";
import { END_BYTES } from "../codec/segment-scan.ts";
import { invariant } from "../core/errors.ts";
import { type LogFile, logWriteError, naming, writeAll } from "./files.ts";

/** A frame that waits to be written. */
export interface PendingFrame {
  readonly type: FrameType;
  readonly seq: number;
  /** Where it begins among the frames that wait, and the length of its payload, in bytes. */
  readonly at: number;
  readonly payloadBytes: number;
  readonly force: boolean;
}

/** The file of the segment that is written to. */
export interface SegmentFile {
  /**
   * Writes the frames, in one call where the system takes it all. They stand one behind the other in `queued`, as yet without their
   * headers, which are put there. A promise where the system has not taken them at once: until it resolves they stay there, and what
   * is written with them behind the last.
   */
  write(frames: readonly PendingFrame[], queued: GrowingBytes, durableSeq: number): Promise<void> | undefined;
  /** Resolves when all that was written is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
  /** The last seq that was written, 0 for none, and how long the file is, in bytes. */
  lastSeq(): number;
  fileBytes(): number;
}

/** What every frame of a segment has in common. */
export type SegmentHeader = Omit<CommonHeader, "durableSeq">;

/**
 * A file grows by this much at once, in zeros that the next frames overwrite: a sync that has no new length to put on disk as well
 * takes less time. Where one write or two would use it up, it is not worth being written itself.
 */
const GROWTH_BYTES = 128 * 1024;

/**
 * `earlierBytes` is the length of the file where it was an earlier segment's, whose frames are overwritten, or 0. Everything here throws
 * TPC_LOG_WRITE and names `path`.
 */
export function writeSegment(
  file: LogFile,
  path: string,
  header: SegmentHeader,
  earlierBytes: number,
  segmentBytesMax: number,
): SegmentFile {
  /** How far it is written, and how long the file is: zeros stand in between, or what an earlier segment left. */
  let bytes = 0;
  let fileBytes = earlierBytes;
  let lastSeq = 0;

  /** The number of bytes taken, or a promise of it. */
  const writeAt = (position: number, data: Uint8Array, least: number): number | Promise<number> => {
    const failed = (error: unknown): never => {
      throw logWriteError("write", path, error);
    };
    try {
      const taken = writeAll(file, data, position, least);
      return typeof taken === "number" ? taken : taken.catch(failed);
    } catch (error) {
      return failed(error);
    }
  };

  const sync = () => naming("sync", path, () => file.datasync());

  /** Whether an earlier segment's frames stand behind `end`. */
  const overwrites = (end: number): boolean => end < earlierBytes;

  /**
   * How many zeros to write behind frames that do not end the segment: so that the file has room for more; or, where an earlier
   * segment's frames stand, to tell a reader that no more of this one follow.
   */
  const roomBehind = (end: number, framesBytes: number): number => {
    if (overwrites(end)) return Math.min(fileBytes - end, END_BYTES);
    if (end <= fileBytes || 2 * framesBytes > GROWTH_BYTES) return 0;
    return Math.max(0, Math.min(GROWTH_BYTES, segmentBytesMax - end));
  };

  /** Before a frame that ends the segment can be on disk, nothing stands behind it: a reader takes for damage what follows it. */
  const clearBehind = async (end: number): Promise<void> => {
    const zeros = new Uint8Array(fileBytes - end);
    await writeAt(end, zeros, zeros.length);
    await sync();
  };

  const put = (data: Uint8Array, framesBytes: number, throughSeq: number): Promise<void> | undefined => {
    const note = (taken: number): void => {
      fileBytes = Math.max(fileBytes, bytes + taken);
      bytes += framesBytes;
      lastSeq = throughSeq;
    };
    // Room for frames to come can be done without, but not the zeros that tell those that were from these.
    const least = overwrites(bytes + framesBytes) ? data.length : framesBytes;
    const taken = writeAt(bytes, data, least);
    if (typeof taken !== "number") return taken.then(note);
    note(taken);
    return undefined;
  };

  const write = (
    frames: readonly PendingFrame[],
    queued: GrowingBytes,
    durableSeq: number,
  ): Promise<void> | undefined => {
    const [first, last] = [frames[0], frames.at(-1)];
    invariant(first !== undefined && last !== undefined, "there is a frame to write");
    const to = last.at + frameBytes(last.payloadBytes);
    const framesBytes = to - first.at;
    const common = { ...header, durableSeq };
    for (const frame of frames) sealFrame(queued.view, frame.at, common, frame, frame.payloadBytes);
    const end = bytes + framesBytes;
    if (endsSegment(last.type)) {
      const data = queued.bytes.subarray(first.at, to);
      if (!overwrites(end)) return put(data, framesBytes, last.seq);
      return clearBehind(end).then(() => put(data, framesBytes, last.seq));
    }
    const room = roomBehind(end, framesBytes);
    queued.reserve(to, room);
    queued.bytes.fill(0, to, to + room);
    return put(queued.bytes.subarray(first.at, to + room), framesBytes, last.seq);
  };

  return {
    write,
    sync,
    close: () => naming("close", path, () => file.close()),
    lastSeq: () => lastSeq,
    fileBytes: () => fileBytes,
  };
}
