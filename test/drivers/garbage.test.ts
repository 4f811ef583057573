import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

// How long a collection of the young generation holds a loop up depends on how large it is let grow.
// What is full when it is looked at is a little more: 16 MiB were seen, and 32 to 64 of what is not fitted.

const PROGRAM = join(import.meta.dirname, "programs/keep-objects.ts");
const youngMiB = (...args: readonly string[]) =>
  Number(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" }));

test("a process that keeps what it makes has a young generation of some 16 MiB, and would have more", () => {
  expect(youngMiB()).toBeLessThan(24);
  expect(youngMiB("unfitted")).toBeGreaterThan(24);
});
