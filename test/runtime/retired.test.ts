import { expect, test } from "vitest";
import { createRetired } from "../../src/runtime/retired.ts";

// What is over is remembered for a while: as much as comes slowly enough, and whatever is out of the ordinary.

interface Thing {
  readonly number: number;
  readonly kind: "plain" | "memorable" | "sample";
  retired: number | null;
}

/** So many are remembered, and so many that come at once before only a sample is. */
const ALL = 5_000;
const AT_ONCE = 500;
const EACH_MS = 10;

function retiredThings() {
  const kept = new Set<number>();
  let nowMs = 1_000;
  let made = 0;
  const retired = createRetired<Thing>({
    nowMs: () => nowMs,
    isMemorable: ({ kind }) => kind === "memorable",
    isOfSample: ({ kind }) => kind === "sample",
    drop: ({ number }) => void kept.delete(number),
  });
  const add = (count: number, kind: Thing["kind"], apartMs: number) => {
    for (let each = 0; each < count; each += 1) {
      nowMs += apartMs;
      made += 1;
      kept.add(made);
      retired.add({ number: made, kind, retired: null });
    }
  };
  const setBack = (byMs: number) => {
    nowMs -= byMs;
  };
  return { kept, add, setBack, first: (count: number) => [...kept].filter((number) => number <= count) };
}

test("what comes slowly is all remembered, up to a number", () => {
  const { kept, add } = retiredThings();
  add(ALL, "plain", EACH_MS);
  expect(kept.size).toBe(ALL);
  add(100, "plain", EACH_MS);
  expect(kept.size).toBe(ALL);
  expect(Math.min(...kept)).toBe(101);
});

test("of what comes all at once the first are remembered", () => {
  const { add, first } = retiredThings();
  add(50_000, "plain", 0);
  expect(first(50_000)).toEqual(Array.from({ length: AT_ONCE + 1 }, (_, at) => 1 + at));
});

test("when there is little room left, it is for a sample; when there is none, not even for that", () => {
  const { kept, add } = retiredThings();
  add(2_000, "plain", 0);
  const plain = kept.size;
  add(400, "sample", 0);
  expect(kept.size).toBe(plain + 400);
  add(2_000, "sample", 0);
  expect(kept.size).toBe(2 * AT_ONCE);
});

test("room comes back with time", () => {
  const { kept, add } = retiredThings();
  add(20_000, "sample", 0);
  const before = kept.size;
  add(20_000, "sample", 1);
  expect(kept.size - before).toBe(20_000 / EACH_MS);
});

test("what is out of the ordinary is remembered however much comes with it", () => {
  const { add, first } = retiredThings();
  add(50_000, "plain", 0);
  add(1, "memorable", 0);
  add(50_000, "plain", 0);
  expect(first(100_001)).toContain(50_001);
  expect(first(100_001)).toHaveLength(AT_ONCE + 2);
});

test("a clock that is set back ends nothing for good", () => {
  const { kept, add, setBack } = retiredThings();
  add(50_000, "plain", 1);
  setBack(1_000_000_000);
  add(ALL, "plain", 2 * EACH_MS);
  add(ALL, "plain", EACH_MS);
  expect(kept.size).toBe(ALL);
});
