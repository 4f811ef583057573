import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAlarms } from "../../src/drivers/alarms.ts";

// However many alarms stand on the machine's one timer, each behaves as if it had a timer of its own.

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { readonly do: "set"; readonly delayMs: number }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("set" as const), delayMs: fc.constantFrom(10, 30) }),
    fc.record({ do: fc.constant("set" as const), delayMs: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constant("cancel" as const), which: fc.nat(30) }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20 }) }),
  ),
  { maxLength: 60 },
);

/** When each alarm fired, in the order in which they did, by timers of their own. */
function withTimers(all: readonly Step[]): string[] {
  return run(all, (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  });
}

function run(all: readonly Step[], set: (delayMs: number, fire: () => void) => () => void): string[] {
  const fired: string[] = [];
  const cancels: (() => void)[] = [];
  let nowMs = 0;
  for (const step of all) {
    if (step.do === "set") {
      const name = cancels.length;
      const dueMs = nowMs + step.delayMs;
      cancels.push(set(step.delayMs, () => fired.push(`${name} at ${dueMs}`)));
    } else if (step.do === "cancel") cancels[step.which]?.();
    else {
      vi.advanceTimersByTime(step.ms);
      nowMs += step.ms;
    }
  }
  vi.advanceTimersByTime(100);
  return fired;
}

test("those that are set fire when and in the order in which timers of their own would", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const expected = withTimers(all);
      const alarms = createAlarms<string>();
      const set = (delayMs: number, fire: () => void) => {
        const alarm = alarms.set(delayMs, fire, "one");
        return () => alarms.cancel(alarm);
      };
      expect(run(all, set)).toEqual(expected);
    }),
  );
});

test("thousands that were cancelled are cleared away, and keep no process alive", () => {
  const { set, cancel } = createAlarms<string>();
  const ring = vi.fn();
  const last = set(40_000, ring, "last");
  for (let count = 0; count < 5_000; count += 1) cancel(set(30_000 + (count % 7), ring, "cancelled"));
  set(20_000, ring, "first");
  vi.advanceTimersByTime(30_100);
  expect(ring.mock.calls).toEqual([["first"]]);
  cancel(last);
  expect(vi.getTimerCount()).toBe(0);
});

test("one that throws takes no other with it", () => {
  const { set } = createAlarms<string>();
  const ring = vi.fn(() => {
    throw new Error("broken");
  });
  set(10, ring, "one");
  set(10, ring, "other");
  expect(() => vi.advanceTimersByTime(10)).toThrow("broken");
  expect(() => vi.advanceTimersByTime(10)).toThrow("broken");
  expect(ring.mock.calls).toEqual([["one"], ["other"]]);
});
