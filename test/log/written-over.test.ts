import { describe, expect, test } from "vitest";
import { frameBytes, readFrame } from "../../src/codec/frame.ts";
import { encodeRecord } from "../../src/codec/record-codec.ts";
import { TpcError } from "../../src/core/errors.ts";
import type { Log } from "../../src/runtime/ports.ts";
import { createChance } from "../../src/sim/cluster/chance.ts";
import {
  appendForced,
  createMemoryDisk,
  LOG_PATH,
  type MemoryDisk,
  openLog,
  recoveredNumbers,
  sampleRecord,
  turn,
  watchCalls,
} from "./support.ts";

// The file of a segment that a checkpoint covers is written over by a later one. Nothing that stood in it is read, or taken for
// damage, at whatever moment the process or the power goes.

const recordBytes = (number: number) => frameBytes(Buffer.byteLength(encodeRecord(sampleRecord(number))));
const RECORD_BYTES = recordBytes(10);
const EMPTY_BYTES = frameBytes(0);
/** Room for the frames that begin and end it, four records, and some more. */
const SEGMENT_BYTES = 2 * EMPTY_BYTES + 4 * RECORD_BYTES + 40;
const SIZES = { segmentBytesMax: SEGMENT_BYTES, checkpointBytes: 2 * SEGMENT_BYTES };

const COVERED = 14;
/** What comes after is longer, so that no frame stands where one stood before. */
const FURTHER = 1_000_000_000_000;
const LONG_BYTES = recordBytes(FURTHER);

/** Fills three segments, covers them by a checkpoint, and goes on with `further` records, in the files of two of these. */
async function writeOver(log: Log, further: number, acked: () => void = () => undefined) {
  let seq = 0;
  const append = async (numbers: readonly number[]) => {
    for (const number of numbers) {
      seq = await appendForced(log, [sampleRecord(number)]);
      acked();
    }
  };
  await append(numbersFrom(1, COVERED));
  await log.checkpoint({ numbers: COVERED }, [], seq);
  await append(numbersFrom(FURTHER, further));
}

async function written(further: number): Promise<{ readonly disk: MemoryDisk; readonly log: Log }> {
  const disk = createMemoryDisk();
  const { log } = await openLog(disk, SIZES);
  await writeOver(log, further);
  return { disk, log };
}

const segmentsOf = (disk: MemoryDisk) => disk.names().filter((name) => name.startsWith("segment-"));
const lastOf = (disk: MemoryDisk) => disk.content(`${LOG_PATH}/${segmentsOf(disk).at(-1)}`);
const numbersFrom = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

/** The end of the frames that belong to the segment, and the file behind it. */
function behindFrames(bytes: Uint8Array): { readonly end: number; readonly rest: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  let number = 0;
  for (;;) {
    const frame = readFrame(view, end);
    if (!frame.valid || (end > 0 && frame.header.segment !== number)) break;
    number = frame.header.segment;
    end = frame.end;
  }
  return { end, rest: bytes.subarray(end) };
}

test("as many are kept to be written over as are finished between two checkpoints, and the others removed", async () => {
  const disk = createMemoryDisk();
  const calls: string[] = [];
  const { log } = await openLog(
    watchCalls(disk, (call) => void calls.push(call)),
    SIZES,
  );
  await writeOver(log, 0);
  expect(calls.filter((call) => call === "unlink")).toHaveLength(1);
  const before = segmentsOf(disk);
  calls.length = 0;
  for (let number = 1; number <= 12; number += 1) await appendForced(log, [sampleRecord(number)]);
  expect(calls.filter((call) => call === "reopen")).toHaveLength(2);
  expect(segmentsOf(disk).filter((name) => before.includes(name))).toHaveLength(before.length - 2);
});

test("a disk that runs low gets them back, and keeps none until it has room again", async () => {
  const disk = createMemoryDisk();
  let free = 1_000_000;
  const files = { ...disk, freeBytes: async () => free };
  const { log } = await openLog(files, { ...SIZES, spaceReserveBytes: 1_000 });
  await writeOver(log, 0);
  const [first, second] = segmentsOf(disk);
  free = 10;
  await appendForced(log, [sampleRecord(1)]);
  await appendForced(log, [sampleRecord(2)]);
  await turn();
  expect(segmentsOf(disk)).not.toContain(first);
  expect(segmentsOf(disk)).not.toContain(second);
  let seq = 0;
  for (let number = 3; number <= 9; number += 1) seq = await appendForced(log, [sampleRecord(number)]);
  await log.checkpoint({}, [], seq);
  expect(segmentsOf(disk)).toHaveLength(1);
});

