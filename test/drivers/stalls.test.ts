import { expect, test } from "vitest";
import { createStalls, type LoopWatch } from "../../src/drivers/stalls.ts";

// A stall is told by the clock, which neighbours lengthen, and by what the loop itself computed meanwhile, which they do not.

function watched() {
  let now = 1_000;
  let cpu = 70;
  let look: (() => void) | null = null;
  const watch: LoopWatch = {
    every: (_, given) => {
      look = given;
    },
    nowMs: () => now,
    cpuMs: () => cpu,
  };
  return {
    take: createStalls(watch),
    pass(milliseconds: number, computed: number) {
      now += milliseconds;
      cpu += computed;
      look?.();
    },
  };
}

test("who asks first hears of none, and each after that of the longest since then", () => {
  const { take, pass } = watched();
  pass(500, 500);
  expect(take()).toEqual({ clockMs: 0, cpuMs: 0 });
  pass(5, 4);
  expect(take(), "on time").toEqual({ clockMs: 0, cpuMs: 0 });
  pass(25, 22);
  pass(12, 12);
  expect(take()).toEqual({ clockMs: 20, cpuMs: 20 });
  expect(take()).toEqual({ clockMs: 0, cpuMs: 0 });
});

test("what the loop waits for a core or for the disk is none of its computing", () => {
  const { take, pass } = watched();
  take();
  pass(305, 3);
  pass(15, 9);
  expect(take()).toEqual({ clockMs: 300, cpuMs: 9 });
});
