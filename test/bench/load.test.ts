import { expect, test } from "vitest";
import { type Begin, runClosedLoop, runOpenLoop } from "../../src/bench/load.ts";

// Goal: a closed loop keeps its number in flight; an open one counts the wait that a stalled system would hide.

function createManualClock() {
  let nowMs = 0;
  let due: { atMs: number; fire: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    schedule(delayMs: number, fire: () => void) {
      const entry = { atMs: nowMs + delayMs, fire };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    advanceTo(untilMs: number) {
      for (;;) {
        const next = due.filter(({ atMs }) => atMs <= untilMs).sort((one, other) => one.atMs - other.atMs)[0];
        if (next === undefined) break;
        due = due.filter((entry) => entry !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.fire();
      }
      nowMs = untilMs;
    },
  };
}

test("a closed loop begins one for each that ends, and no more than were asked for", async () => {
  const clock = createManualClock();
  const open: (() => void)[] = [];
  const begun: number[] = [];
  const begin: Begin = (index, done) => {
    begun.push(index);
    open.push(() => done(null));
  };
  const latencies: number[] = [];
  const stretch = { first: 7, count: 5, begin, clock, record: (ms: number) => latencies.push(ms) };
  const running = runClosedLoop(stretch, 2);
  const inFlight: number[] = [];
  while (open.length > 0) {
    inFlight.push(open.length);
    clock.advanceTo(clock.nowMs() + 10);
    open.shift()?.();
  }
  await running;
  expect(begun).toEqual([7, 8, 9, 10, 11]);
  expect(inFlight).toEqual([2, 2, 2, 2, 1]);
  expect(latencies).toEqual([10, 20, 20, 20, 20]);
});

test("a closed loop ends with the error of a transaction that has no outcome", async () => {
  const begin: Begin = (_index, done) => done(new Error("gone"));
  const stretch = { first: 0, count: 5, begin, clock: createManualClock(), record: () => {} };
  await expect(runClosedLoop(stretch, 2)).rejects.toThrow("gone");
});

test("an open loop measures from the moment meant, also for those that a stall held up", async () => {
  const clock = createManualClock();
  const latencies: number[] = [];
  const waiting: (() => void)[] = [];
  let stalled = true;
  const begin: Begin = (_index, done) => {
    if (stalled) waiting.push(() => done(null));
    else done(null);
  };
  const running = runOpenLoop(
    { first: 0, count: 10, begin, clock, record: (ms) => latencies.push(ms) },
    1_000,
  );
  clock.advanceTo(5);
  stalled = false;
  for (const end of waiting) end();
  clock.advanceTo(9);
  expect(await running).toBe(6);
  expect(latencies).toEqual([5, 4, 3, 2, 1, 0, 0, 0, 0, 0]);
});
