import { endsSegment } from "../codec/frame.ts";
import type { SegmentScan } from "../codec/segment-scan.ts";
import { judgeTail } from "../codec/tail-policy.ts";
import type { StoredPage } from "../core/packed-requests.ts";
import type { FrameFile } from "./frame-file.ts";
import { CHECKPOINT_FILE, MARK_FILE, type SegmentName } from "./layout.ts";
import type { ListedPage } from "./pages.ts";

/** A place in a log where acknowledged data is damaged or gone. */
export interface LogProblem {
  readonly file: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  /** The seq that was expected there. */
  readonly seq: number;
  readonly message: string;
  /** True where nothing is damaged, and another version of the program wrote it. */
  readonly isOtherFormat: boolean;
}

/** How a log ends. `clean`: by a shutdown. `unclean`: at a whole frame. `torn`: in a write that nobody was told of. */
export type LogEnd =
  | { readonly state: "fresh" | "clean" | "unclean" }
  | { readonly state: "torn"; readonly bytes: number }
  | { readonly state: "corrupt"; readonly problem: LogProblem };

export interface SegmentReading extends SegmentName {
  readonly scan: SegmentScan;
}

/** What the checkpoint and its pages hold, or the file of them that is not as it should be. */
export type ImageReading =
  | {
      readonly image: unknown;
      readonly pages: readonly StoredPage[];
      readonly listed: readonly ListedPage[];
    }
  | { readonly file: string; readonly problem: string; readonly isOtherFormat: boolean };

/** What stands around the segments, and what it proves. */
export interface Surroundings {
  readonly mark: FrameFile;
  readonly checkpoint: FrameFile;
  readonly throughSeq: number;
  /** Up to here the mark or the checkpoint says that the log is on disk. */
  readonly markSeq: number;
  /** The segments that are needed, and whether the first of them is the one to begin with. */
  readonly segments: readonly SegmentName[];
  readonly firstFound: boolean;
  /** What the checkpoint holds; null without one. */
  readonly image: ImageReading | null;
}

/** What is wrong before the first segment is opened. */
export function surroundingsProblem(around: Surroundings): LogProblem | null {
  const { mark, checkpoint, throughSeq, markSeq, segments } = around;
  const at = (file: string, message: string) => ({
    file,
    offset: 0,
    seq: throughSeq + 1,
    message,
    isOtherFormat: false,
  });
  if (mark.found === "damage") return { ...at(MARK_FILE, mark.message), isOtherFormat: mark.isOtherFormat };
  if (checkpoint.found === "damage") {
    return { ...at(CHECKPOINT_FILE, checkpoint.message), isOtherFormat: checkpoint.isOtherFormat };
  }
  if (around.image !== null && "problem" in around.image) {
    const { file, problem, isOtherFormat } = around.image;
    return { ...at(file, problem), isOtherFormat };
  }
  if (mark.found === "nothing" && (segments.length > 0 || checkpoint.found === "frame")) {
    return at(MARK_FILE, "the mark is missing");
  }
  const [first] = segments;
  if (first === undefined) return markSeq === 0 ? null : at(MARK_FILE, "all segments are missing");
  if (around.firstFound) return null;
  return at(first.name, `the segments before it are missing (it begins at seq ${first.firstSeq})`);
}

/** What is wrong between a segment and the one that follows it, which begins at `nextSeq`. */
export function joinProblem(segment: SegmentReading, nextSeq: number, markSeq: number): LogProblem | null {
  const closed = isClosed(segment.scan);
  if (closed && nextSeq === segment.scan.expectedSeq) return null;
  return tailProblem(segment, markSeq, "followed", closed ? "gap" : "complete");
}

/** How the log ends, by its last segment. */
export function judgeEnd(segment: SegmentReading | undefined, markSeq: number, mark: FrameFile): LogEnd {
  if (segment === undefined) return { state: "fresh" };
  const problem = tailProblem(segment, markSeq, "last", "complete");
  if (problem !== null) return { state: "corrupt", problem };
  const dropped = segment.scan.problem === "end-of-file" ? 0 : segment.scan.brokenBytes;
  if (dropped > 0) return { state: "torn", bytes: dropped };
  const { last } = segment.scan;
  // A shutdown whose sync failed is in the file and not under the mark.
  const clean = last?.type === "shutdown" && mark.found === "frame" && mark.header.seq === last.seq;
  return { state: clean ? "clean" : "unclean" };
}

/** Asks the tail policy about the place where a segment's valid frames end; null when nothing acknowledged is hurt. */
function tailProblem(
  segment: SegmentReading,
  markSeq: number,
  position: "last" | "followed",
  sequence: "complete" | "gap",
): LogProblem | null {
  const { scan, name } = segment;
  const isOtherFormat = scan.problem === "version";
  const at = { file: name, offset: scan.keepBytes, seq: scan.expectedSeq, isOtherFormat };
  if (isOtherFormat) return { ...at, message: scan.detail ?? "written in another log format" };
  if (scan.problem === "payload") {
    return { ...at, message: `a frame with a good checksum and a bad payload (${scan.detail ?? "unknown"})` };
  }
  const rule = judgeTail({
    segment: position,
    sequence,
    // At the very end of a closed segment it is the next segment that is in question.
    shutdown: scan.hasShutdown && !isClosed(scan) ? "present" : "absent",
    mark: scan.expectedSeq > markSeq ? "above" : "at-or-below",
    later: laterOf(scan),
  });
  if (rule.verdict === "torn") return null;
  return { ...at, message: `acknowledged records are damaged or missing (${scan.problem}): ${rule.label}` };
}

function laterOf(scan: SegmentScan): "none" | "before-durable" | "after-durable" {
  if (scan.later === null) return "none";
  return scan.later.durableSeqMax >= scan.expectedSeq ? "after-durable" : "before-durable";
}

/** True when the segment was finished by its writer and holds nothing else. */
export function isClosed({ problem, last }: SegmentScan): boolean {
  return problem === "end-of-file" && last !== null && endsSegment(last.type);
}
