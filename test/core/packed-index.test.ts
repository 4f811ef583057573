import fc from "fast-check";
import { expect, test } from "vitest";
import { addPlace, findPlace, makeIndex, makeIndexFor, removePlace } from "../../src/core/packed-index.ts";

// What is in the index is found by its hash, and nothing else, however it came in and whatever went out between.

/** Few hashes, all in one part and close together, so that they stand in each other's way. */
const hash = fc.integer({ min: 0, max: 11 }).map((number) => number * 128 + 7);
const places = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 2 ** 32 - 1 }), hash), {
  selector: ([place]) => place,
  maxLength: 60,
});

test("a place is found until it is taken out, and leaves no gap before the others", () => {
  fc.assert(
    fc.property(places, fc.infiniteStream(fc.boolean()), fc.boolean(), (all, goes, isSized) => {
      const index = isSized ? makeIndexFor(Uint32Array.from(all, ([, each]) => each)) : makeIndex();
      for (const [place, each] of all) addPlace(index, each, place);
      const gone = new Set<number>();
      const check = () => {
        for (const [place, each] of all) {
          const found = findPlace(index, each, (candidate) => candidate === place);
          expect(found).toBe(gone.has(place) ? undefined : place);
        }
        expect(index.size).toBe(all.length - gone.size);
      };
      check();
      for (const [place, each] of all) {
        if (!goes.next().value) continue;
        removePlace(index, each, place);
        gone.add(place);
        check();
      }
    }),
  );
});

test("what was never there is not found, and taking it out changes nothing", () => {
  const index = makeIndex();
  expect(findPlace(index, 7, () => true)).toBeUndefined();
  removePlace(index, 7, 1);
  addPlace(index, 7, 1);
  expect(findPlace(index, 7 + 128, () => true)).toBeUndefined();
  removePlace(index, 7, 2);
  expect([findPlace(index, 7, () => true), index.size]).toEqual([1, 1]);
});
