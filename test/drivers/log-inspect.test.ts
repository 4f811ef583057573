import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { inspectLog, verifyLog } from "../../src/drivers/log-inspect.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { appendForced, sampleRecord, withoutRoom } from "../log/support.ts";

let path = "";

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "2pc-inspect-"));
});

afterEach(() => {
  rmSync(path, { recursive: true, force: true });
});

async function writeLog(): Promise<void> {
  const directory = openDataDirectory(path, { name: "coordinator" as NodeName, kind: "coordinator" });
  const onFatal = (error: Error) => {
    throw error;
  };
  const { log } = await openFileLog(directory, { onFatal, segmentBytesMax: 400 });
  for (const number of [1, 2, 3, 4]) await appendForced(log, [sampleRecord(number)]);
  await log.close();
  directory.close();
}

function segments(): string[] {
  return readdirSync(join(path, "log")).filter((name) => name.startsWith("segment-"));
}

function damage(name: string, change: (bytes: Buffer) => Buffer): void {
  const file = join(path, "log", name);
  writeFileSync(file, change(readFileSync(file)));
}

/** Everything in the directory, to see that nothing was changed. */
function contents(): Record<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString("hex")]),
  );
}

describe("a log can be read without its node", () => {
  test("every frame, in order, with what was on disk before it", async () => {
    await writeLog();
    const entries = await inspectLog(path);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map((entry) => entry.type)).toEqual([
      "segment-start",
      "run-start",
      "aborted",
      "segment-end",
      "segment-start",
      "aborted",
      "aborted",
      "segment-end",
      "segment-start",
      "aborted",
      "shutdown",
    ]);
    expect(entries.at(-2)).toEqual({
      file: segments().at(-1),
      offset: 56,
      seq: 10,
      epoch: 1,
      type: "aborted",
      record: sampleRecord(4),
      forcedBefore: 9,
    });
  });

  test("a sound log is reported as such, and nothing in the directory changes", async () => {
    await writeLog();
    const before = contents();
    expect(await verifyLog(path)).toMatchObject({
      ok: true,
      summary: "clean",
      segments: 3,
      records: 5,
      checkpointSeq: null,
      problem: null,
      torn: null,
      inUse: false,
    });
    expect(contents()).toEqual(before);
  });

  test("damage is named by file, offset and seq, and left as it is", async () => {
    await writeLog();
    const [, second = ""] = segments();
    damage(second, (bytes) => bytes.fill(0, 56, 64));
    const before = contents();
    const report = await verifyLog(path);
    expect(report.ok).toBe(false);
    expect(report.problem).toMatchObject({ file: second, offset: 56, seq: 6 });
    expect(report.summary).toMatch(/^corrupt: segment-/);
    // What is sound before it can still be read.
    expect((await inspectLog(path)).map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(contents()).toEqual(before);
  });

  test("a torn tail is counted in bytes, and left as it is", async () => {
    const directory = openDataDirectory(path, { name: "coordinator" as NodeName, kind: "coordinator" });
    const { log } = await openFileLog(directory, { onFatal: () => undefined, idleMs: 2 ** 31 - 1 });
    await appendForced(log, [sampleRecord(1)]);
    damage(segments()[0] ?? "", (bytes) => withoutRoom(bytes).subarray(0, -20));
    const before = contents();
    const report = await verifyLog(path);
    expect(report).toMatchObject({ ok: true, inUse: true, problem: null });
    expect(report.torn?.bytes).toBeGreaterThan(0);
    expect(contents()).toEqual(before);
    await log.close();
    directory.close();
  });

  test("a path that is no node's directory is refused", async () => {
    await expect(verifyLog(join(path, "nowhere"))).rejects.toMatchObject({ code: "TPC_NO_INPUT" });
    await expect(verifyLog(path)).rejects.toMatchObject({ code: "TPC_DATA_DIR" });
  });
});
