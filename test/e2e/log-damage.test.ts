import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { frameBytes } from "../../src/codec/frame.ts";
import { encodeRecord } from "../../src/codec/record-codec.ts";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { appendForced, inFormatTwo, sampleRecord, withoutRoom } from "../log/support.ts";
import { type Home, makeHome } from "./program.ts";

// `log verify` and `log inspect` on each kind of damage: both say the same, exit 65 on corruption alone, 78 on what a newer
// version of the program wrote, and change nothing.

const LAST_BATCH = [12, 13, 14].map(sampleRecord);
const BATCH_BYTES = LAST_BATCH.reduce((sum, record) => sum + frameBytes(encodeRecord(record).length), 0);

let home: Home;
let root = "";
beforeAll(async () => {
  home = await makeHome();
  root = mkdtempSync(join(tmpdir(), "2pc-damage-"));
  await writeLog(join(root, "clean"));
  await writeLog(join(root, "foreign"));
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await home.remove();
});

/** Several segments, the last forces with three records at once; a copy is kept of how it stood before its shutdown. */
async function writeLog(path: string): Promise<void> {
  const directory = openDataDirectory(path, { name: "coordinator" as NodeName, kind: "coordinator" });
  const onFatal = (error: Error) => {
    throw error;
  };
  const { log } = await openFileLog(directory, { onFatal, segmentBytesMax: 700, idleMs: 2 ** 31 - 1 });
  for (let number = 1; number <= 11; number += 1) await appendForced(log, [sampleRecord(number)]);
  await appendForced(log, LAST_BATCH);
  cpSync(path, `${path}-running`, { recursive: true });
  await log.close();
  directory.close();
}

const segments = (dir: string): string[] =>
  readdirSync(join(dir, "log"))
    .filter((name) => name.startsWith("segment-"))
    .map((name) => join(dir, "log", name));
const at = (dir: string, index: number): string => segments(dir).at(index) ?? "";
const edit = (path: string, change: (bytes: Buffer) => Buffer): void =>
  writeFileSync(path, change(readFileSync(path)));
function swap(one: string, other: string): void {
  const [first, second] = [readFileSync(one), readFileSync(other)];
  writeFileSync(one, second);
  writeFileSync(other, first);
}

test.each<[kind: string, from: string, says: RegExp, status: number, damage: (dir: string) => void]>([
  ["clean", "clean", /^clean$/m, 0, () => {}],
  ["not shut down", "clean-running", /^unclean stop: nothing to drop/m, 0, () => {}],
  [
    "torn, a loss not excluded",
    "clean-running",
    /^torn tail: .* cannot be ruled out$/m,
    0,
    (dir) => edit(at(dir, -1), (bytes) => withoutRoom(bytes).subarray(0, -20)),
  ],
  [
    "torn out of order",
    "clean-running",
    /^torn tail: .* cannot be ruled out$/m,
    0,
    (dir) =>
      edit(at(dir, -1), (bytes) => {
        const hole = withoutRoom(bytes).length - BATCH_BYTES;
        return bytes.fill(0, hole, hole + 16);
      }),
  ],
  [
    "corrupt below the mark",
    "clean",
    /^corrupt: segment-/m,
    65,
    (dir) => edit(at(dir, -1), (bytes) => bytes.fill(0xff, 56, 64)),
  ],
  [
    "corrupt in an earlier segment",
    "clean",
    /^corrupt: segment-/m,
    65,
    (dir) => edit(at(dir, 0), (bytes) => bytes.fill(0xff, 56, 64)),
  ],
  ["a segment missing", "clean", /^corrupt: /m, 65, (dir) => rmSync(at(dir, 1))],
  ["a segment doubled", "clean", /^corrupt: /m, 65, (dir) => copyFileSync(at(dir, 0), at(dir, 1))],
  ["an older segment at the end", "clean", /^corrupt: /m, 65, (dir) => copyFileSync(at(dir, 1), at(dir, -1))],
  ["segments swapped", "clean", /^corrupt: /m, 65, (dir) => swap(at(dir, 0), at(dir, 1))],
  [
    "a sector zeroed",
    "clean",
    /^corrupt: /m,
    65,
    (dir) => edit(at(dir, 1), (bytes) => bytes.fill(0, 0, 512)),
  ],
  [
    "another store's log",
    "clean",
    /^corrupt: /m,
    65,
    (dir) => cpSync(join(root, "foreign", "log"), join(dir, "log"), { recursive: true }),
  ],
  [
    "written by a newer version",
    "clean",
    /^segment-.*: written in log format 2, and this version reads format 1$/m,
    78,
    (dir) => writeFileSync(at(dir, -1), inFormatTwo(readFileSync(at(dir, -1)), 0)),
  ],
  [
    "a mark of a newer version",
    "clean",
    /^mark: the mark was written in log format 2, and this version reads format 1$/m,
    78,
    (dir) => writeFileSync(join(dir, "log", "mark"), inFormatTwo(readFileSync(join(dir, "log", "mark")), 0)),
  ],
])("%s", { timeout: 30_000 }, async (kind, from, says, status, damage) => {
  const dir = join(root, "cases", kind.replaceAll(/\W/g, "-"));
  cpSync(join(root, from), dir, { recursive: true });
  damage(dir);
  const before = contents(dir);
  for (const command of ["verify", "inspect"]) {
    const run = await home.run(["log", command, dir]);
    expect(run.stdout, command).toMatch(says);
    expect(
      [run.status, run.stderr.startsWith(status === 78 ? "TPC_FORMAT" : "TPC_LOG_CORRUPT")],
      command,
    ).toEqual([status, status !== 0]);
  }
  expect(contents(dir)).toEqual(before);
});

function contents(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => [file.name, readFileSync(join(file.parentPath, file.name)).toString("hex")]),
  );
}
