import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "../../src/codec/json-pieces.ts";

// Goal: pieces put together are what JSON.stringify gives, and no piece is long because a list is.

test("pieces put together are the text of JSON.stringify", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect([...jsonPieces({ format: 1, image: value, none: undefined })].join("")).toBe(
        JSON.stringify({ format: 1, image: value, none: undefined }),
      );
    }),
  );
});

test.each([0, 1, 499, 500, 501, 1_000, 1_234])(
  "a list of %d elements, from an array or any iterable",
  (count) => {
    const list = Array.from({ length: count }, (_, place) => ({ place, text: 'é"]' }));
    const pieces = [...jsonPieces({ image: { node: { list: new Set(list).values() } } })];
    expect(pieces.join("")).toBe(JSON.stringify({ image: { node: { list } } }));
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(500 * 40);
  },
);
