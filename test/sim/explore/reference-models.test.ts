import { expect, test } from "vitest";
import { explore } from "../../../src/sim/explore/explorer.ts";
import { tCommitClosedForm, tCommitModel } from "../../../src/sim/explore/t-commit-model.ts";
import { canaryModel, twoPhaseClosedForm, twoPhaseModel } from "../../../src/sim/explore/two-phase-model.ts";

// Goal: the explorer proves itself on two models whose extent is known, and finds what is wrong in one that is broken.

const SIZES = [1, 2, 3, 4, 5, 6];

test.each(SIZES)("two-phase commit with %i participants has as many states as it must have", (n) => {
  const found = explore(twoPhaseModel(n));
  expect(found).toEqual({
    distinctStates: 6 ** n + 4 ** n + 2 ** n,
    generatedStates: 2 + (n + 1) * 4 ** n + n * 2 ** n + 8 * n * 6 ** (n - 1),
    depth: 3 * n + 2,
    isComplete: true,
    violations: [],
  });
  expect(found).toMatchObject(twoPhaseClosedForm(n));
});

// Nobody has committed in 3^n states: n·3^n steps prepare or abort there and n commit first; with a committed one
// there are 2^n − 1 states and n·2^(n−1) − n steps.
test.each(SIZES)("transaction commit with %i participants has as many states as it must have", (n) => {
  const found = explore(tCommitModel(n));
  expect(found).toEqual({
    distinctStates: 3 ** n + 2 ** n - 1,
    generatedStates: 1 + n * 3 ** n + n * 2 ** (n - 1),
    depth: 2 * n + 1,
    isComplete: true,
    violations: [],
  });
  expect(found).toMatchObject(tCommitClosedForm(n));
});

test("the published figures", () => {
  expect(explore(twoPhaseModel(3))).toMatchObject({ distinctStates: 288, generatedStates: 1_146, depth: 11 });
  expect(explore(twoPhaseModel(6)).distinctStates).toBe(50_816);
  expect(explore(tCommitModel(3))).toMatchObject({ distinctStates: 34, generatedStates: 94, depth: 7 });
});

const labelsOf = (trace: readonly { readonly label: string }[]) => trace.map(({ label }) => label);

test("a coordinator that commits on one word is caught, by the shortest way", () => {
  const { violations } = explore(canaryModel(2));
  expect(violations.map(({ invariant }) => invariant)).toEqual(["consistency"]);
  const trace = violations[0]?.trace ?? [];
  expect(labelsOf(trace)).toEqual([
    "initial",
    "RMPrepare(p1)",
    "TMRcvPrepared(p1)",
    "TMCommit",
    "RMRcvCommitMsg(p1)",
    "RMChooseToAbort(p2)",
  ]);
  expect(trace.at(-1)?.state.rmState).toEqual(["committed", "aborted"]);
});

test("with one participant there is nobody to disagree with", () => {
  expect(explore(canaryModel(1))).toMatchObject(twoPhaseClosedForm(1));
});

test("the refinement catches it a step earlier: one commits while the other has not prepared", () => {
  const { stepInvariants = [] } = twoPhaseModel(2);
  const { violations } = explore({ ...canaryModel(2), stepInvariants });
  expect(violations.map(({ invariant }) => invariant)).toEqual(["refines t-commit"]);
  expect(violations[0]?.trace.at(-1)?.label).toBe("RMRcvCommitMsg(p1)");
  expect(violations[0]?.trace).toHaveLength(5);
});
