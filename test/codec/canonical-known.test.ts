import fc from "fast-check";
import Type from "typebox";
import { expect, test } from "vitest";
import { createPutKnown, createPutRecalled } from "../../src/codec/canonical-known.ts";
import { isPieceAt, pieceOf, place, putPiece } from "../../src/codec/canonical-pieces.ts";
import { MISS, room } from "../../src/codec/canonical-puts.ts";
import { compileReader } from "../../src/codec/canonical-reader.ts";
import { compileWriter } from "../../src/codec/canonical-writer.ts";

// Goal: what was written or read before is written and read again from its bytes, and is the same text as the first time.

const TEXT = '"ITEM-0001","cash-0001"';

function room64() {
  const bytes = Buffer.alloc(64, ".");
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

test.each(Array.from({ length: 19 }, (_, at) => at + 4))(
  "a piece of %i bytes is put and told from others",
  (length) => {
    const piece = pieceOf(Buffer.from(TEXT), 0, length);
    const { bytes, view } = room64();
    expect(putPiece(piece, view, 3)).toBe(3 + length);
    expect(bytes.toString("latin1", 0, 3 + length + 2)).toBe(`...${TEXT.slice(0, length)}..`);
    expect(isPieceAt(piece, view, 3)).toBe(true);
    for (let at = 3; at < 3 + length; at += 1) {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(isPieceAt(piece, view, 3)).toBe(false);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    expect(isPieceAt(piece, view, 65 - length)).toBe(false);
  },
);

test("bytes that are no number are no piece", () => {
  const piece = pieceOf(Buffer.from("ABCDEFGH"), 0, 8);
  const { bytes, view } = room64();
  bytes.fill(0xff);
  expect(isPieceAt(piece, view, 0)).toBe(false);
});

test("texts that share a place are each written as they are, however often they come", () => {
  const asked: string[] = [];
  const put = createPutKnown((text) => asked.push(text) > 0 && text !== "a-bad-text");
  const { bytes, view } = room64();
  const texts = ["ledger", "lodger", "warehouse", "a", "abc", "ledger", "longer-than-eight"];
  for (let round = 0; round < 40; round += 1)
    for (const text of texts) {
      expect(put(bytes, view, 5, 64, text)).toBe(5 + text.length);
      expect(bytes.toString("latin1", 5, 5 + text.length)).toBe(text);
    }
  for (const text of ["longer-than-eight", "abc"])
    expect(asked.filter((each) => each === text)).toHaveLength(1);
  expect(put(bytes, view, 5, 64, "a-bad-text")).toBe(MISS);
  room.isShort = false;
  expect(put(bytes, view, 50, 64, "longer-than-eight")).toBe(MISS);
  expect(room.isShort).toBe(true);
});

test("a value that comes again is written without being looked at, another of the same looks is", () => {
  const seen: unknown[] = [];
  const write = compileWriter(Type.Object({ name: Type.String() }, { additionalProperties: false }));
  const put = createPutRecalled((value, ...rest) => {
    seen.push(value);
    return write(value, ...rest);
  });
  const { bytes, view } = room64();
  const [one, other] = [{ name: "ledger" }, { name: "ledger" }];
  for (const value of [one, one, other, one, other]) {
    expect(put(value, bytes, view, 64, 7)).toBe(24);
    expect(bytes.toString("latin1", 7, 24)).toBe('{"name":"ledger"}');
  }
  expect(seen).toEqual([one, other]);
  room.isShort = false;
  expect(put(one, bytes, view, 64, 50)).toBe(MISS);
  expect(room.isShort).toBe(true);
  expect(put({ name: 7 }, bytes, view, 64, 7)).toBe(MISS);
});

test("of more values than are remembered each is written as it is", () => {
  const put = createPutRecalled(compileWriter(Type.Array(Type.Integer())));
  const { bytes, view } = room64();
  const values = Array.from({ length: 30 }, (_, at) => [at, at + 1]);
  for (const value of [...values, ...values, ...values]) {
    const end = put(value, bytes, view, 64, 0);
    expect(bytes.toString("latin1", 0, end)).toBe(JSON.stringify(value));
  }
});

test("numbers are written as JSON writes them, and read as JSON reads them", () => {
  const put = compileWriter(Type.Number());
  const read = compileReader(Type.Number());
  const { bytes, view } = room64();
  const check = (number: number) => {
    const end = put(number, bytes, view, 64, 0);
    expect(bytes.toString("latin1", 0, end)).toBe(JSON.stringify(number));
    bytes.write(",", end);
    expect(read(bytes, view, 0)).toBe(number === 0 ? 0 : number);
    expect(place.end).toBe(end);
  };
  const thousandths = fc.maxSafeInteger().map((count) => count / 1_000);
  const usual = fc.integer({ min: 0, max: 99_999_999 }).map((count) => count / 1_000);
  const parts = fc.tuple(fc.nat(), fc.nat({ max: 15 })).map(([count, power]) => count / 10 ** power);
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(thousandths, usual, parts, any), (number) => check(number)),
    {
      numRuns: 2_000,
      examples: [0.001, 0.999, 1.5, 1.05, 999_999_999_999.999, 1e15 + 0.5, 0.0005, 4.35].map((number) => [
        number,
      ]),
    },
  );
});

test.each(["1.50", "0.10", "00.5", "1.", ".5", "1.5e3", "-1.25", "1.2.3", "123456789012345.6", "1e400"])(
  "%s is read as JSON reads it, or not at all",
  (text) => {
    const { bytes, view } = room64();
    bytes.write(`${text},`, 0);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    expect(compileReader(Type.Number())(bytes, view, 0)).toBe(Number.isFinite(parsed) ? parsed : undefined);
  },
);
