import { join } from "node:path";
import type { FrameHeader } from "../codec/frame.ts";
import { readJson } from "../codec/json-reading.ts";
import { type ScannedFrame, scanSegment } from "../codec/segment-scan.ts";
import type { StoredPage } from "../core/packed-requests.ts";
import type { Lsn } from "../schema/ids.ts";
import type { LogFiles } from "./files.ts";
import { type FrameFile, readFrameFile } from "./frame-file.ts";
import {
  CHECKPOINT_FILE,
  IMAGE_FORMATS_READ,
  isPageFile,
  MARK_FILE,
  pageFileName,
  type SegmentName,
  segmentsAmong,
  TEMPORARY_ENDING,
} from "./layout.ts";
import { type ListedPage, readPages } from "./pages.ts";
import {
  type ImageReading,
  joinProblem,
  judgeEnd,
  type LogEnd,
  type LogProblem,
  type SegmentReading,
  type Surroundings,
  surroundingsProblem,
} from "./verdict.ts";

/** Everything that reading a log tells, before anything is changed. */
export interface LogReading {
  readonly end: LogEnd;
  /** The last frame that its own run wrote, zeros when there is none: what a mending run put behind it does not count. */
  readonly last: Lsn;
  /** The seq that every valid frame found is below. */
  readonly nextSeq: number;
  /** Up to here the log was on disk for certain: by the mark, the checkpoint and the frames themselves. */
  readonly provenSeq: number;
  readonly checkpoint: {
    readonly image: unknown;
    readonly pages: readonly StoredPage[];
    readonly listed: readonly ListedPage[];
    readonly throughSeq: number;
    /** The size of its payload in bytes. */
    readonly bytes: number;
  } | null;
  /** The segments from the checkpoint on, in order. */
  readonly segments: readonly SegmentReading[];
  /** Segments that the checkpoint covers wholly; nobody needs them. */
  readonly covered: readonly SegmentName[];
  /** What an interrupted replacement left behind: names of files. */
  readonly temporary: readonly string[];
  readonly epochMax: number;
  readonly segmentNumberMax: number;
}

/** One valid frame in its segment, and what came before it. */
export interface VisitedFrame extends ScannedFrame {
  readonly file: string;
  /** The segment's bytes. */
  readonly bytes: Buffer;
  /** The last seq that the checkpoint includes, 0 without one. */
  readonly throughSeq: number;
  /** Where the frame's run begins: no frame that an earlier run wrote stands there or beyond. */
  readonly runBeginSeq: number;
}

/** Looks at one valid frame; a text says what is wrong with its payload. */
export type FrameVisitor = (frame: VisitedFrame) => string | null;

/** Thrown when a segment disappears while the log is read; only a running node does that. */
export class SegmentGone extends Error {}

/**
 * Reads the log at `logPath` from its checkpoint on and changes nothing. `visit` sees every valid frame in order,
 * also those before the checkpoint that share a segment with later ones; `begin` hears of the checkpoint before that, where
 * nothing is wrong with it. Holds one segment at a time.
 */
export async function readLog(
  files: LogFiles,
  logPath: string,
  store: number,
  visit: FrameVisitor,
  begin: (checkpoint: LogReading["checkpoint"]) => Promise<void> = async () => {},
): Promise<LogReading> {
  // The mark first: of a log that is being written, what is read later can only be longer.
  const mark = await readFrameFile(files, join(logPath, MARK_FILE), "mark", store);
  const checkpoint = await readFrameFile(files, join(logPath, CHECKPOINT_FILE), "checkpoint", store);
  const names = (await files.list(logPath)) ?? [];
  const all = segmentsAmong(names);
  const throughSeq = seqOf(checkpoint);
  const firstNeeded = all.findLastIndex((segment) => segment.firstSeq <= throughSeq + 1);
  const around: Surroundings = {
    mark,
    checkpoint,
    throughSeq,
    markSeq: Math.max(seqOf(mark), throughSeq),
    segments: all.slice(Math.max(firstNeeded, 0)),
    firstFound: firstNeeded >= 0,
    image: checkpoint.found === "frame" ? await readImage(files, logPath, store, checkpoint.payload) : null,
  };
  const found =
    checkpoint.found === "frame" && around.image !== null && "image" in around.image
      ? { ...around.image, throughSeq, bytes: checkpoint.payload.length }
      : null;
  const problem = surroundingsProblem(around);
  if (problem === null) await begin(found);
  const read =
    problem === null
      ? await readSegments(files, logPath, store, around, visit)
      : { segments: [], problem, last: { epoch: 0, seq: 0 } };
  const lastHeader = read.segments.findLast((segment) => segment.scan.last !== null)?.scan.last ?? null;
  return {
    end: read.problem === null ? judgeEnd(read.segments.at(-1), around.markSeq, mark) : corrupt(read.problem),
    last: read.last,
    nextSeq: (lastHeader?.seq ?? throughSeq) + 1,
    provenSeq: Math.max(around.markSeq, lastHeader?.durableSeq ?? 0),
    checkpoint: found,
    segments: read.segments,
    covered: all.slice(0, Math.max(firstNeeded, 0)),
    temporary: leftoversAmong(names, around.image),
    epochMax: Math.max(epochOf(mark), epochOf(checkpoint), ...read.segments.map(segmentEpoch)),
    segmentNumberMax: all.at(-1)?.number ?? 0,
  };
}

