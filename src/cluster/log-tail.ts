import { mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

const TAIL_BYTES = 8_192;
const TAIL_LINES = 12;
const LOG_BYTES_MAX = 4 * 1024 * 1024;

/** The last lines of a process's log that stand behind `fromBytes`, oldest first; empty where there is none. */
export async function readLogTail(path: string, fromBytes: number): Promise<readonly string[]> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.min(Math.max(0, size - fromBytes), TAIL_BYTES));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
      const lines = bytes.toString("utf8", 0, bytesRead).split("\n");
      return lines.filter((line) => line.trim() !== "").slice(-TAIL_LINES);
    } finally {
      await file.close();
    }
  } catch {
    return [];
  }
}

/** Makes the folder of a log, and sets a log that has grown past 4 MiB aside as `PATH.old`. Resolves with the bytes that are in it. */
export async function prepareLog(path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const found = await stat(path).catch(() => null);
  if (found === null || found.size <= LOG_BYTES_MAX) return found?.size ?? 0;
  await rename(path, `${path}.old`);
  return 0;
}
