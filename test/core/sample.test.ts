import { expect, test } from "vitest";
import { isInSample } from "../../src/core/sample.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import { ONE_IN_MAX } from "../../src/schema/tally.ts";

// A sample hangs on the id alone, so that every node tells the same transactions.

const IDS = Array.from(
  { length: 20_000 },
  (_, index) => `coordinator-0123456789ab.7.${index}` as TransactionId,
);

const sampleOf = (oneIn: number) => IDS.filter((id) => isInSample(id, oneIn));

test("ids that count up fall evenly into every share, and everything is in the whole", () => {
  expect(sampleOf(1)).toEqual(IDS);
  for (const oneIn of [2, 4, 16, 64, 256]) {
    const expected = IDS.length / oneIn;
    // Four standard deviations of a fair draw.
    expect(Math.abs(sampleOf(oneIn).length - expected), `1 in ${oneIn}`).toBeLessThan(
      4 * Math.sqrt(expected),
    );
  }
});

test("a smaller share is a part of every larger one", () => {
  for (let oneIn = 2; oneIn <= ONE_IN_MAX; oneIn *= 2) {
    const larger = new Set(sampleOf(oneIn / 2));
    expect(
      sampleOf(oneIn).every((id) => larger.has(id)),
      `1 in ${oneIn}`,
    ).toBe(true);
  }
});
