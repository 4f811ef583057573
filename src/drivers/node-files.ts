import { writeSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, statfs, unlink } from "node:fs/promises";
import type { LogFile, LogFiles } from "../log/files.ts";
import { errnoOf } from "./errno.ts";
import { createSync } from "./syncs.ts";

/** The file system of this machine. */
export const nodeFiles: LogFiles = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path) => nullIfMissing(readdir(path)),
  read: (path) => nullIfMissing(readFile(path)),
  create: async (path) => logFile(await open(path, "wx", 0o600)),
  reopen: async (path) => logFile(await open(path, "r+")),
  rename,
  unlink,
  syncDirectory: async (path) => {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } catch (error) {
      // Whoever waits for the log hears of it at once, before anybody is answered; whether closing works no longer matters.
      handle.close().catch(() => undefined);
      throw error;
    }
    await handle.close();
  },
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

/** The size of the file system that a directory is on; null where it cannot be told. */
export async function diskBytesOf(path: string): Promise<number | null> {
  const found = await statfs(path).catch(() => null);
  return found === null || found.blocks === 0 ? null : found.blocks * found.bsize;
}

/**
 * So many bytes are copied into the system's page cache sooner than a thread is woken to do it and its answer waited for, which
 * a commit would do three times on its way.
 */
const BYTES_WRITTEN_AT_ONCE = 256 * 1024;

const sync = createSync();

function logFile(handle: FileHandle): LogFile {
  let unsyncedBytes = 0;
  return {
    write: (bytes, position) => {
      unsyncedBytes += bytes.length;
      return bytes.length <= BYTES_WRITTEN_AT_ONCE
        ? writeSync(handle.fd, bytes, 0, bytes.length, position)
        : handle.write(bytes, 0, bytes.length, position).then(({ bytesWritten }) => bytesWritten);
    },
    // By its descriptor: the handle's own call makes four promises on the way of every commit.
    datasync: () => {
      const bytes = unsyncedBytes;
      unsyncedBytes = 0;
      return sync(handle.fd, bytes);
    },
    close: () => handle.close(),
  };
}

async function nullIfMissing<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
