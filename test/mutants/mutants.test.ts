import { join } from "node:path";
import { expect, test } from "vitest";
import { SNAPSHOT_RULES } from "../../src/conform/log-rules.ts";
import { RULES } from "../../src/conform/rules.ts";
import { CORE_INVARIANTS } from "../../src/sim/core-model/core-invariants.ts";
import { expectFresh } from "../docs/generated.ts";
import { CATCHERS, HEEDING } from "./catchers.ts";
import { GUARDED } from "./invariants.ts";
import { applyMutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { type Job, runPrograms, runTests, TESTS } from "./running.ts";
import { mutantsTable } from "./tables.ts";

// Goal: whoever takes a rule out of the core, the loop or the log is caught, by name. `MUTANTS=all` runs the slow ones as well.

const byTests = MUTANTS.filter(({ caughtBy }) => caughtBy.startsWith(TESTS));
const byPrograms = MUTANTS.filter(({ caughtBy }) => !caughtBy.startsWith(TESTS));
/** One of those that need tests of the suite, to see that this works. */
const sample = byTests.filter(({ name }) => name === "says forced without a sync");

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

test.each(process.env.MUTANTS === "all" ? byTests : sample)(
  "$name: caught by the suite",
  { timeout: 180_000 },
  async ({ name, caughtBy }) => {
    expect(await runTests(caughtBy, name)).toMatch(/^test\/.*\.test\.ts/);
  },
);

test("the table of mutants is that of the code", () => {
  expectFresh(join(import.meta.dirname, "README.md"), "mutants", mutantsTable());
});

test("every invariant has a guard, and a mutant that a guard catches", () => {
  const rules = RULES.map(({ name }) => name);
  const invariants = Object.keys(CORE_INVARIANTS);
  for (const [invariant, { explorer, conformance, proof }] of Object.entries(GUARDED)) {
    for (const name of explorer)
      expect(
        invariants.some((each) => each.startsWith(name)),
        name,
      ).toBe(true);
    if (invariant !== "conformance") {
      const known = [...rules, ...SNAPSHOT_RULES.map(({ name }) => name)];
      for (const name of conformance) expect(known, invariant).toContain(name);
    }
    const mutant = MUTANTS.find(({ name }) => name === proof);
    expect(mutant?.endangers, `${invariant}: ${proof}`).toContain(invariant);
  }
});
