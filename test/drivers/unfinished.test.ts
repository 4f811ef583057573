import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { findUnfinished } from "../../src/drivers/unfinished.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { appendForced } from "../log/support.ts";
import { recordOf, transactionId } from "../runtime/records.ts";

// Goal: before a directory is deleted it can be told what in it is promised and not finished, without starting its node.

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "2pc-unfinished-"));
});
afterEach(() => {
  rmSync(path, { recursive: true, force: true });
});

async function writeLog(kind: "coordinator" | "warehouse", words: readonly string[]): Promise<void> {
  const directory = openDataDirectory(path, { name: kind as NodeName, kind });
  const onFatal = (error: Error) => {
    throw error;
  };
  const { log } = await openFileLog(directory, { onFatal });
  if (words.length > 0) await appendForced(log, words.map(recordOf));
  await log.close();
  directory.close();
}

test.each([
  ["warehouse", [], []],
  ["warehouse", ["prepared"], [transactionId]],
  ["warehouse", ["prepared", "committed"], []],
  ["warehouse", ["prepared", "aborted"], []],
  ["warehouse", ["prepared", "heuristic commit"], [transactionId]],
  ["warehouse", ["prepared", "heuristic abort", "hazard"], []],
  ["coordinator", ["commit"], [transactionId]],
  ["coordinator", ["commit", "end"], []],
] as const)("a %s whose log says %j", async (kind, words, unfinished) => {
  await writeLog(kind, words);
  expect(await findUnfinished(path)).toEqual(unfinished);
});

test("a damaged log does not tell, and a directory that is no node's has nothing to tell", async () => {
  expect(await findUnfinished(path)).toEqual([]);
  await writeLog("warehouse", ["prepared"]);
  const segment = readdirSync(join(path, "log")).find((name) => name.startsWith("segment-"));
  writeFileSync(join(path, "log", `${segment}`), "");
  expect(await findUnfinished(path)).toBeNull();
});
