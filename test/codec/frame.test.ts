import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  FRAME_TYPES,
  type FrameHeader,
  type FrameType,
  frameBytes,
  readFrame,
  storeNumber,
} from "../../src/codec/frame.ts";

const HEADER: FrameHeader = {
  type: "record",
  store: storeNumber("0123456789ab"),
  segment: 3,
  epoch: 7,
  seq: 42,
  durableSeq: 40,
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function problemOf(bytes: Uint8Array, payloadBytesMax?: number): string {
  const frame = readFrame(viewOf(bytes), 0, payloadBytesMax);
  return frame.valid ? "none" : frame.problem;
}

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const header = fc.record({
  type: fc.constantFrom<FrameType>(...(Object.keys(FRAME_TYPES) as FrameType[])),
  store: fc.nat(2 ** 48 - 1),
  segment: fc.nat(2 ** 32 - 1),
  epoch: count,
  seq: count,
  durableSeq: count,
});

describe("a frame is read back as it was written, or not at all", () => {
  test("every header and payload survives the round trip, at any place in a file", () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), fc.nat(64), (fields, payload, before) => {
        const frame = encodeFrame(fields, payload);
        expect(frame.length % 8).toBe(0);
        expect(frame.length).toBe(frameBytes(payload.length));
        const file = new Uint8Array(before + frame.length + 8).fill(0xee);
        file.set(frame, before);
        const read = readFrame(viewOf(file), before);
        if (!read.valid) throw new Error(read.problem);
        expect(read.header).toEqual(fields);
        expect(file.subarray(read.payloadStart, read.payloadEnd)).toEqual(payload);
        expect(read.end).toBe(before + frame.length);
      }),
    );
  });

  test("the layout is the documented one", () => {
    const frame = encodeFrame(HEADER, new TextEncoder().encode("{}"));
    expect(Buffer.from(frame).toString("hex").match(/.{16}/g)).toEqual([
      "fbfaf9f801012301",
      "ab89674502000000",
      "2a00000000000000",
      "2800000000000000",
      "0000000003000000",
      "0700000000000000",
      expect.stringMatching(/^7b7d0000[0-9a-f]{8}$/),
    ]);
  });

  test("no single flipped bit is overlooked", () => {
    const frame = encodeFrame(HEADER, new TextEncoder().encode('{"type":"end"}'));
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const flipped = frame.slice();
      flipped.set([(flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
      expect(problemOf(flipped)).not.toBe("none");
    }
  });

  test("no cut frame is taken for a whole one", () => {
    const frame = encodeFrame(HEADER, new TextEncoder().encode('{"type":"end"}'));
    expect(problemOf(frame.subarray(0, 0))).toBe("end-of-file");
    for (let bytes = 1; bytes < frame.length; bytes += 1) {
      expect(problemOf(frame.subarray(0, bytes))).toBe("cut-short");
    }
  });

  test("a length beyond the limit is refused before anything else is looked at", () => {
    const frame = encodeFrame(HEADER, new Uint8Array(100));
    expect(problemOf(frame, 100)).toBe("none");
    expect(problemOf(frame, 99)).toBe("length");
    viewOf(frame).setUint32(12, 0xffff_ffff, true);
    expect(problemOf(frame)).toBe("length");
  });

  test("zeros, as a crash leaves them, are no frame", () => {
    expect(problemOf(new Uint8Array(4096))).toBe("magic");
  });
});
