import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClock } from "../../src/drivers/clock.ts";
import { createRandom } from "../../src/drivers/random.ts";

describe("timers hold what they promise", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("one fires once, and not before its time", () => {
    const fire = vi.fn();
    createClock().schedule(1000, fire);
    vi.advanceTimersByTime(999);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(10_000);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  test("one that is cancelled does not", () => {
    const fire = vi.fn();
    createClock().schedule(1000, fire)();
    vi.advanceTimersByTime(10_000);
    expect(fire).not.toHaveBeenCalled();
  });

  test("one longer than a machine timer holds waits its whole time, and can be cancelled late", () => {
    const longMs = 2 ** 31 * 3;
    const [kept, cancelled] = [vi.fn(), vi.fn()];
    createClock().schedule(longMs, kept);
    const cancel = createClock().schedule(longMs, cancelled);
    vi.advanceTimersByTime(longMs - 1);
    expect(kept).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(kept).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
  });

  test("a wall clock that jumps changes nothing", () => {
    const clock = createClock();
    const before = clock.nowMs();
    vi.setSystemTime(clock.wallMs() + 10 * 365 * 86_400_000);
    expect(clock.nowMs()).toBe(before);
    vi.setSystemTime(0);
    expect(clock.nowMs()).toBe(before);
  });
});

test("what is deferred runs after this turn and before any wait", async () => {
  const order: string[] = [];
  const clock = createClock();
  await new Promise<void>((resolve) => {
    clock.schedule(20, () => {
      order.push("waited");
      resolve();
    });
    clock.defer(() => order.push("deferred"));
    queueMicrotask(() => order.push("same turn"));
  });
  expect(order).toEqual(["same turn", "deferred", "waited"]);
});

test("chance lies in [0, 1)", () => {
  const random = createRandom();
  const draws = Array.from({ length: 1000 }, () => random.next());
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(new Set(draws).size).toBeGreaterThan(900);
});
