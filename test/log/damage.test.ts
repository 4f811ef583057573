import { beforeAll, describe, expect, test } from "vitest";
import { encodeFrame, frameBytes, readFrame } from "../../src/codec/frame.ts";
import { encodeRecord } from "../../src/codec/record-codec.ts";
import { TpcError } from "../../src/core/errors.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import type { Recovered } from "../../src/runtime/ports.ts";
import type { StoreId } from "../../src/schema/ids.ts";
import {
  appendForced,
  createMemoryDisk,
  createSamplePages,
  LOG_PATH,
  type MemoryDisk,
  numbersIn,
  openLog,
  recoveredNumbers,
  sampleRecord,
  withoutRoom,
} from "./support.ts";

const PAGED = [101, 102, 103, 104];
/** Enough for more than 100 000 cases in both logs together: each byte is cut at once, and each of its bits flipped. */
const RECORDS = 46;
const SEGMENT_BYTES = 2_200;
const CASES_A_BYTE = 9;
const CASES_MIN = 50_000;
/** They take seconds; on a busy machine more. */
const TIMEOUT_MS = 180_000;

/** Three segments of forced records, each forced alone, after a checkpoint with two pages. */
async function writeLog(disk: MemoryDisk, end: "shutdown" | "crash"): Promise<void> {
  const { log } = await openLog(disk, { segmentBytesMax: SEGMENT_BYTES });
  const pages = createSamplePages();
  for (const number of PAGED) pages.add(number, 0);
  await log.checkpoint({}, pages.stored(), 0);
  for (let number = 1; number <= RECORDS; number += 1) await appendForced(log, [sampleRecord(number)]);
  if (end === "shutdown") await log.close();
}

type Opened = { readonly recovered: Recovered } | { readonly refused: string };

async function reopen(disk: MemoryDisk): Promise<Opened> {
  try {
    return { recovered: (await openLog(disk)).recovered };
  } catch (error) {
    if (error instanceof TpcError) return { refused: error.code };
    throw error;
  }
}

