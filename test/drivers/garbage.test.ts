import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

// How long a collection of the young generation holds a loop up depends on how large it is let grow.

const PROGRAM = join(import.meta.dirname, "programs/keep-objects.ts");
const youngMiB = (...args: readonly string[]) =>
  Number(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" }));

test("a process that keeps what it makes has a young generation of some 8 MiB, and would have more", () => {
  expect(youngMiB()).toBeLessThan(10);
  expect(youngMiB("unfitted")).toBeGreaterThan(10);
});