describe("what an earlier segment left", () => {
  test("is neither read nor told", async () => {
    const { disk } = await written(7);
    expect(behindFrames(lastOf(disk)).rest.some((byte) => byte !== 0)).toBe(true);
    const { recovered } = await openLog(disk);
    expect(recovered.summary).toContain("unclean stop: nothing to drop");
    expect(recoveredNumbers(recovered)).toEqual(numbersFrom(FURTHER, 7));
  });

  test("is no part of a write that was interrupted", async () => {
    const { disk } = await written(7);
    const bytes = lastOf(disk);
    const { end } = behindFrames(bytes);
    bytes.fill(0xff, end - 8, end);
    const { recovered } = await openLog(disk);
    const [, dropped] = /torn tail: (\d+) bytes/.exec(recovered.summary) ?? [];
    expect(Number(dropped)).toBeGreaterThanOrEqual(RECORD_BYTES);
    expect(Number(dropped)).toBeLessThan(3 * RECORD_BYTES);
    expect(recoveredNumbers(recovered)).toEqual(numbersFrom(FURTHER, 6));
  });

  test("hides no damage: each flipped bit of what was written over it is refused or told", async () => {
    const { disk } = await written(7);
    const { end } = behindFrames(lastOf(disk));
    const told = { refused: 0, torn: 0 };
    for (let bit = 0; bit < end * 8; bit += 1) {
      const damaged = disk.fork();
      const bytes = lastOf(damaged).slice();
      bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
      damaged.put(`${LOG_PATH}/${segmentsOf(damaged).at(-1)}`, bytes);
      const opened = await openLog(damaged).catch((error: unknown) => error);
      if (opened instanceof TpcError) {
        expect(opened.code).toBe("TPC_LOG_CORRUPT");
        told.refused += 1;
        continue;
      }
      const { recovered } = opened as Awaited<ReturnType<typeof openLog>>;
      expect(recovered.summary, `bit ${bit}`).toContain("torn tail");
      expect(recoveredNumbers(recovered)).toEqual(numbersFrom(FURTHER, 6));
      told.torn += 1;
    }
    expect(told).toEqual({ refused: 8 * (end - LONG_BYTES), torn: 8 * LONG_BYTES });
  });

  test("is gone before a segment is finished, by the next one or by the end", async () => {
    const { disk, log } = await written(7);
    const name = segmentsOf(disk).at(-2);
    const { end, rest } = behindFrames(disk.content(`${LOG_PATH}/${name}`));
    expect(end).toBeLessThan(SEGMENT_BYTES);
    expect(rest).toEqual(new Uint8Array(rest.length));
    expect(behindFrames(lastOf(disk)).rest.some((byte) => byte !== 0)).toBe(true);
    await log.close();
    const last = behindFrames(lastOf(disk)).rest;
    expect(last).toEqual(new Uint8Array(last.length));
    expect((await openLog(disk)).recovered.summary).toBe("clean");
  });
});

describe("an acknowledged record is found, whatever is lost", () => {
  /** How many ways of losing sectors and names are tried at each call. */
  const LOSSES = 12;
  const MORE = 7;
  const ALL = [...numbersFrom(1, COVERED), ...numbersFrom(FURTHER, MORE)];
  class Cut extends Error {}

  /** Plays the story to its `cutAt`th call on files, and what is lost there; every call for null. */
  async function play(cutAt: number | null, lose: (disk: MemoryDisk) => MemoryDisk) {
    const disk = createMemoryDisk();
    let calls = 0;
    let acked = 0;
    let found: MemoryDisk | null = null;
    let cut: () => void = () => undefined;
    const isCut = new Promise<void>((resolve) => {
      cut = resolve;
    });
    const files = watchCalls(disk, () => {
      calls += 1;
      if (calls === cutAt) {
        found = lose(disk);
        cut();
      }
      if (cutAt !== null && calls >= cutAt) throw new Cut();
    });
    const story = async () => {
      const { log } = await openLog(files, { ...SIZES, onFatal: () => undefined });
      await writeOver(log, MORE, () => {
        if (found === null) acked += 1;
      });
      await log.close();
    };
    await Promise.race([story().catch(() => undefined), isCut]);
    return { calls, acked, found: found ?? disk };
  }

  test.each([
    ["its process", (disk: MemoryDisk) => disk.fork(), 1],
    ["power", null, LOSSES],
  ] as const)("at any call, with %s", async (_, loseProcess, losses) => {
    const whole = await play(null, (disk) => disk);
    expect(whole.acked).toBe(ALL.length);
    for (let cutAt = 1; cutAt <= whole.calls; cutAt += 1) {
      for (let loss = 0; loss < losses; loss += 1) {
        const chance = createChance(cutAt, `/${loss}`);
        const share = chance.next();
        const { acked, found } = await play(
          cutAt,
          loseProcess ?? ((disk) => disk.afterPowerLoss(() => chance.hit(share))),
        );
        const { log, recovered } = await openLog(found, SIZES);
        const { numbers } = (recovered.checkpoint?.image ?? { numbers: 0 }) as { numbers: number };
        const all = [...numbersFrom(1, numbers), ...recoveredNumbers(recovered)];
        const where = `call ${cutAt}, loss ${loss}`;
        expect(all, where).toEqual(ALL.slice(0, all.length));
        expect(all.length, where).toBeGreaterThanOrEqual(acked);
        await log.close();
        expect((await openLog(found)).recovered.summary, where).toBe("clean");
      }
    }
  });
});
