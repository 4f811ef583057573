import fc from "fast-check";
import { expect, test } from "vitest";
import { createHistogram } from "../../src/bench/histogram.ts";

// Goal: quantiles of any durations are those of the sorted list, within a thousandth and a microsecond.

test("quantiles are those of the sorted durations", () => {
  const durations = fc.array(fc.double({ min: 0, max: 4_000_000, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(durations, (all) => {
      const histogram = createHistogram();
      for (const durationMs of all) histogram.add(durationMs);
      const sorted = all.toSorted((one, other) => one - other);
      const exact = (share: number) => sorted[Math.ceil(all.length * share) - 1] ?? Number.NaN;
      const found = histogram.quantiles();
      expect(found?.max).toBe(sorted.at(-1));
      for (const [share, value] of [
        [0.5, found?.p50],
        [0.95, found?.p95],
        [0.99, found?.p99],
      ] as const) {
        expect(Math.abs((value ?? Number.NaN) - exact(share))).toBeLessThanOrEqual(
          exact(share) / 1_000 + 0.001,
        );
      }
    }),
  );
});

test("without durations there are no quantiles, and what is longer than an hour is kept as the longest", () => {
  const histogram = createHistogram();
  expect(histogram.quantiles()).toBeNull();
  histogram.add(10_000_000);
  expect(histogram.quantiles()?.max).toBe(10_000_000);
});
