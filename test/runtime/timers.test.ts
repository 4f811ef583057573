import { expect, test } from "vitest";
import type { Timer } from "../../src/core/effects.ts";
import { createTimers } from "../../src/runtime/timers.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { createTestClock, transactionId } from "./fixtures.ts";

// One timer of a kind and id at a time; jitter takes at most half of a delay away and never adds to it.

const resend: Timer = { kind: "resend", id: "ledger" as NodeName };
const inquire: Timer = { kind: "inquire", id: "ledger" as NodeName };

function timersWith(chance: number) {
  const clock = createTestClock();
  const fired: Timer[] = [];
  const timers = createTimers(clock, { next: () => chance }, (timer) => fired.push(timer));
  return { clock, fired, timers };
}

test("starting a timer again replaces it; another kind of the same id is another timer", () => {
  const { clock, fired, timers } = timersWith(0);
  timers.start(resend, 100, false);
  timers.start(inquire, 100, false);
  clock.advance(60);
  timers.start(resend, 100, false);
  clock.advance(60);
  expect(fired).toEqual([inquire]);
  clock.advance(40);
  expect(fired).toEqual([inquire, resend]);
});

test("a timer may be started again by what it fires, and stopped for good", () => {
  const { clock, fired, timers } = timersWith(0);
  timers.start(resend, 10, false);
  clock.advance(10);
  timers.start(resend, 10, false);
  timers.start({ kind: "vote-timeout", id: transactionId(1) }, 10, false);
  timers.stop(resend);
  timers.stop(resend);
  clock.advance(10);
  expect(fired.map(({ kind }) => kind)).toEqual(["resend", "vote-timeout"]);
  timers.start(resend, 10, false);
  timers.stopAll();
  clock.advance(10);
  expect([fired.length, clock.scheduled()]).toEqual([2, []]);
});

test.each([
  [0, 50],
  [0.5, 75],
  [0.999, 99.95],
])("by chance %d a delay of 100 ms with jitter is %d ms", (chance, delayMs) => {
  const { clock, timers } = timersWith(chance);
  timers.start(resend, 100, true);
  expect(clock.scheduled()).toEqual([delayMs]);
  timers.start(resend, 100, false);
  expect(clock.scheduled()).toEqual([100]);
});

test("paused timers stand still with what is left to them, and so do those that are started then", () => {
  const { clock, fired, timers } = timersWith(0);
  timers.start(resend, 100, false);
  clock.advance(60);
  timers.pause();
  timers.start(inquire, 30, false);
  clock.advance(1_000);
  expect(fired).toEqual([]);
  timers.resume();
  clock.advance(29);
  expect(fired).toEqual([]);
  clock.advance(1);
  expect(fired).toEqual([inquire]);
  clock.advance(10);
  expect(fired).toEqual([inquire, resend]);
});

test("a paused timer that is stopped does not come back", () => {
  const { clock, fired, timers } = timersWith(0);
  timers.start(resend, 100, false);
  timers.pause();
  timers.stop(resend);
  timers.resume();
  clock.advance(1_000);
  expect(fired).toEqual([]);
});
