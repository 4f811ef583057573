import { describe, expect, test } from "vitest";
import { encodeFrame, type FrameHeader } from "../../src/codec/frame.ts";
import { END_BYTES, scanSegment } from "../../src/codec/segment-scan.ts";

const EXPECTED = { store: 0xabc, segment: 2, firstSeq: 10 };
const BASE = { store: 0xabc, segment: 2, epoch: 4, durableSeq: 9 };
const FRAME_LENGTH = 56;

function frame(fields: Partial<FrameHeader> & { seq: number }): Uint8Array {
  return encodeFrame({ ...BASE, type: "record", ...fields }, new Uint8Array(0));
}

const START = frame({ type: "segment-start", seq: 10 });

function scan(...frames: readonly Uint8Array[]) {
  const visited: number[] = [];
  const result = scanSegment(Buffer.concat(frames), EXPECTED, ({ header }) => {
    visited.push(header.seq);
    return null;
  });
  return { ...result, visited };
}

describe("a segment is read up to the first frame that does not belong", () => {
  test("frames that follow each other are all read", () => {
    const found = scan(
      START,
      frame({ seq: 11 }),
      frame({ seq: 12 }),
      frame({ type: "segment-end", seq: 13 }),
    );
    expect(found).toMatchObject({ problem: "end-of-file", expectedSeq: 14, records: 2, later: null });
    expect(found.visited).toEqual([10, 11, 12, 13]);
    expect(found.keepBytes).toBe(4 * FRAME_LENGTH);
  });

  test.each([
    ["of another store", frame({ seq: 11, store: 0xabd })],
    ["of another segment", frame({ seq: 11, segment: 3 })],
    ["of another run", frame({ seq: 11, epoch: 5 })],
    ["that comes again", START],
    ["that skips one", frame({ seq: 12 })],
    ["that knows more than was written", frame({ seq: 11, durableSeq: 11 })],
    ["that knows less than the one before", frame({ seq: 11, durableSeq: 8 })],
    ["that starts a segment in its middle", frame({ seq: 11, type: "segment-start" })],
    ["that is no part of a segment", frame({ seq: 11, type: "mark" })],
  ])("a valid frame %s is not read", (_name, misplaced) => {
    expect(scan(START, misplaced)).toMatchObject({ problem: "misplaced", expectedSeq: 11, visited: [10] });
  });

  test("nothing follows the frame that closes a segment", () => {
    const closed = scan(START, frame({ seq: 11, type: "shutdown" }), frame({ seq: 12 }));
    expect(closed).toMatchObject({ problem: "misplaced", expectedSeq: 12, hasShutdown: true });
  });

  test("a segment that does not begin with its start is not read at all", () => {
    expect(scan(frame({ seq: 10 }))).toMatchObject({ problem: "misplaced", keepBytes: 0, last: null });
  });

  test("a later run may close the segment of one that could not", () => {
    const closed = scan(START, frame({ seq: 11, type: "segment-end", epoch: 5 }));
    expect(closed).toMatchObject({ problem: "end-of-file", expectedSeq: 12 });
  });
});

describe("beyond an invalid frame, only this segment's own later frames are evidence", () => {
  const hole = new Uint8Array(FRAME_LENGTH);

  test("what they knew to be on disk is reported, even when they are shifted by a byte", () => {
    const found = scan(START, hole, Uint8Array.of(0), frame({ seq: 12, durableSeq: 11 }), frame({ seq: 13 }));
    expect(found).toMatchObject({ problem: "magic", expectedSeq: 11 });
    expect(found.later).toEqual({ frames: 2, durableSeqMax: 11, seqMax: 13, epochMax: 4, shutdown: false });
  });

  test.each([
    ["of another store", frame({ seq: 12, store: 0xabd, durableSeq: 11 })],
    ["of another segment", frame({ seq: 12, segment: 3, durableSeq: 11 })],
    ["before the place", frame({ seq: 10 })],
  ])("a frame %s is none", (_name, stray) => {
    expect(scan(START, hole, stray).later).toBeNull();
  });

  test("a shutdown frame is seen there as well", () => {
    const found = scan(START, hole, frame({ seq: 12, type: "shutdown", durableSeq: 11 }));
    expect(found.hasShutdown).toBe(true);
  });
});

describe("behind the last frame may stand what was to be overwritten", () => {
  const END = new Uint8Array(END_BYTES);
  const EARLIER = frame({ seq: 7, segment: 1, durableSeq: 6 });
  const cut = (bytes: Uint8Array) => bytes.subarray(bytes.length - 20);

  test.each([
    ["zeros", [new Uint8Array(500)]],
    ["an earlier segment's frames behind zeros", [END, cut(EARLIER), EARLIER, EARLIER]],
  ])("%s are no problem", (_, rest) => {
    expect(scan(START, ...rest)).toMatchObject({ problem: "end-of-file", expectedSeq: 11, later: null });
  });

  test.each([
    ["zeros and something else", [END, cut(EARLIER)], 20 + END_BYTES],
    ["fewer zeros than end a segment", [END.subarray(1), cut(EARLIER), EARLIER], 20 + END_BYTES - 1],
    ["a piece of a frame before an earlier segment's", [cut(EARLIER), EARLIER, EARLIER], 20],
    ["a frame of a segment that comes later", [frame({ seq: 90, segment: 3 })], FRAME_LENGTH],
  ])("%s are what is left of a write", (_, rest, brokenBytes) => {
    const found = scan(START, ...rest);
    expect(found.problem).not.toBe("end-of-file");
    expect(found.brokenBytes).toBe(brokenBytes);
  });

  test("frames of this segment behind zeros are evidence", () => {
    const found = scan(START, END, frame({ seq: 12, durableSeq: 11 }), EARLIER);
    expect(found).toMatchObject({ problem: "magic", later: { frames: 1, durableSeqMax: 11 } });
  });

  test("nothing but zeros stands behind the frame that ends a segment", () => {
    const end = frame({ type: "segment-end", seq: 11 });
    expect(scan(START, end, END)).toMatchObject({ problem: "end-of-file" });
    expect(scan(START, end, END, EARLIER)).toMatchObject({ problem: "magic" });
  });
});
