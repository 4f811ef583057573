import { join } from "node:path";
import { frameBytes } from "../codec/frame.ts";
import { createGrowingBytes, type GrowingBytes } from "../codec/growing-bytes.ts";
import { invariant } from "../core/errors.ts";
import { type LogFiles, naming, syncNames } from "./files.ts";
import { segmentName } from "./layout.ts";
import type { Reach } from "./points.ts";
import type { KeptSegment } from "./recovery.ts";
import { type PendingFrame, type SegmentFile, writeSegment } from "./segment-file.ts";

/** The segments of a running log: the one that is written to, and the finished ones that are kept. */
export interface Segments {
  /** Writes the frames to the active segment; see `SegmentFile`. */
  write(frames: readonly PendingFrame[], queued: GrowingBytes, durableSeq: number): Promise<void> | undefined;
  /** Resolves when all that was written is on disk. */
  sync(): Promise<void>;
  /** Closes the active segment, whose last frame must be on disk, and makes the next one with `start` in it. */
  next(start: PendingFrame, durableSeq: number): Promise<void>;
  /**
   * Removes from the list the finished segments that hold nothing above `throughSeq`. Returns those whose files are to be removed;
   * the others stay where they are until they are written over.
   */
  takeCovered(throughSeq: number): readonly string[];
  /** Whether covered segments may stay to be written over, from now on. Returns those that may not any more: their files are to be removed. */
  keepSpares(mayStay: boolean): readonly string[];
  close(): Promise<void>;
}

/** What every frame of this run has in common. */
export interface RunIdentity {
  readonly store: number;
  readonly epoch: number;
}

/** See `LogSettings`. */
export interface SegmentSizes {
  readonly segmentBytesMax: number;
  readonly checkpointBytes: number;
}

/** So many covered segments are kept to be written over, at most: as many as are finished between two checkpoints. */
export function sparesMax({ segmentBytesMax, checkpointBytes }: SegmentSizes): number {
  return Math.ceil(checkpointBytes / segmentBytesMax);
}

interface FinishedSegment extends KeptSegment {
  /** The length of the file where this run has written it; null where it was found. */
  readonly fileBytes: number | null;
}

interface ActiveSegment {
  readonly name: string;
  readonly file: SegmentFile;
}

/** A covered segment whose file is to be written over. */
interface Spare {
  readonly name: string;
  readonly fileBytes: number;
}

/** Everything here throws TPC_LOG_WRITE. The first segment is made by `next`, with the number after `numberMax`. */
export function openSegments(
  files: LogFiles,
  logPath: string,
  run: RunIdentity,
  numberMax: number,
  finished: readonly KeptSegment[],
  sizes: SegmentSizes,
  reach: Reach,
): Segments {
  const { segmentBytesMax } = sizes;
  let kept: FinishedSegment[] = finished.map((segment) => ({ ...segment, fileBytes: null }));
  const spares: Spare[] = [];
  let mayStay = true;
  let active: ActiveSegment | null = null;
  let lastNumber = numberMax;

  const close = async (): Promise<void> => {
    if (active === null) return;
    const { name, file } = active;
    active = null;
    kept.push({ name, lastSeq: file.lastSeq(), fileBytes: file.fileBytes() });
    await file.close();
  };

  const next = async (start: PendingFrame, durableSeq: number): Promise<void> => {
    await close();
    reach("rotate-closed");
    lastNumber += 1;
    const { name } = segmentName(lastNumber, start.seq);
    const path = join(logPath, name);
    // A file that is written over has its old name until it begins with the new segment's frame: under that one, a checkpoint
    // covers it, whatever stands in it.
    const spare = spares.shift();
    const firstPath = join(logPath, spare?.name ?? name);
    const opened = await (spare === undefined
      ? naming("create", path, () => files.create(path))
      : naming("open", firstPath, () => files.reopen(firstPath)));
    const header = { ...run, segment: lastNumber };
    active = { name, file: writeSegment(opened, path, header, spare?.fileBytes ?? 0, segmentBytesMax) };
    reach("rotate-created");
    const alone = createGrowingBytes(Buffer.allocUnsafe, frameBytes(0));
    await active.file.write([{ ...start, at: 0 }], alone, durableSeq);
    await active.file.sync();
    reach("rotate-started");
    if (spare !== undefined) await naming("rename to", path, () => files.rename(firstPath, path));
    await syncNames(files, logPath);
    reach("rotate-synced");
  };

  const takeCovered = (throughSeq: number): readonly string[] => {
    const covered = kept.filter((segment) => segment.lastSeq <= throughSeq);
    kept = kept.filter((segment) => segment.lastSeq > throughSeq);
    const removed: string[] = [];
    for (const { name, fileBytes } of covered) {
      const hasRoom = mayStay && spares.length < sparesMax(sizes);
      if (hasRoom && isWorthWritingOver(fileBytes, segmentBytesMax)) spares.push({ name, fileBytes });
      else removed.push(name);
    }
    return removed;
  };

  return {
    write(frames, queued, durableSeq) {
      invariant(active !== null, "a segment is open while frames are written");
      return active.file.write(frames, queued, durableSeq);
    },
    sync: () => active?.file.sync() ?? Promise.resolve(),
    next,
    takeCovered,
    keepSpares(isRoom) {
      mayStay = isRoom;
      return isRoom ? [] : spares.splice(0).map(({ name }) => name);
    },
    close,
  };
}

/** A file that most of a segment finds room in, and no longer than one may be. */
function isWorthWritingOver(fileBytes: number | null, segmentBytesMax: number): fileBytes is number {
  return fileBytes !== null && fileBytes > segmentBytesMax / 2 && fileBytes <= segmentBytesMax;
}
