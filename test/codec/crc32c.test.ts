import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/codec/crc32c.ts";

function checksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return crc32c(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, end);
}

/** Bit by bit, as the definition says. */
function slowChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe("the checksum is CRC-32C", () => {
  test.each([
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
    ["nothing", new Uint8Array(0), 0],
  ])("the published value of %s (RFC 3720, B.4)", (_name, bytes, expected) => {
    expect(checksum(bytes)).toBe(expected);
  });

  test("any piece of any bytes gives what the definition gives", () => {
    const piece = fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.nat(50), fc.nat(50));
    fc.assert(
      fc.property(piece, ([bytes, one, other]) => {
        const start = Math.min(one, bytes.length);
        const end = Math.min(start + other, bytes.length);
        expect(checksum(bytes, start, end)).toBe(slowChecksum(bytes.subarray(start, end)));
      }),
    );
  });

  test("summed up in two parts it is the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, place) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const at = Math.min(place, bytes.length);
        expect(crc32c(view, at, bytes.length, crc32c(view, 0, at))).toBe(checksum(bytes));
      }),
    );
  });
});