/** All ways to cut into what is written in the file, and all single bits of it to flip. */
function* damages(bytes: Uint8Array): Generator<{ readonly what: string; readonly bytes: Uint8Array }> {
  const written = withoutRoom(bytes).length;
  for (let length = 0; length < written; length += 1) {
    yield { what: `cut at byte ${length}`, bytes: bytes.slice(0, length) };
  }
  for (let bit = 0; bit < written * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped.set([(flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
    yield { what: `bit ${bit} flipped`, bytes: flipped };
  }
}

/** How many cases there are, if none is left out. */
function casesOf(disk: MemoryDisk): number {
  const bytes = disk
    .names()
    .reduce((sum, name) => sum + withoutRoom(disk.content(`${LOG_PATH}/${name}`)).length, 0);
  return bytes * CASES_A_BYTE;
}

function segmentsOf(disk: MemoryDisk): readonly string[] {
  return disk.names().filter((name) => name.startsWith("segment-"));
}

function pagesOf(disk: MemoryDisk): readonly string[] {
  return disk.names().filter((name) => name.startsWith("page-"));
}

const ALL = Array.from({ length: RECORDS }, (_, index) => index + 1);

describe("after a shutdown, damage anywhere keeps the node from starting", () => {
  const disk = createMemoryDisk();
  beforeAll(() => writeLog(disk, "shutdown"));

  test("untouched, everything is there", async () => {
    expect(segmentsOf(disk)).toHaveLength(3);
    const { recovered } = await openLog(disk.fork());
    expect(recovered.summary).toBe("clean");
    expect(recoveredNumbers(recovered)).toEqual(ALL);
    expect(numbersIn(recovered.checkpoint?.pages ?? [])).toEqual(PAGED);
  });

  test("every cut and every flipped bit of every file is refused, and nothing is changed", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const accepted: string[] = [];
    let cases = 0;
    for (const name of disk.names()) {
      for (const damage of damages(disk.content(`${LOG_PATH}/${name}`))) {
        const damaged = disk.fork();
        damaged.put(`${LOG_PATH}/${name}`, damage.bytes);
        const opened = await reopen(damaged);
        cases += 1;
        if (!("refused" in opened)) accepted.push(`${name}: ${damage.what}`);
        else expect(opened.refused).toBe("TPC_LOG_CORRUPT");
        expect(damaged.content(`${LOG_PATH}/${name}`)).toEqual(damage.bytes);
        expect(damaged.names()).toEqual(disk.names());
      }
    }
    console.info(`after a shutdown: ${cases} cuts and flipped bits, ${accepted.length} accepted`);
    expect(accepted).toEqual([]);
    expect(cases).toBe(casesOf(disk));
    expect(cases).toBeGreaterThan(CASES_MIN);
  });

  test("the room behind the last frame may be shorter, and holds nothing but zeros", async () => {
    const path = `${LOG_PATH}/${segmentsOf(disk).at(-1)}`;
    const bytes = disk.content(path);
    const written = withoutRoom(bytes).length;
    expect(bytes.length).toBeGreaterThan(written);
    for (const length of [written, written + 1, bytes.length - 1]) {
      const cut = disk.fork();
      cut.put(path, bytes.slice(0, length));
      expect((await openLog(cut)).recovered.summary).toBe("clean");
    }
    for (const at of [written, written + 100, bytes.length - 1]) {
      const damaged = disk.fork();
      damaged.put(path, Uint8Array.from(bytes).fill(1, at, at + 1));
      expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
    }
  });

  test.each([0, 1, 2])("segment %i missing is refused", async (index) => {
    const damaged = disk.fork();
    damaged.remove(`${LOG_PATH}/${segmentsOf(disk)[index]}`);
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test.each([
    [0, 1],
    [1, 2],
    [0, 2],
  ])("segments %i and %i swapped are refused", async (one, other) => {
    const damaged = disk.fork();
    const paths = segmentsOf(disk).map((name) => `${LOG_PATH}/${name}`);
    damaged.put(paths[one] ?? "", disk.content(paths[other] ?? ""));
    damaged.put(paths[other] ?? "", disk.content(paths[one] ?? ""));
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test("a segment in the place of another is refused", async () => {
    const damaged = disk.fork();
    const paths = segmentsOf(disk).map((name) => `${LOG_PATH}/${name}`);
    damaged.put(paths[2] ?? "", disk.content(paths[1] ?? ""));
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test.each([0, 1])("page %i missing is refused", async (index) => {
    const damaged = disk.fork();
    damaged.remove(`${LOG_PATH}/${pagesOf(disk)[index]}`);
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test("a page in the place of another is refused", async () => {
    const damaged = disk.fork();
    const [one, other] = pagesOf(disk).map((name) => `${LOG_PATH}/${name}`);
    damaged.put(one ?? "", disk.content(other ?? ""));
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test("a page of an earlier checkpoint that has the number and the length is refused", async () => {
    const damaged = disk.fork();
    const path = `${LOG_PATH}/${pagesOf(disk)[0]}`;
    const bytes = disk.content(path).slice();
    const view = new DataView(bytes.buffer);
    const frame = readFrame(view, 0);
    if (!frame.valid) throw new Error(frame.problem);
    const content = bytes.slice(frame.payloadStart, frame.payloadEnd);
    content.set([99], 0);
    damaged.put(path, encodeFrame(frame.header, content));
    await expect(openLog(damaged)).rejects.toThrow("this is not the page that the checkpoint lists");
  });

  test("a missing mark is refused", async () => {
    const damaged = disk.fork();
    damaged.remove(`${LOG_PATH}/mark`);
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test("the log of another store is refused", async () => {
    const home = { path: "/home", storeId: "ba9876543210" as StoreId };
    const opening = openFileLog(home, { files: disk.fork(), onFatal: () => undefined });
    await expect(opening).rejects.toMatchObject({ code: "TPC_LOG_CORRUPT" });
  });

  test("the error names file, offset and seq", async () => {
    const damaged = disk.fork();
    const [name = ""] = segmentsOf(disk);
    const bytes = disk.content(`${LOG_PATH}/${name}`).slice();
    bytes.set([0], 56);
    damaged.put(`${LOG_PATH}/${name}`, bytes);
    await expect(openLog(damaged)).rejects.toThrow(`${LOG_PATH}/${name} at byte 56, seq 2`);
  });
});

describe("after a crash, damage is refused or told, and never read as something else", () => {
  const disk = createMemoryDisk();
  beforeAll(() => writeLog(disk, "crash"));

  test("every cut and every flipped bit of every file", { timeout: TIMEOUT_MS }, async () => {
    const silent: string[] = [];
    const counts = { refused: 0, torn: 0, unclean: 0 };
    for (const name of disk.names()) {
      const isLast = name === segmentsOf(disk).at(-1);
      for (const damage of damages(disk.content(`${LOG_PATH}/${name}`))) {
        const damaged = disk.fork();
        damaged.put(`${LOG_PATH}/${name}`, damage.bytes);
        const opened = await reopen(damaged);
        if ("refused" in opened) {
          counts.refused += 1;
          continue;
        }
        // Only what came after the last mark can pass for a torn tail.
        expect(isLast, `${name}: ${damage.what}`).toBe(true);
        const numbers = recoveredNumbers(opened.recovered);
        expect(numbers).toEqual(ALL.slice(0, numbers.length));
        const { summary } = opened.recovered;
        if (summary.includes("torn tail") && summary.includes("cannot be ruled out")) counts.torn += 1;
        else if (summary.includes("unclean stop")) counts.unclean += 1;
        else silent.push(`${name}: ${damage.what}`);
      }
    }
    const { refused, torn, unclean } = counts;
    const cases = refused + torn + unclean + silent.length;
    const told = `${refused} refused, ${torn} told as torn, ${unclean} as unclean, ${silent.length} silent`;
    console.info(`after a crash: ${cases} cuts and flipped bits, ${told}`);
    expect(silent).toEqual([]);
    expect(segmentsOf(disk)).toHaveLength(3);
    expect(cases).toBe(casesOf(disk));
    expect(cases).toBeGreaterThan(CASES_MIN);
    expect(Math.min(counts.refused, counts.torn, counts.unclean)).toBeGreaterThan(0);
  });

  test("what stands in the room behind the last frame is told, and an empty room is not", async () => {
    const path = `${LOG_PATH}/${segmentsOf(disk).at(-1)}`;
    const bytes = disk.content(path);
    const { recovered } = await openLog(disk.fork());
    expect(recovered.summary).toContain("unclean stop");
    const torn = disk.fork();
    torn.put(path, Uint8Array.from(bytes).fill(1, bytes.length - 1));
    const opened = await openLog(torn);
    expect(opened.recovered.summary).toContain("torn tail");
    expect(recoveredNumbers(opened.recovered)).toEqual(ALL);
  });

  test("a segment that was begun is missed", async () => {
    const damaged = disk.fork();
    damaged.remove(`${LOG_PATH}/${segmentsOf(disk).at(-1)}`);
    expect(await reopen(damaged)).toEqual({ refused: "TPC_LOG_CORRUPT" });
  });

  test("a frame that was known to be on disk when a later one was written is not torn", async () => {
    const damaged = disk.fork();
    const path = `${LOG_PATH}/${segmentsOf(disk).at(-1)}`;
    const bytes = disk.content(path).slice();
    // The second frame of the last segment: those after it were written when it was forced.
    bytes.set([0xff], 56 + 50);
    damaged.put(path, bytes);
    await expect(openLog(damaged)).rejects.toMatchObject({
      code: "TPC_LOG_CORRUPT",
      message: expect.stringContaining("a later frame says"),
    });
  });

  test("a batch that nobody was told of may have landed in any order", async () => {
    const started = createMemoryDisk();
    const { log } = await openLog(started);
    await appendForced(log, [sampleRecord(1)]);
    await appendForced(log, [2, 3, 4].map(sampleRecord));
    const [name = ""] = segmentsOf(started);
    const path = `${LOG_PATH}/${name}`;
    const bytes = started.content(path).slice();
    const hole = withoutRoom(bytes).length - 3 * frameBytes(encodeRecord(sampleRecord(2)).length);
    bytes.fill(0, hole, hole + 16);
    started.put(path, bytes);
    const { recovered } = await openLog(started);
    expect(recoveredNumbers(recovered)).toEqual([1]);
    expect(recovered.summary).toContain("torn tail");
  });
});
