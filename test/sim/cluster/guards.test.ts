import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GUARDS } from "../../../src/sim/cluster/guards.ts";

// Goal: the table of guards names every invariant, and files that report it.

const CLUSTER = join(import.meta.dirname, "../../../src/sim/cluster");

test.each(Object.entries(GUARDS))("%s", (invariant, guard) => {
  if (guard === null) return;
  const files = guard.split(";").flatMap((part) => (part.split(":")[0] ?? "").split(","));
  const reporting = files.filter((file) => {
    const name = file.trim();
    if (!/^[a-z-]+$/.test(name)) return false;
    return readFileSync(join(CLUSTER, `${name}.ts`), "utf8").includes(`report("${invariant}"`);
  });
  expect(reporting.length).toBeGreaterThan(0);
});

test("there are sixteen", () => {
  expect(Object.keys(GUARDS)).toEqual(Array.from({ length: 16 }, (_, at) => `I${at + 1}`));
});
