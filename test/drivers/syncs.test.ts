import { describe, expect, test, vi } from "vitest";
import { createSync } from "../../src/drivers/syncs.ts";

// The loop waits for the disk itself only where that takes less than a way to a thread and back is worth, and a disk that turns
// slow holds it up once.

const RECORDS = 600;

function disk() {
  let now = 1_000;
  let tookMs = 0.5;
  let failure: Error | null = null;
  const waiting: (() => void)[] = [];
  const onThread = vi.fn((_: number, done: (error: Error | null) => void) => {
    waiting.push(() => done(failure));
  });
  const onLoop = vi.fn(() => {
    now += tookMs;
    if (failure !== null) throw failure;
  });
  const sync = createSync({ onThread, onLoop, nowMs: () => now });
  const finish = () => {
    now += tookMs;
    waiting.shift()?.();
  };
  return {
    sync,
    finish,
    takes: (milliseconds: number) => {
      tookMs = milliseconds;
    },
    fails: (error: Error) => {
      failure = error;
    },
    /** Where each of `count` syncs of a commit's records is waited for. */
    async commit(count: number): Promise<("loop" | "thread")[]> {
      const places: ("loop" | "thread")[] = [];
      for (let done = 0; done < count; done += 1) {
        const before = onLoop.mock.calls.length;
        const synced = sync(7, RECORDS);
        places.push(onLoop.mock.calls.length > before ? "loop" : "thread");
        finish();
        await synced;
      }
      return places;
    },
  };
}

const threads = (count: number) => Array.from({ length: count }, () => "thread");

test("after sixteen quick ones the loop waits itself", async () => {
  expect(await disk().commit(18)).toEqual([...threads(16), "loop", "loop"]);
});

test("a slow one sends those after it to a thread, until the disk was quick for a while again", async () => {
  const { commit, takes } = disk();
  await commit(20);
  takes(30);
  expect(await commit(3), "the first is not foreseen").toEqual(["loop", "thread", "thread"]);
  takes(0.5);
  expect(await commit(17)).toEqual([...threads(16), "loop"]);
});

test("a disk that is never quick is waited for by threads alone", async () => {
  const { commit, takes } = disk();
  takes(5);
  expect(await commit(50)).toEqual(threads(50));
});

test("while a thread waits for the disk, the next one goes to a thread as well", async () => {
  const { sync, commit, finish } = disk();
  await commit(20);
  const long = sync(8, 4_000_000);
  const beside = sync(7, RECORDS);
  finish();
  finish();
  await Promise.all([long, beside]);
  expect(await commit(2)).toEqual(["loop", "loop"]);
});

test("what is long goes to a thread, and says nothing of how quick the disk is", async () => {
  const { sync, commit, finish, takes } = disk();
  await commit(20);
  takes(80);
  const long = sync(8, 64 * 1024 + 1);
  finish();
  await long;
  takes(0.5);
  expect(await commit(1)).toEqual(["loop"]);
});

describe("a failure is the caller's, by a rejection", () => {
  test.each([
    ["on the loop", 20],
    ["on a thread", 0],
  ])("%s", async (_, before) => {
    const { sync, commit, fails, finish } = disk();
    await commit(before);
    fails(new Error("EIO"));
    const failing = sync(7, RECORDS);
    finish();
    await expect(failing).rejects.toThrow("EIO");
  });
});
