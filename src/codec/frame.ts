import { crc32c } from "./crc32c.ts";

/**
 * A frame of the log, little-endian, always a multiple of eight bytes long:
 *
 *     0  magic        4      12  length       4     36  segment  4
 *     4  version      1      16  seq          8     40  epoch    8
 *     5  type         1      24  durableSeq   8     48  payload, zeros to fill, CRC-32C of all before it (4)
 *     6  store        6      32  reserved     4
 *
 * `store` and `segment` are the segment's identity: a frame that strayed in from elsewhere fails by them.
 */
export interface FrameHeader {
  readonly type: FrameType;
  /** The store's identity as a number of 48 bits; see `storeNumber`. */
  readonly store: number;
  /** The segment's number, from 1; 0 in a file that is not a segment. */
  readonly segment: number;
  readonly epoch: number;
  /** Rises by exactly one from frame to frame, over all segments. */
  readonly seq: number;
  /** The highest seq that was known to be on disk when this frame was written. */
  readonly durableSeq: number;
}

/** `record` frames carry a log record; the others are the log's own. */
export const FRAME_TYPES = {
  record: 1,
  "segment-start": 2,
  "segment-end": 3,
  shutdown: 4,
  mark: 5,
  checkpoint: 6,
  page: 7,
} as const;
export type FrameType = keyof typeof FRAME_TYPES;

/** Nothing follows it in its segment. */
export function endsSegment(type: FrameType): boolean {
  return type === "segment-end" || type === "shutdown";
}

const TYPE_NAMES: ReadonlyMap<number, FrameType> = new Map<number, FrameType>([
  [FRAME_TYPES.record, "record"],
  [FRAME_TYPES["segment-start"], "segment-start"],
  [FRAME_TYPES["segment-end"], "segment-end"],
  [FRAME_TYPES.shutdown, "shutdown"],
  [FRAME_TYPES.mark, "mark"],
  [FRAME_TYPES.checkpoint, "checkpoint"],
  [FRAME_TYPES.page, "page"],
]);

export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 48;
export const FRAME_ALIGNMENT_BYTES = 8;
/** The longest payload of a record, in bytes; `append` refuses more and a reader believes no more. */
export const RECORD_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;
/** The longest payload of a checkpoint, in bytes. */
export const CHECKPOINT_PAYLOAD_BYTES_MAX = 1024 * 1024 * 1024;

/** No byte of it occurs in UTF-8, so no payload can look like the start of a frame. */
const MAGIC = 0xf8f9fafb;
/** The byte of the magic that comes first in a file. */
export const MAGIC_FIRST_BYTE = MAGIC & 0xff;
const CRC_BYTES = 4;
const SAFE_HIGH_MAX = 0x1f_ffff;

export type FrameProblem =
  | "end-of-file"
  | "cut-short"
  | "magic"
  | "version"
  | "type"
  | "length"
  | "number"
  | "padding"
  | "checksum";

export type ReadFrame =
  | {
      readonly valid: true;
      readonly header: FrameHeader;
      readonly payloadStart: number;
      readonly payloadEnd: number;
      readonly end: number;
      readonly checksum: number;
    }
  | { readonly valid: false; readonly problem: Exclude<FrameProblem, "version"> }
  /** A whole frame with a good checksum, by a version of the program that writes them otherwise. */
  | { readonly valid: false; readonly problem: "version"; readonly version: number };

/** Twelve hexadecimal digits as a number of 48 bits. */
export function storeNumber(storeId: string): number {
  return Number.parseInt(storeId, 16);
}

/** The whole length in bytes of a frame with `payloadBytes` of payload. */
export function frameBytes(payloadBytes: number): number {
  const unpadded = FRAME_HEADER_BYTES + payloadBytes + CRC_BYTES;
  return Math.ceil(unpadded / FRAME_ALIGNMENT_BYTES) * FRAME_ALIGNMENT_BYTES;
}

/** What frames that are written together have in common, and what each of them has of its own. */
export type CommonHeader = Omit<FrameHeader, keyof OwnHeader>;
export type OwnHeader = Pick<FrameHeader, "type" | "seq">;

/**
 * Makes a frame of the payload that already stands at `offset + FRAME_HEADER_BYTES`: header, zeros and checksum
 * are written around it. Returns the offset after the frame; there must be room for `frameBytes(payloadBytes)`.
 */
export function sealFrame(
  view: DataView,
  offset: number,
  common: CommonHeader,
  own: OwnHeader,
  payloadBytes: number,
): number {
  const end = surroundPayload(view, offset, common, own, payloadBytes);
  view.setUint32(end - CRC_BYTES, crc32c(view, offset, end - CRC_BYTES), true);
  return end;
}