interface ReadSegments {
  readonly segments: readonly SegmentReading[];
  readonly problem: LogProblem | null;
  readonly last: Lsn;
}

async function readSegments(
  files: LogFiles,
  logPath: string,
  store: number,
  around: Surroundings,
  visit: FrameVisitor,
): Promise<ReadSegments> {
  const segments: SegmentReading[] = [];
  const runs = trackRuns();
  for (const { name: file, number, firstSeq } of around.segments) {
    const before = segments.at(-1);
    const apart = before === undefined ? null : joinProblem(before, firstSeq, around.markSeq);
    if (apart !== null) return { segments, problem: apart, last: runs.last() };
    const read = await files.read(join(logPath, file));
    if (read === null) throw new SegmentGone(file);
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.length);
    const scan = scanSegment(bytes, { store, segment: number, firstSeq }, (frame) => {
      const runBeginSeq = runs.see(frame.header);
      return visit({ ...frame, file, bytes, throughSeq: around.throughSeq, runBeginSeq });
    });
    segments.push({ name: file, number, firstSeq, scan });
  }
  return { segments, problem: null, last: runs.last() };
}

/** Follows the runs through the log. A frame with another epoch than its segment's start was written by a mending run. */
function trackRuns(): { see(header: FrameHeader): number; last(): Lsn } {
  let last: Lsn = { epoch: 0, seq: 0 };
  let segmentEpoch = 0;
  let beginSeq = 0;
  return {
    see: ({ type, epoch, seq }) => {
      if (type === "segment-start") {
        if (epoch !== last.epoch) beginSeq = last.seq === 0 ? seq : last.seq + 1;
        segmentEpoch = epoch;
      }
      if (epoch === segmentEpoch) last = { epoch, seq };
      return beginSeq;
    },
    last: () => last,
  };
}

function seqOf(file: FrameFile): number {
  return file.found === "frame" ? file.header.seq : 0;
}

function epochOf(file: FrameFile): number {
  return file.found === "frame" ? file.header.epoch : 0;
}

function segmentEpoch(segment: SegmentReading): number {
  return Math.max(segment.scan.last?.epoch ?? 0, segment.scan.later?.epochMax ?? 0);
}

/** Files whose making was interrupted, and pages that no checkpoint lists: not yet, or no longer. */
function leftoversAmong(names: readonly string[], image: ImageReading | null): readonly string[] {
  const needed = new Set(image !== null && "image" in image ? image.listed.map(pageFileName) : []);
  return names.filter((name) => name.endsWith(TEMPORARY_ENDING) || (isPageFile(name) && !needed.has(name)));
}

async function readImage(
  files: LogFiles,
  logPath: string,
  store: number,
  payload: Uint8Array,
): Promise<ImageReading> {
  const read = imageOf(payload);
  if ("problem" in read) return { file: CHECKPOINT_FILE, ...read };
  const found = await readPages(files, logPath, store, read.listed);
  return "problem" in found ? found : { ...read, ...found };
}

const decoder = new TextDecoder();

function imageOf(
  payload: Uint8Array,
):
  | { readonly image: unknown; readonly listed: readonly ListedPage[] }
  | { readonly problem: string; readonly isOtherFormat: boolean } {
  let value: unknown = null;
  try {
    value = readJson(payload, (part) => decoder.decode(part));
  } catch {
    // What is no JSON has no image either.
  }
  if (typeof value !== "object" || value === null || !("image" in value)) {
    return { problem: "the checkpoint has no image", isOtherFormat: false };
  }
  const format = "format" in value ? value.format : 1;
  const listed = "pages" in value ? value.pages : [];
  if (IMAGE_FORMATS_READ.includes(format)) {
    if (isPageList(listed)) return { image: value.image, listed };
    return { problem: "the checkpoint does not say which pages it has", isOtherFormat: false };
  }
  const readable = IMAGE_FORMATS_READ.join(" and ");
  const problem = `the checkpoint has image format ${format}, and this version reads formats ${readable}`;
  return { problem, isOtherFormat: true };
}

function isPageList(value: unknown): value is readonly ListedPage[] {
  const isNumber = (entry: object, key: keyof ListedPage) =>
    key in entry && Number.isSafeInteger((entry as ListedPage)[key]);
  return (
    Array.isArray(value) &&
    value.every(
      (entry: unknown) =>
        typeof entry === "object" &&
        entry !== null &&
        isNumber(entry, "number") &&
        isNumber(entry, "bytes") &&
        isNumber(entry, "checksum"),
    )
  );
}

function corrupt(problem: LogProblem): LogEnd {
  return { state: "corrupt", problem };
}
