import { describe, expect, test } from "vitest";
import { createBackoff } from "../../../src/drivers/wire/backoff.ts";
import { createHeartbeat } from "../../../src/drivers/wire/heartbeat.ts";
import type { Clock } from "../../../src/runtime/ports.ts";

/** Time that a test moves by hand; timers that are due fire once each, as after a pause of the process. */
function createHandClock(): Pick<Clock, "nowMs" | "schedule"> & { advance(ms: number): void } {
  let nowMs = 0;
  let timers: { dueMs: number; fire: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    schedule(delayMs, fire) {
      const timer = { dueMs: nowMs + delayMs, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      nowMs += ms;
      const due = timers.filter((timer) => timer.dueMs <= nowMs);
      timers = timers.filter((timer) => timer.dueMs > nowMs);
      for (const timer of due) timer.fire();
    },
  };
}

function createBeating(missedMax: number) {
  const clock = createHandClock();
  const told: string[] = [];
  const heartbeat = createHeartbeat({
    clock,
    periodMs: 1000,
    missedMax,
    ping: (payload) => told.push(`ping ${payload}`),
    roundTrip: (milliseconds) => told.push(`round trip ${milliseconds}`),
    dead: () => told.push("dead"),
  });
  heartbeat.start();
  return { clock, told, heartbeat };
}

describe("a heartbeat finds out dead peers, and only those", () => {
  test("dead after the last missed ping, and quiet from then on", () => {
    const { clock, told } = createBeating(4);
    for (let second = 0; second < 10; second += 1) clock.advance(1000);
    expect(told).toEqual(["ping 1", "ping 2", "ping 3", "ping 4", "dead"]);
  });

  test("any sign of life starts the count anew", () => {
    const { clock, told, heartbeat } = createBeating(2);
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1000);
      heartbeat.alive();
    }
    expect(told).not.toContain("dead");
  });

  test("a process that was stopped for ten minutes does not cut its links", () => {
    const { clock, told } = createBeating(4);
    clock.advance(600_000);
    expect(told).toEqual(["ping 1", "ping 2"]);
  });

  test("the round trip is that of the last ping, not of an older or an invented one", () => {
    const { clock, told, heartbeat } = createBeating(4);
    clock.advance(1000);
    clock.advance(30);
    heartbeat.answered("1");
    heartbeat.answered("nonsense");
    heartbeat.answered("2");
    expect(told).toEqual(["ping 1", "ping 2", "round trip 30"]);
    heartbeat.stop();
    clock.advance(60_000);
    expect(told).toHaveLength(3);
  });
});

test("backoff doubles up to its cap, is drawn from the upper half, and starts again after a success", () => {
  const timing = { backoffMinMs: 50, backoffMaxMs: 2_000 };
  const most = createBackoff(timing, { next: () => 1 - 2 ** -30 });
  expect(Array.from({ length: 8 }, () => Math.round(most.nextMs()))).toEqual([
    50, 100, 200, 400, 800, 1600, 2000, 2000,
  ]);
  most.reset();
  expect(Math.round(most.nextMs())).toBe(50);
  const least = createBackoff(timing, { next: () => 0 });
  expect([least.nextMs(), least.nextMs()]).toEqual([25, 50]);
});
