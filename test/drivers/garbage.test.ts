import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

// How long a collection of the young generation holds a loop up depends on how large it is let grow.
// What is full when it is looked at is a little more: 8 to 11 MiB were seen, and 16 to 32 of what is not fitted.

const PROGRAM = join(import.meta.dirname, "programs/keep-objects.ts");
const youngMiB = (...args: readonly string[]) =>
  Number(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" }));

test("a process that keeps what it makes has a young generation of some 8 MiB, and would have more", () => {
  expect(youngMiB()).toBeLessThan(14);
  expect(youngMiB("unfitted")).toBeGreaterThan(14);
});