/** The same for a payload whose checksum takes long: it comes back for a pause after every `stepBytes`. */
export function* sealFrameInSteps(
  view: DataView,
  header: FrameHeader,
  payloadBytes: number,
  stepBytes: number,
): Generator<void, void> {
  const last = surroundPayload(view, 0, header, header, payloadBytes) - CRC_BYTES;
  let checksum = 0;
  for (let at = 0; at < last; at += stepBytes) {
    if (at > 0) yield;
    checksum = crc32c(view, at, Math.min(last, at + stepBytes), checksum);
  }
  view.setUint32(last, checksum, true);
}

/** Everything but the checksum. Returns the offset after the frame. */
function surroundPayload(
  view: DataView,
  offset: number,
  common: CommonHeader,
  own: OwnHeader,
  payloadBytes: number,
): number {
  const end = offset + frameBytes(payloadBytes);
  view.setUint32(offset, MAGIC, true);
  view.setUint8(offset + 4, FRAME_VERSION);
  view.setUint8(offset + 5, FRAME_TYPES[own.type]);
  view.setUint16(offset + 6, Math.floor(common.store / 2 ** 32), true);
  view.setUint32(offset + 8, common.store >>> 0, true);
  view.setUint32(offset + 12, payloadBytes, true);
  writeCount(view, offset + 16, own.seq);
  writeCount(view, offset + 24, common.durableSeq);
  view.setUint32(offset + 32, 0, true);
  view.setUint32(offset + 36, common.segment, true);
  writeCount(view, offset + 40, common.epoch);
  for (let at = offset + FRAME_HEADER_BYTES + payloadBytes; at < end - CRC_BYTES; at += 1)
    view.setUint8(at, 0);
  return end;
}

/** A whole frame as bytes of its own; for those that are written alone. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameBytes(payload.length));
  bytes.set(payload, FRAME_HEADER_BYTES);
  sealFrame(new DataView(bytes.buffer), 0, header, header, payload.length);
  return bytes;
}

/** The checksum of a frame that is these bytes. */
export function checksumOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(
    frame.length - CRC_BYTES,
    true,
  );
}

/**
 * Reads the frame at `offset`. The length is held against `payloadBytesMax` and the bytes that are left before anything
 * else is believed, and nothing is copied. Whether the frame belongs here (store, segment, epoch, seq) is the caller's question.
 */
export function readFrame(
  view: DataView,
  offset: number,
  payloadBytesMax: number = RECORD_PAYLOAD_BYTES_MAX,
): ReadFrame {
  const left = view.byteLength - offset;
  if (left <= 0) return invalid("end-of-file");
  if (left < FRAME_HEADER_BYTES) return invalid("cut-short");
  if (view.getUint32(offset, true) !== MAGIC) return invalid("magic");
  const length = view.getUint32(offset + 12, true);
  if (length > payloadBytesMax) return invalid("length");
  const bytes = frameBytes(length);
  if (bytes > left) return invalid("cut-short");
  const end = offset + bytes;
  const checksum = crc32c(view, offset, end - CRC_BYTES);
  if (view.getUint32(end - CRC_BYTES, true) !== checksum) return invalid("checksum");
  const version = view.getUint8(offset + 4);
  if (version !== FRAME_VERSION) return { valid: false, problem: "version", version };
  const type = TYPE_NAMES.get(view.getUint8(offset + 5));
  if (type === undefined) return invalid("type");
  const payloadEnd = offset + FRAME_HEADER_BYTES + length;
  for (let at = payloadEnd; at < end - CRC_BYTES; at += 1) {
    if (view.getUint8(at) !== 0) return invalid("padding");
  }
  const seq = readCount(view, offset + 16);
  const durableSeq = readCount(view, offset + 24);
  const epoch = readCount(view, offset + 40);
  if (seq === null || durableSeq === null || epoch === null) return invalid("number");
  const store = view.getUint16(offset + 6, true) * 2 ** 32 + view.getUint32(offset + 8, true);
  const segment = view.getUint32(offset + 36, true);
  const header = { type, store, segment, epoch, seq, durableSeq };
  return { valid: true, header, payloadStart: offset + FRAME_HEADER_BYTES, payloadEnd, end, checksum };
}

/** What is wrong with a frame of another version, in words; it is not damaged. */
export function otherVersion(version: number): string {
  return `written in log format ${version}, and this version reads format ${FRAME_VERSION}`;
}

function invalid(problem: Exclude<FrameProblem, "version">): ReadFrame {
  return { valid: false, problem };
}

function writeCount(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** Null when the number is beyond what a JavaScript number holds exactly. */
function readCount(view: DataView, offset: number): number | null {
  const high = view.getUint32(offset + 4, true);
  return high > SAFE_HIGH_MAX ? null : high * 2 ** 32 + view.getUint32(offset, true);
}
