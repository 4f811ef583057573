import { expect, test } from "vitest";
import { createFaults } from "../../src/runtime/faults.ts";

// A fault fires as often as it was armed, and no other with it.

test("a fault is used up", () => {
  const faults = createFaults(() => {});
  faults.arm("vote-no", 2);
  faults.arm("drop-message", 1);
  expect(faults.armed()).toEqual([
    expect.stringMatching(/^vote-no ×2: \S/),
    expect.stringMatching(/^drop-message ×1: \S/),
  ]);
  expect([1, 2, 3].map(() => faults.fires("vote-no"))).toEqual([true, true, false]);
  expect(faults.armed()).toHaveLength(1);
});

test("arming again sets the count, and zero disarms", () => {
  const faults = createFaults(() => {});
  faults.arm("vote-no", 5);
  faults.arm("vote-no", 1);
  expect([faults.fires("vote-no"), faults.fires("vote-no")]).toEqual([true, false]);
  faults.arm("vote-no", 1);
  faults.arm("vote-no", 0);
  expect([faults.fires("vote-no"), faults.armed()]).toEqual([false, []]);
});
