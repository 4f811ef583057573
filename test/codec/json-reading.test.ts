import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "../../src/codec/json-pieces.ts";
import { readJson } from "../../src/codec/json-reading.ts";

// Goal: however small the parts in which a text is read, the value is that of JSON.parse, and what is no JSON is refused.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (value: unknown) => encoder.encode([...jsonPieces(value)].join(""));
const read = (bytes: Uint8Array, wholeBytes?: number) =>
  readJson(bytes, (part) => decoder.decode(part), wholeBytes);

test("what pieces wrote is read again, in parts of any size", () => {
  const values = fc.record({ image: fc.jsonValue({ maxDepth: 6 }), list: fc.array(fc.jsonValue()) });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 200 }), (value, wholeBytes) => {
      expect(read(bytesOf(value), wholeBytes)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("no part that is decoded is much longer than was asked for", () => {
  const list = Array.from({ length: 10_000 }, (_, place) => [`request "${place}" {[,\\`, { place }]);
  const lengths: number[] = [];
  const value = readJson(
    bytesOf({ format: 1, image: { node: { held: list }, resource: [] } }),
    (part) => {
      lengths.push(part.length);
      return decoder.decode(part);
    },
    1_000,
  );
  expect(value).toEqual({ format: 1, image: { node: { held: list }, resource: [] } });
  expect(Math.max(...lengths)).toBeLessThan(1_100);
});

test.each(["[]", "{}", '{"a":{},"b":[]}', '{"a":1}'])("%s is read in parts of a byte", (text) => {
  expect(read(encoder.encode(text), 1)).toEqual(JSON.parse(text));
});

test("a key named __proto__ is a field like any other", () => {
  const text = '{"__proto__":[1,2,3],"b":{"__proto__":[4,5,6]}}';
  expect(JSON.stringify(read(encoder.encode(text), 4))).toBe(text);
});

test.each([
  '{"a":[1,2}',
  '{"a":[1,2]',
  '{"a":[1,2]}x',
  '{"a" [1,2]}',
  '["abc',
  "{1:[1,2,3]}",
  '["a",,"b"]',
  "[1,2,]",
])("%s is refused in parts as it is whole", (text) => {
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  for (let size = 1; size <= text.length; size += 1)
    expect(() => read(encoder.encode(text), size), String(size)).toThrow(SyntaxError);
});
