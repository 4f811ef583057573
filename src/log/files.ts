import { TpcError } from "../core/errors.ts";

/** A file that is being written. */
export interface LogFile {
  /**
   * Writes at `position` (bytes from the beginning). The number of bytes taken, which may be fewer: at once where the system has
   * taken them, or else a promise of it.
   */
  write(bytes: Uint8Array, position: number): number | Promise<number>;
  /** Resolves when everything written so far is on disk, and the file's length with it. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** The calls the log makes on a file system; a test or a simulation answers them in its own way. */
export interface LogFiles {
  /** Makes the directory for its owner alone; content to find it. */
  makeDirectory(path: string): Promise<void>;
  /** The names in a directory; null when there is no such directory. */
  list(path: string): Promise<readonly string[] | null>;
  /** The whole file; null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Makes a file that must not exist yet. */
  create(path: string): Promise<LogFile>;
  /** Opens a file that is there, to overwrite what stands in it. */
  reopen(path: string): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Resolves when the directory's entries (made, renamed, removed) are on disk. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes that are free for this user on the file system the directory is on. */
  freeBytes(path: string): Promise<number>;
}

/**
 * Writes `bytes` at `position`; a short write is carried on, since it comes without an error, until `least` of them are taken.
 * The number taken: at once where the file has taken them in one call, or else a promise of it.
 */
export function writeAll(
  file: LogFile,
  bytes: Uint8Array,
  position: number,
  least: number = bytes.length,
): number | Promise<number> {
  const taken = file.write(bytes, position);
  return typeof taken === "number" && taken >= least ? taken : writeRest(file, bytes, position, least, taken);
}

async function writeRest(
  file: LogFile,
  bytes: Uint8Array,
  position: number,
  least: number,
  first: number | Promise<number>,
): Promise<number> {
  let done = 0;
  for (let taken = await first; ; taken = await file.write(bytes.subarray(done), position + done)) {
    if (!(taken > 0)) throw new Error(`only ${done} of ${bytes.length} bytes were taken`);
    done += taken;
    if (done >= least) return done;
  }
}

/** Resolves when the names in a folder are on disk. Throws TPC_LOG_WRITE. */
export async function syncNames(files: LogFiles, folder: string): Promise<void> {
  await naming("sync the directory", folder, () => files.syncDirectory(folder));
}

/** Makes a call; where it fails, throws TPC_LOG_WRITE, which says what was being done, and to which path. */
export async function naming<Value>(doing: string, path: string, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw logWriteError(doing, path, error);
  }
}

/** The error of a failed call on a file, in words: what was being done, to which path, and the system's reason. */
export function logWriteError(doing: string, path: string, cause: unknown): TpcError {
  if (cause instanceof TpcError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TpcError("TPC_LOG_WRITE", `${doing} ${path}: ${reason}`, { cause });
}
