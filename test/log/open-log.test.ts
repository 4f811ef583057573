import { describe, expect, test } from "vitest";
import type { LogFile, LogFiles } from "../../src/log/files.ts";
import type { RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";
import {
  appendForced,
  createMemoryDisk,
  createStillClock,
  LOG_PATH,
  openLog,
  recoveredNumbers,
  sampleRecord,
  turn,
  withoutRoom,
} from "./support.ts";

/** A gate that calls wait at while it is shut. */
function createGate() {
  let open: (() => void) | null = null;
  let shut: Promise<void> = Promise.resolve();
  return {
    shut: () => {
      shut = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open?.(),
    passed: () => shut,
  };
}

/** Counts writes and syncs of segments, and lets the syncs wait at a gate. */
function watchSegments(files: LogFiles) {
  const calls: string[] = [];
  const gate = createGate();
  const wrap = (file: LogFile): LogFile => ({
    ...file,
    write: (bytes, position) => {
      calls.push("write");
      return file.write(bytes, position);
    },
    datasync: async () => {
      calls.push("sync");
      await gate.passed();
      await file.datasync();
    },
  });
  const create: LogFiles["create"] = async (path) => {
    const file = await files.create(path);
    return path.includes("segment-") && !path.endsWith(".tmp") ? wrap(file) : file;
  };
  return { calls, gate, files: { ...files, create } };
}

describe("a run begins where the one before it ended", () => {
  test("a new log has nothing to tell", async () => {
    const { recovered } = await openLog(createMemoryDisk());
    expect(recovered).toEqual({
      epoch: 1,
      checkpoint: null,
      records: [],
      end: { epoch: 0, seq: 0 },
      summary: "new log",
    });
  });

  test("after a shutdown the records come back with their places", async () => {
    const disk = createMemoryDisk();
    const first = await openLog(disk);
    const seq = await appendForced(first.log, [sampleRecord(1)]);
    await first.log.close();
    const { recovered } = await openLog(disk);
    expect(recovered).toMatchObject({ epoch: 2, summary: "clean", end: { epoch: 1, seq: seq + 1 } });
    expect([...recovered.records]).toEqual([
      { record: { type: "run-start", epoch: 1, startedAtMs: 0 }, lsn: { epoch: 1, seq: 1 } },
      { record: sampleRecord(1), lsn: { epoch: 1, seq } },
    ]);
  });

  test("a run that lost its last record is followed by one that begins at its place", async () => {
    const disk = createMemoryDisk();
    const first = await openLog(disk);
    await appendForced(first.log, [sampleRecord(1)]);
    const lostSeq = await appendForced(first.log, [sampleRecord(2)]);
    const [segment = ""] = disk.names().filter((name) => name.startsWith("segment-"));
    const path = `${LOG_PATH}/${segment}`;
    disk.put(path, withoutRoom(disk.content(path)).slice(0, -8));
    const second = await openLog(disk.fork());
    expect(second.recovered.end).toEqual({ epoch: 1, seq: lostSeq - 1 });

    // Also when the run that mended the log got no further than that.
    const interrupted = openLog(disk, {
      reach: (point) => {
        if (point === "recovery-synced") throw new Error("interrupted");
      },
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    const third = await openLog(disk);
    expect(third.recovered.end).toEqual({ epoch: 1, seq: lostSeq - 1 });
    await third.log.close();
    const fourth = await openLog(disk);
    const starts = [...fourth.recovered.records].filter(({ record }) => record.type === "run-start");
    expect(starts.map(({ lsn }) => lsn)).toEqual([
      { epoch: 1, seq: 1 },
      { epoch: third.recovered.epoch, seq: lostSeq },
    ]);
  });
});

describe("group commit: one sync in flight, and what arrives meanwhile is the next batch", () => {
  test("records of one turn take one write and one sync", async () => {
    const { calls, files } = watchSegments(createMemoryDisk());
    const { log } = await openLog(files);
    calls.length = 0;
    await appendForced(log, [1, 2, 3].map(sampleRecord));
    expect(calls).toEqual(["write", "sync"]);
  });

  test("records that arrive during a sync share the next one, and are reported after it only", async () => {
    const { calls, gate, files } = watchSegments(createMemoryDisk());
    const { log } = await openLog(files);
    const reported: number[] = [];
    log.onForced((throughSeq) => reported.push(throughSeq));
    calls.length = 0;
    gate.shut();
    const first = log.append(sampleRecord(1), true);
    log.flush(true);
    await turn();
    for (const number of [2, 3, 4]) {
      log.append(sampleRecord(number), true);
      log.flush(true);
    }
    const last = log.append(sampleRecord(5), false);
    log.flush(true);
    await turn();
    expect(calls).toEqual(["write", "sync"]);
    expect(reported).toEqual([]);
    gate.open();
    await turn();
    await turn();
    expect(calls).toEqual(["write", "sync", "write", "sync"]);
    expect(reported).toEqual([first, last]);
  });

  test("what nobody waits for goes with what somebody waits for: one write and one sync for both", async () => {
    const { calls, files } = watchSegments(createMemoryDisk());
    const { log } = await openLog(files);
    const reported: number[] = [];
    log.onForced((throughSeq) => reported.push(throughSeq));
    calls.length = 0;
    log.append(sampleRecord(1), true);
    log.flush(false);
    await turn();
    expect(calls).toEqual([]);
    const last = await appendForced(log, [sampleRecord(2)]);
    expect(calls).toEqual(["write", "sync"]);
    expect(reported).toEqual([last]);
  });

  test("what nobody waits for is forced after a moment, also when it came during a sync", async () => {
    const { calls, gate, files } = watchSegments(createMemoryDisk());
    const clock = createStillClock();
    const { log } = await openLog(files, { clock });
    const reported: number[] = [];
    log.onForced((throughSeq) => reported.push(throughSeq));
    calls.length = 0;
    gate.shut();
    const first = log.append(sampleRecord(1), true);
    log.flush(true);
    await turn();
    const last = log.append(sampleRecord(2), true);
    log.flush(false);
    gate.open();
    await turn();
    await turn();
    expect(calls).toEqual(["write", "sync"]);
    expect(reported).toEqual([first]);
    clock.fire();
    await turn();
    expect(calls).toEqual(["write", "sync", "write", "sync"]);
    expect(reported).toEqual([first, last]);
  });

  test("what is not to be forced is written without a sync, until the log rests", async () => {
    const disk = createMemoryDisk();
    const { calls, files } = watchSegments(disk);
    const clock = createStillClock();
    const { log } = await openLog(files, { clock });
    calls.length = 0;
    log.append(sampleRecord(1), false);
    log.flush(true);
    await turn();
    expect(calls).toEqual(["write"]);
    clock.fire();
    await turn();
    expect(calls).toEqual(["write", "sync"]);
    const { recovered } = await openLog(disk.afterPowerLoss(() => false));
    expect(recoveredNumbers(recovered)).toEqual([1]);
    expect(recovered.summary).toContain("known to be synced through 3");
  });

  test("nothing is reported as forced after another part of the log has failed", async () => {
    const disk = createMemoryDisk();
    const { gate, files } = watchSegments(disk);
    let failing = false;
    const rename: LogFiles["rename"] = (from, to) =>
      failing ? Promise.reject(new Error("EIO: injected")) : disk.rename(from, to);
    const fatal: string[] = [];
    const { log } = await openLog({ ...files, rename }, { onFatal: (error) => fatal.push(error.code) });
    const reported: number[] = [];
    const seq = await appendForced(log, [sampleRecord(1)]);
    log.onForced((throughSeq) => reported.push(throughSeq));
    failing = true;
    void log.checkpoint({}, [], seq);
    gate.shut();
    log.append(sampleRecord(2), true);
    log.flush(true);
    await turn();
    expect(fatal).toEqual(["TPC_LOG_WRITE"]);
    gate.open();
    await turn();
    expect(reported).toEqual([]);
  });

  test("a sync that takes more than a second is mentioned", async () => {
    const { gate, files } = watchSegments(createMemoryDisk());
    let now = 0;
    const clock = { ...createStillClock(), nowMs: () => now };
    const warnings: string[] = [];
    const { log } = await openLog(files, { clock, warn: (text) => warnings.push(text) });
    gate.shut();
    const forced = appendForced(log, [sampleRecord(1)]);
    await turn();
    now = 1500;
    gate.open();
    await forced;
    expect(warnings).toEqual(["a sync of the log took 1500 ms"]);
  });
});

test("records of one turn, long and short, in ASCII and not, come back as they were, over many changes of segment", async () => {
  const disk = createMemoryDisk();
  const options = { segmentBytesMax: 20_000 };
  const { log } = await openLog(disk, options);
  const records = Array.from({ length: 400 }, (_, number) => {
    const text = (number % 3 === 0 ? "é" : "e").repeat((number * 97) % (number % 50 === 0 ? 40_000 : 900));
    const verdict = { by: "ann", reason: `${number} ${text}`.slice(0, 256), atMs: number };
    const { transactionId } = sampleRecord(number) as { transactionId: TransactionId };
    const request = { requestId: `r${number}` as RequestId, issuedAtMs: number, digest: text };
    return number % 2 === 0
      ? ({ type: "committed", transactionId, onePhase: { ...request, redo: [] } } as const)
      : ({ type: "heuristic", transactionId, decision: "commit", verdict } as const);
  });
  for (let from = 0; from < records.length; from += 80) {
    await appendForced(log, records.slice(from, from + 80));
  }
  await log.close();
  const { recovered } = await openLog(disk, options);
  const [, ...read] = [...recovered.records].map(({ record }) => record);
  expect(read).toEqual(records);
  expect(disk.names().length).toBeGreaterThan(10);
});

test("a file grows ahead of small writes, and not of one that would use up what it has grown by", async () => {
  const disk = createMemoryDisk();
  const { log } = await openLog(disk);
  const roomBytes = () => {
    const bytes = disk.content(`${LOG_PATH}/${disk.names().find((name) => name.startsWith("segment"))}`);
    return bytes.length - withoutRoom(bytes).length;
  };
  await appendForced(log, [sampleRecord(1)]);
  expect(roomBytes()).toBeGreaterThan(100_000);
  await appendForced(
    log,
    Array.from({ length: 2_000 }, (_, at) => sampleRecord(at + 2)),
  );
  expect(roomBytes()).toBe(0);
  await appendForced(log, [sampleRecord(2_002)]);
  expect(roomBytes()).toBeGreaterThan(100_000);
});

describe("the log's size is bounded by checkpoints", () => {
  test("a hundred times its limit leaves no more than a segment and what came since the last checkpoint", async () => {
    const disk = createMemoryDisk();
    const options = { segmentBytesMax: 4000, checkpointBytes: 4000 };
    const { log } = await openLog(disk, options);
    let largest = 0;
    let checkpoints = 0;
    for (let number = 1; number <= 4000; number += 1) {
      const seq = await appendForced(log, [sampleRecord(number)]);
      if (log.wantsCheckpoint()) {
        await log.checkpoint({ through: number }, [], seq);
        checkpoints += 1;
      }
      largest = Math.max(largest, disk.totalBytes());
    }
    await log.close();
    expect(checkpoints).toBeGreaterThan(100);
    expect(largest).toBeLessThan(4000 + 4000 + 1000);
    const { recovered } = await openLog(disk, options);
    const image = recovered.checkpoint?.image as { through: number };
    const numbers = recoveredNumbers(recovered);
    expect(numbers).toEqual(numbers.map((_, index) => image.through + index + 1));
    expect(numbers.at(-1)).toBe(4000);
  });

  test("a large image is written bit by bit: between the bits the node does its other work", async () => {
    const disk = createMemoryDisk();
    const clock = { ...createStillClock(), schedule: pausing };
    let pauses = 0;
    function pausing(delayMs: number, fire: () => void) {
      if (delayMs === 0) pauses += 1;
      if (delayMs === 0) queueMicrotask(fire);
      return () => {};
    }
    const { log } = await openLog(disk, { clock });
    const seq = log.append(sampleRecord(1), false);
    const rows = Array.from({ length: 20_000 }, (_, row) => ({ row, name: `row number ${row}` }));
    const written = log.checkpoint({ rows: new Set(rows).values() }, [], seq);
    await appendForced(log, [sampleRecord(2)]);
    await written;
    expect(pauses).toBeGreaterThan(10);
    const { recovered } = await openLog(disk);
    expect(recovered.checkpoint).toMatchObject({ image: { rows }, throughSeq: seq });
    expect(recoveredNumbers(recovered)).toEqual([2]);
  });

  test("commits go on while a checkpoint is written", async () => {
    const disk = createMemoryDisk();
    const gate = createGate();
    const rename: LogFiles["rename"] = async (from, to) => {
      await gate.passed();
      await disk.rename(from, to);
    };
    const { log } = await openLog({ ...disk, rename });
    const seq = await appendForced(log, [sampleRecord(1)]);
    gate.shut();
    const written = log.checkpoint({ numbers: 1 }, [], seq);
    await appendForced(log, [sampleRecord(2)]);
    gate.open();
    await written;
    const { recovered } = await openLog(disk);
    expect(recovered.checkpoint?.image).toEqual({ numbers: 1 });
    expect(recoveredNumbers(recovered)).toEqual([2]);
  });

  test("a checkpoint right after the start includes all that was recovered", async () => {
    const disk = createMemoryDisk();
    const first = await openLog(disk);
    await appendForced(first.log, [sampleRecord(1)]);
    const second = await openLog(disk);
    await second.log.checkpoint({ numbers: 1 }, [], 0);
    await second.log.close();
    const { recovered } = await openLog(disk);
    expect(recovered.checkpoint?.image).toEqual({ numbers: 1 });
    expect(recoveredNumbers(recovered)).toEqual([]);
    expect(disk.names().filter((name) => name.startsWith("segment-"))).toHaveLength(2);
  });

  test("a checkpoint that leaves records out is a defect", async () => {
    const { log } = await openLog(createMemoryDisk());
    const seq = await appendForced(log, [sampleRecord(1)]);
    expect(() => log.checkpoint({}, [], seq - 1)).toThrow(expect.objectContaining({ code: "TPC_INTERNAL" }));
  });
});

describe("what the log does not take", () => {
  test("a record that could not be read again", async () => {
    const { log } = await openLog(createMemoryDisk());
    const record = { type: "end", transactionId: "7" } as unknown as LogRecord;
    expect(() => log.append(record, true)).toThrow(expect.objectContaining({ code: "TPC_INTERNAL" }));
  });

  test("anything after it was closed", async () => {
    const { log } = await openLog(createMemoryDisk());
    await log.close();
    expect(() => log.append(sampleRecord(1), true)).toThrow(
      expect.objectContaining({ code: "TPC_INTERNAL" }),
    );
  });
});
