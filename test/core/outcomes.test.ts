import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTransactionId } from "../../src/core/ids.ts";
import { makeOutcomes, newestOutcomes, noteOutcome, outcomeOf } from "../../src/core/outcomes.ts";
import type { Decision } from "../../src/core/participant-state.ts";
import { OUTCOME_RUNS_MAX, OUTCOMES_OF_RUN_MAX } from "../../src/core/settings.ts";
import type { NodeId } from "../../src/schema/ids.ts";

// A decision that was noted is found as it was, until so many of its run came after it that it is given up, and nothing else is found.

const idOf = (epoch: number, counter: number, name = "a") =>
  makeTransactionId(`${name}-00000000000c` as NodeId, epoch, counter);
const decision = fc.constantFrom<Decision>("commit", "abort");
const counter = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 3 * OUTCOMES_OF_RUN_MAX }),
  fc.constantFrom(999_999_999_999_990, 999_999_999_999_999),
);
const noted = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(1, 2), counter, decision), {
  maxLength: 30,
});

test("what was noted of a run's newest counters is found, in any order, and no stranger", () => {
  fc.assert(
    fc.property(noted, fc.array(counter, { maxLength: 30 }), (all, others) => {
      const outcomes = makeOutcomes();
      const known = new Map<string, Decision>();
      const newest = new Map<string, number>();
      for (const [name, epoch, at, is] of all) {
        noteOutcome(outcomes, idOf(epoch, at, name), is);
        known.set(idOf(epoch, at, name), is);
        newest.set(`${name}${epoch}`, Math.max(at, newest.get(`${name}${epoch}`) ?? 0));
      }
      for (const name of ["a", "b"]) {
        for (const epoch of [1, 2]) {
          for (const at of [...others, ...all.map(([, , each]) => each)]) {
            const isRecent = at > (newest.get(`${name}${epoch}`) ?? 0) - OUTCOMES_OF_RUN_MAX;
            const expected = isRecent ? known.get(idOf(epoch, at, name)) : undefined;
            expect(outcomeOf(outcomes, idOf(epoch, at, name))).toBe(expected);
          }
        }
      }
    }),
  );
});

test("the newest are those of the last run's highest counters, told oldest first, so that they are noted as they were", () => {
  const outcomes = makeOutcomes();
  for (const at of [1, 2, 5]) noteOutcome(outcomes, idOf(1, at), "commit");
  for (const at of [7, 6]) noteOutcome(outcomes, idOf(2, at), "abort");
  const newest = newestOutcomes(outcomes, 4);
  expect(newest).toEqual([
    [idOf(1, 2), "commit"],
    [idOf(1, 5), "commit"],
    [idOf(2, 6), "abort"],
    [idOf(2, 7), "abort"],
  ]);
  const again = makeOutcomes();
  for (const [id, is] of newest) noteOutcome(again, id, is);
  expect(newestOutcomes(again, 9)).toEqual(newest);
});

test("of so many runs the first goes", () => {
  const outcomes = makeOutcomes();
  for (let epoch = 0; epoch <= OUTCOME_RUNS_MAX; epoch += 1) noteOutcome(outcomes, idOf(epoch, 1), "commit");
  expect([0, 1, OUTCOME_RUNS_MAX].map((epoch) => outcomeOf(outcomes, idOf(epoch, 1)))).toEqual([
    undefined,
    "commit",
    "commit",
  ]);
});
