import { join } from "node:path";

/** The folder of the log inside a node's data directory. */
export const LOG_FOLDER = "log";
/** One frame: the last seq that is known to be on disk. */
export const MARK_FILE = "mark";
/** One frame: the state after every record up to its seq. */
export const CHECKPOINT_FILE = "checkpoint";
/** How the state in a checkpoint is laid out: what this version writes. It reads format 1 as well, which had no pages. */
export const IMAGE_FORMAT = 2;
export const IMAGE_FORMATS_READ: readonly unknown[] = [1, IMAGE_FORMAT];
/** The ending of a file that is being written and has not got its name yet. */
export const TEMPORARY_ENDING = ".tmp";

export interface SegmentName {
  readonly name: string;
  /** Rises from segment to segment, from 1; numbers may be left out. */
  readonly number: number;
  /** The seq of the segment's first frame. */
  readonly firstSeq: number;
}

const PAGE_PATTERN = /^page-\d{8,16}-\d{8,10}$/;
const SEGMENT_PATTERN = /^segment-(\d{8,10})-(\d{16})\.log$/;

export function logPathOf(directoryPath: string): string {
  return join(directoryPath, LOG_FOLDER);
}

export function segmentName(number: number, firstSeq: number): SegmentName {
  const name = `segment-${String(number).padStart(8, "0")}-${String(firstSeq).padStart(16, "0")}.log`;
  return { name, number, firstSeq };
}

/** One frame: a part of a checkpoint's state, which later checkpoints list as well. A page that has grown is another file. */
export function pageFileName({ number, bytes }: { readonly number: number; readonly bytes: number }): string {
  return `page-${String(number).padStart(8, "0")}-${String(bytes).padStart(8, "0")}`;
}

export function isPageFile(name: string): boolean {
  return PAGE_PATTERN.test(name);
}

/** The segments among the names of a folder, in their order. */
export function segmentsAmong(names: readonly string[]): SegmentName[] {
  const segments: SegmentName[] = [];
  for (const name of names) {
    const match = SEGMENT_PATTERN.exec(name);
    if (match !== null) segments.push({ name, number: Number(match[1]), firstSeq: Number(match[2]) });
  }
  return segments.sort((one, other) => one.number - other.number || one.firstSeq - other.firstSeq);
}
