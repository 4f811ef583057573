import fc from "fast-check";
import { expect, test } from "vitest";
import { isLess, minus, negative, plus, type Whole, wholeOf } from "../../src/resources/whole.ts";

// Goal: whole numbers are exact, in one form each, on both sides of where numbers end.

const MAX = BigInt(Number.MAX_SAFE_INTEGER);
const bigs = fc.oneof(
  fc.bigInt({ min: -9n, max: 9n }),
  fc.bigInt({ min: -3n, max: 3n }).map((near) => MAX + near),
  fc.bigInt({ min: -3n, max: 3n }).map((near) => near - MAX),
  fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }),
);
const wholeFrom = (big: bigint): Whole => wholeOf(String(big));

test("sums, differences, signs and comparisons are those of bigints", () => {
  fc.assert(
    fc.property(bigs, bigs, (one, other) => {
      expect(plus(wholeFrom(one), wholeFrom(other))).toBe(wholeFrom(one + other));
      expect(minus(wholeFrom(one), wholeFrom(other))).toBe(wholeFrom(one - other));
      expect(negative(wholeFrom(one))).toBe(wholeFrom(-one));
      expect(isLess(wholeFrom(one), wholeFrom(other))).toBe(one < other);
      expect(String(wholeFrom(one))).toBe(String(one));
    }),
  );
});

test.each([
  ["0", 0],
  ["-0", 0],
  ["-000000000000000000", 0],
  ["007", 7],
  ["999999999999999", 999_999_999_999_999],
  ["-999999999999999", -999_999_999_999_999],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["9007199254740992", 9007199254740992n],
  ["-9007199254740992", -9007199254740992n],
])("%s is read as %s", (digits, expected) => {
  expect(wholeOf(digits)).toBe(expected);
});

test.each(["-", "1x", "one", "1.5", "--1", "12345678901234567x"])("%s is refused", (digits) => {
  expect(() => wholeOf(digits)).toThrow(SyntaxError);
});
