import { expect, test } from "vitest";
import { createSpaceWatch } from "../../src/log/space.ts";
import type { LogSpace } from "../../src/runtime/ports.ts";
import { createMemoryDisk, openLog, sampleRecord } from "./support.ts";

// The disk's fill level is told in good time: at the start, while the log is written, and when there is room again.

/** A disk whose free bytes the test sets, and a clock that it moves. */
function createRig() {
  let nowMs = 0;
  let timer: (() => void) | null = null;
  const rig = {
    freeBytes: 1_000,
    looks: 0,
    heard: [] as boolean[],
    hear: ({ isLow }: LogSpace) => void rig.heard.push(isLow),
    files: {
      freeBytes: async () => {
        rig.looks += 1;
        if (rig.freeBytes < 0) throw new Error("EIO: injected, statfs");
        return rig.freeBytes;
      },
    },
    clock: {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      schedule: (_delayMs: number, fire: () => void) => {
        timer = fire;
        return () => {
          timer = null;
        };
      },
    },
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
    isWaiting: () => timer !== null,
    /** Fires the timer, and waits until the look it asked for is over. */
    fire: async () => {
      timer?.();
      await settle();
    },
  };
  return rig;
}

/** The rig answers at once, so a look is over after one turn of the event loop. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function watchOf(rig: ReturnType<typeof createRig>) {
  return createSpaceWatch({ files: rig.files, path: "/log", clock: rig.clock, reserveBytes: 800 });
}

test("what is low at the start is told to whoever asks then", async () => {
  const rig = createRig();
  rig.freeBytes = 799;
  const watch = watchOf(rig);
  await watch.look();
  watch.onSpace(rig.hear);
  expect(rig.heard).toEqual([true]);
});

test("it looks again after an eighth of the reserve was written, or after a second, and not at every append", async () => {
  const rig = createRig();
  const watch = watchOf(rig);
  await watch.look();
  watch.check(99);
  await settle();
  expect(rig.looks).toBe(1);
  watch.check(100);
  await settle();
  expect(rig.looks).toBe(2);
  watch.check(101);
  rig.pass(1_000);
  watch.check(102);
  await settle();
  expect(rig.looks).toBe(3);
});

test("a low disk is looked at until there is room, with a margin, though nothing is written", async () => {
  const rig = createRig();
  const watch = watchOf(rig);
  watch.onSpace(rig.hear);
  rig.freeBytes = 500;
  await watch.look();
  expect(rig.heard).toEqual([true]);
  rig.freeBytes = 999; // Above the reserve, but not by a quarter.
  await rig.fire();
  expect(rig.heard).toEqual([true]);
  rig.freeBytes = 1_000;
  await rig.fire();
  expect(rig.heard).toEqual([true, false]);
  expect(rig.isWaiting()).toBe(false);
});

test("a question that fails changes nothing, and nothing is asked after the end", async () => {
  const rig = createRig();
  const watch = watchOf(rig);
  watch.onSpace(rig.hear);
  rig.freeBytes = 10;
  await watch.look();
  rig.freeBytes = -1;
  await rig.fire();
  expect(rig.heard).toEqual([true]);
  expect(rig.isWaiting()).toBe(true);
  watch.end();
  expect(rig.isWaiting()).toBe(false);
  await watch.look();
  expect(rig.looks).toBe(2);
});

test("a log asks when it is opened and while it is written, and goes on writing when its disk is low", async () => {
  const rig = createRig();
  const disk = createMemoryDisk();
  const files = { ...disk, freeBytes: rig.files.freeBytes };
  const { log } = await openLog(files, { clock: rig.clock, spaceReserveBytes: 800 });
  log.onSpace(rig.hear);
  expect(rig.heard).toEqual([]);
  rig.freeBytes = 100;
  rig.pass(1_000);
  const forced = new Promise<number>((resolve) => log.onForced(resolve));
  const seq = log.append(sampleRecord(1), true);
  log.flush(true);
  await forced;
  await settle();
  expect(rig.heard).toEqual([true]);
  expect(await forced).toBeGreaterThanOrEqual(seq);
  await log.close();
  expect(rig.isWaiting()).toBe(false);
});
