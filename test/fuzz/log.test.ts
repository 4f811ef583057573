import { expect, test } from "vitest";
import { TpcError } from "../../src/core/errors.ts";
import {
  appendForced,
  createMemoryDisk,
  createSamplePages,
  LOG_PATH,
  openLog,
  recoveredNumbers,
  sampleRecord,
} from "../log/support.ts";
import { type ByteEdit, byteEdits, editedBytes, FUZZ_TIMEOUT_MS, fuzz } from "./fuzzing.ts";

// Goal: whatever happens to the bytes of a log, its checkpoint or its mark, a start either refuses with TPC_LOG_CORRUPT and
// changes nothing, or finds the records that were written, from the first on, without a gap and none that was not.

const RECORDS = 12;
const CHECKPOINT_AFTER = 4;

async function writeLog(end: "shutdown" | "crash") {
  const disk = createMemoryDisk();
  const { log } = await openLog(disk, { segmentBytesMax: 500 });
  const pages = createSamplePages();
  for (let number = 1; number <= RECORDS; number += 1) {
    const seq = await appendForced(log, [sampleRecord(number)]);
    pages.add(number, 0);
    if (number === CHECKPOINT_AFTER) await log.checkpoint({ through: number }, pages.stored(), seq);
  }
  if (end === "shutdown") await log.close();
  return disk;
}

test.each(["shutdown", "crash"] as const)(
  "log bytes after a %s",
  { timeout: FUZZ_TIMEOUT_MS },
  async (end) => {
    const written = await writeLog(end);
    await fuzz(`log bytes after a ${end}`, byteEdits, async (edits: ByteEdit[]) => {
      const disk = written.fork();
      for (const edit of edits) {
        const path = `${LOG_PATH}/${disk.names()[edit.file % disk.names().length]}`;
        disk.put(path, editedBytes(disk.content(path), edit));
      }
      const before = disk.names().map((name) => disk.content(`${LOG_PATH}/${name}`));
      try {
        const { recovered } = await openLog(disk);
        const first = recovered.checkpoint === null ? 1 : CHECKPOINT_AFTER + 1;
        const numbers = recoveredNumbers(recovered);
        expect(numbers).toEqual(numbers.map((_, index) => first + index));
        const last = first + numbers.length - 1;
        if (end === "shutdown") expect(last, "all of it was acknowledged and marked").toBe(RECORDS);
        else expect(last).toBeLessThanOrEqual(RECORDS);
        if (recovered.checkpoint !== null)
          expect(recovered.checkpoint.image).toEqual({ through: CHECKPOINT_AFTER });
      } catch (error) {
        if (!(error instanceof TpcError)) throw error;
        expect(error.code).toBe("TPC_LOG_CORRUPT");
        expect(disk.names().map((name) => disk.content(`${LOG_PATH}/${name}`))).toEqual(before);
      }
    });
  },
);
