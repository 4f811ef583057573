import {
  endsSegment,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  type FrameProblem,
  MAGIC_FIRST_BYTE,
  otherVersion,
  readFrame,
} from "./frame.ts";

/** So many zeros, or as many as there is room for, stand behind the last frame where a segment is written over an earlier one. */
export const END_BYTES = FRAME_HEADER_BYTES;

/** What a segment must hold to be the one that is meant. */
export interface SegmentExpectation {
  readonly store: number;
  readonly segment: number;
  readonly firstSeq: number;
}

/** A valid frame in its place. `payloadStart` and `payloadEnd` are offsets into the segment's bytes. */
export interface ScannedFrame {
  readonly header: FrameHeader;
  readonly offset: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

export interface SegmentScan {
  /** How many bytes the valid frames take; what follows is not part of them. */
  readonly keepBytes: number;
  /** Why the first frame after them does not count. `end-of-file` where nothing of this segment follows. */
  readonly problem: FrameProblem | "misplaced" | "payload";
  /** With `payload` and `version`: what is wrong with it. */
  readonly detail: string | null;
  /** How many bytes after them may be of a write that was interrupted: up to the first frame of an earlier segment. */
  readonly brokenBytes: number;
  /** The seq that was expected there. */
  readonly expectedSeq: number;
  /** The last valid frame, null when there is none. */
  readonly last: FrameHeader | null;
  readonly records: number;
  readonly hasShutdown: boolean;
  /** Valid frames of this segment beyond the first invalid one, with a seq above the expected one. */
  readonly later: {
    readonly frames: number;
    readonly durableSeqMax: number;
    readonly seqMax: number;
    readonly epochMax: number;
    readonly shutdown: boolean;
  } | null;
}

/**
 * Reads a segment from its beginning up to the first frame that is invalid or does not belong there, and looks beyond it
 * for evidence of what was on disk. `visit` gets every valid frame in order; when it returns a text, which says what is
 * wrong with the frame's payload, the frame counts as invalid.
 */
export function scanSegment(
  bytes: Uint8Array,
  expected: SegmentExpectation,
  visit: (frame: ScannedFrame) => string | null,
): SegmentScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  let seq = expected.firstSeq;
  let records = 0;
  let last: FrameHeader | null = null;
  let hasShutdown = false;
  let problem: SegmentScan["problem"] = "end-of-file";
  let detail: string | null = null;
  for (;;) {
    const frame = readFrame(view, offset);
    if (!frame.valid) {
      problem = frame.problem;
      if (frame.problem === "version") detail = otherVersion(frame.version);
      break;
    }
    const { header, payloadStart, payloadEnd } = frame;
    if (!belongs(header, expected, seq, last)) {
      problem = "misplaced";
      break;
    }
    detail = visit({ header, offset, payloadStart, payloadEnd });
    if (detail !== null) {
      problem = "payload";
      break;
    }
    if (header.type === "record") records += 1;
    if (header.type === "shutdown") hasShutdown = true;
    last = header;
    offset = frame.end;
    seq += 1;
  }
  const { later, earlierFrom } = lookForward(bytes, offset, expected, seq);
  // What was to be overwritten may follow: zeros, or frames of an earlier segment, which a finished one has none of any more.
  const isFinished = last !== null && endsSegment(last.type);
  const overwrites = !isFinished && earlierFrom < bytes.length;
  const endsHere = later === null && isBlank(bytes, offset, overwrites ? offset + END_BYTES : bytes.length);
  return {
    keepBytes: offset,
    problem: endsHere ? "end-of-file" : problem,
    detail,
    brokenBytes: earlierFrom - offset,
    expectedSeq: seq,
    last,
    records,
    hasShutdown: hasShutdown || (later?.shutdown ?? false),
    later,
  };
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

/** A segment starts with its start frame, is one run's, and ends with its closing frame. */
function belongs(
  header: FrameHeader,
  expected: SegmentExpectation,
  seq: number,
  last: FrameHeader | null,
): boolean {
  if (header.store !== expected.store || header.segment !== expected.segment) return false;
  if (header.seq !== seq || header.durableSeq >= seq) return false;
  if (last === null) return header.type === "segment-start";
  if (endsSegment(last.type)) return false;
  if (header.durableSeq < last.durableSeq) return false;
  if (header.type === "record" || header.type === "shutdown") return header.epoch === last.epoch;
  // A later run ends the segment of one that could not.
  return header.type === "segment-end" && header.epoch >= last.epoch;
}

/**
 * Searches at every byte, not only where a frame should stand: damage may have shifted what follows it. Finds where the first
 * frame of an earlier segment stands, too, whose file this one's was: the file's end without one.
 */
function lookForward(
  bytes: Uint8Array,
  from: number,
  expected: SegmentExpectation,
  seq: number,
): { readonly later: SegmentScan["later"]; readonly earlierFrom: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frames = 0;
  let durableSeqMax = 0;
  let seqMax = 0;
  let epochMax = 0;
  let shutdown = false;
  let earlierFrom = bytes.length;
  let at = bytes.indexOf(MAGIC_FIRST_BYTE, from);
  while (at !== -1) {
    const frame = readFrame(view, at);
    if (!frame.valid) {
      at = bytes.indexOf(MAGIC_FIRST_BYTE, at + 1);
      continue;
    }
    const { header } = frame;
    const isOfStore = header.store === expected.store;
    if (isOfStore && header.segment < expected.segment) earlierFrom = Math.min(earlierFrom, at);
    if (isOfStore && header.segment === expected.segment && header.seq > seq) {
      frames += 1;
      durableSeqMax = Math.max(durableSeqMax, header.durableSeq);
      seqMax = Math.max(seqMax, header.seq);
      epochMax = Math.max(epochMax, header.epoch);
      shutdown ||= header.type === "shutdown";
    }
    at = bytes.indexOf(MAGIC_FIRST_BYTE, frame.end);
  }
  return { later: frames === 0 ? null : { frames, durableSeqMax, seqMax, epochMax, shutdown }, earlierFrom };
}
