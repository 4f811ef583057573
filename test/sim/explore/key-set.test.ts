import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeySet } from "../../../src/sim/explore/key-set.ts";

// Goal: the explorer's memory forgets no state and takes no two for one.

test.each([
  ["numbers", fc.oneof(fc.nat(100), fc.maxSafeNat())],
  ["texts", fc.oneof(fc.string({ maxLength: 3 }), fc.string())],
])("a key set of %s says what a Set says", (_, key) => {
  fc.assert(
    fc.property(fc.array<number | string>(key, { maxLength: 300 }), (keys) => {
      const ours = createKeySet();
      const theirs = new Set<number | string>();
      for (const each of keys) {
        expect(ours.add(each)).toBe(!theirs.has(each));
        theirs.add(each);
      }
      expect(ours.size()).toBe(theirs.size);
    }),
  );
});

test.each<[string, (index: number) => number | string]>([
  ["numbers in a row", (index) => index],
  ["numbers that differ above the 32nd bit alone", (index) => index * 2 ** 32],
  [
    "texts that differ in one sign",
    (index) => `the same ${String.fromCodePoint(index + 1)} before and after`,
  ],
  ["texts of the same signs", (index) => index.toString(2).padStart(20, "0")],
])("fifty thousand %s are told apart", (_, keyOf) => {
  const keys = createKeySet();
  const COUNT = 50_000; // Below the surrogates, where a code point is one sign.
  for (let index = 0; index < COUNT; index += 1) if (!keys.add(keyOf(index))) expect.fail(`lost ${index}`);
  for (let index = 0; index < COUNT; index += 1) if (keys.add(keyOf(index))) expect.fail(`forgot ${index}`);
  expect(keys.size()).toBe(COUNT);
});

test.each([-1, 0.5, 2 ** 53, Number.NaN])("%d is refused as a key", (key) => {
  expect(() => createKeySet().add(key)).toThrow(/key/);
});
