import { expect, test } from "vitest";
import { createFaults } from "../../src/runtime/faults.ts";

// A fault fires as often as it was armed, and no other with it.

test("a fault is used up", () => {
  const faults = createFaults(() => {});
  faults.arm("vote-no", 2);
  faults.arm("drop-message", 1);
  expect(faults.armed()).toEqual([
    { fault: "vote-no", count: 2 },
    { fault: "drop-message", count: 1 },
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

test("a crash at a named point comes at the counted time, and nowhere else", () => {
  let crashes = 0;
  const faults = createFaults(() => {
    crashes += 1;
  });
  expect(faults.armPoint("sent-nonsense", 1)).toBe(false);
  expect(faults.hasPoints()).toBe(false);
  expect(faults.armPoint("sent-vote", 2)).toBe(true);
  expect(faults.hasPoints()).toBe(true);
  faults.reach("sent-vote");
  faults.reach("send-vote");
  expect([crashes, faults.armedPoints()]).toEqual([0, [{ point: "sent-vote", count: 1 }]]);
  faults.reach("sent-vote");
  expect(crashes).toBe(1);
  faults.armPoint("sent-vote", 0);
  expect(faults.hasPoints()).toBe(false);
  faults.reach("sent-vote");
  expect([crashes, faults.armedPoints()]).toEqual([1, []]);
});

test("tells of what has fired, but for a crash, which tells of itself", () => {
  const faults = createFaults(() => {});
  const fired: string[] = [];
  faults.onFired((fault) => fired.push(fault));
  faults.arm("vote-no", 1);
  faults.arm("crash-after-vote", 1);
  faults.fires("vote-no");
  faults.fires("crash-after-vote");
  faults.fires("vote-no");
  expect(fired).toEqual(["vote-no"]);
});
