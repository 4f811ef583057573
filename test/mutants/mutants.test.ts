import { join } from "node:path";
import { expect, test } from "vitest";
import { SNAPSHOT_RULES } from "../../src/conform/log-rules.ts";
import { RULES } from "../../src/conform/rules.ts";
import { PROMISES } from "../../src/sim/promises.ts";
import { expectFresh } from "../docs/generated.ts";
import { CATCHERS, HEEDING } from "./catchers.ts";
import { CAUGHT } from "./caught.ts";
import { GUARDED } from "./invariants.ts";
import { caseOf, MATRIX_PROOFS } from "./matrix-proofs.ts";
import { applyMutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { PATH_PROOFS, PROOFS, pathChecks, STORYTELLER } from "./proofs.ts";
import { type Job, runPrograms, runTests, TESTS } from "./running.ts";
import { exploredBy, mutantsTable, simulatedBy } from "./tables.ts";

// Goal: whoever takes a rule out of the core, the loop or the log is caught, by name. `npm run mutants` lets all of them meet
// everybody, and has every guard prove itself.

const byPrograms = MUTANTS.filter(({ caughtBy }) => !caughtBy.startsWith(TESTS));
/** One of those that need tests of the suite, to see that this works. */
const sample = MUTANTS.filter(({ name }) => name === "says forced without a sync");

test.each(MUTANTS)("$name: the text to find stands once, and is changed", (mutant) => {
  expect(applyMutant(mutant)).toContain(mutant.replace);
});

test("a mutant has one name and a catcher", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  const known = [...CATCHERS, ...HEEDING].map(({ name }) => name);
  for (const { name, caughtBy } of byPrograms) expect(known, name).toContain(caughtBy);
});

test("the program as it is, is not caught", { timeout: 120_000 }, async () => {
  const used = new Set(byPrograms.map(({ caughtBy }) => caughtBy));
  const found = await runPrograms([...used].map((catcher): Job => [null, [catcher]]));
  expect(found.filter((each) => each.found !== null)).toEqual([]);
  expect(found).toHaveLength(used.size);
});

test("every mutant that a program catches is caught by it", { timeout: 300_000 }, async () => {
  const jobs = byPrograms.map(({ name, caughtBy }): Job => [name, [caughtBy]]);
  const found = await runPrograms(jobs);
  expect(found.map(({ mutant }) => mutant)).toEqual(byPrograms.map(({ name }) => name));
  expect(found.flatMap((each) => (each.found === null ? [each.mutant] : []))).toEqual([]);
});

test.each([...sample, STORYTELLER])("$name: caught by the suite", { timeout: 180_000 }, async (mutant) => {
  expect(await runTests(mutant.caughtBy, mutant.name)).toMatch(/^test\/.*\.test\.ts/);
});

test("the table of mutants is that of the code", () => {
  expectFresh(join(import.meta.dirname, "README.md"), "mutants", mutantsTable());
});

test("every guard that a promise has proves it by a mutant of that promise", () => {
  const rules = [...RULES, ...SNAPSHOT_RULES].map(({ name }) => name);
  for (const [invariant, { promise, conformance, matrix, proofs }] of Object.entries(GUARDED)) {
    const byMatrix = MATRIX_PROOFS[promise];
    expect(byMatrix !== undefined, `${promise} crash matrix`).toBe(matrix !== null);
    if (byMatrix) expect(caseOf(byMatrix.point, byMatrix.thenAt).then).toBe(byMatrix.thenAt);
    expect(PROMISES, invariant).toHaveProperty(promise);
    expect(proofs.explorer !== undefined, `${promise} explorer`).toBe(exploredBy(promise).length > 0);
    expect(proofs.simulator !== undefined, `${promise} simulator`).toBe(simulatedBy(promise).length > 0);
    expect(proofs.conformance !== undefined, `${promise} conformance`).toBe(conformance.length > 0);
    expect(proofs, promise).toHaveProperty("tests");
    for (const name of promise === "I16" ? [] : conformance) expect(rules, promise).toContain(name);
    for (const name of [...Object.values(proofs), ...(byMatrix ? [byMatrix.mutant] : [])]) {
      const mutant = MUTANTS.find((each) => each.name === name);
      expect(mutant?.endangers, `${promise}: ${name}`).toContain(invariant);
    }
  }
  expect(PATH_PROOFS.map(({ what }) => what).sort()).toEqual([...pathChecks()].sort());
});

test("and catches it, by the promise's own name", { timeout: 600_000 }, async () => {
  const proofs = [...PROOFS, ...PATH_PROOFS];
  const found = await runPrograms(proofs.map(({ job }) => job));
  const unproven = proofs.flatMap(({ what, isProven }, index) => {
    const text = found[index]?.found ?? "nothing";
    return isProven(text) ? [] : [`${what}: ${found[index]?.mutant}: ${text}`];
  });
  expect(unproven).toEqual([]);
});

test("whom the report has met is a mutant, and somebody has caught it", () => {
  const names = MUTANTS.map(({ name }) => name);
  for (const [name, by] of Object.entries(CAUGHT)) {
    expect(names).toContain(name);
    expect(Object.keys(by), name).not.toEqual([]);
  }
});
