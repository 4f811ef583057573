import { basename, dirname } from "node:path";
import { crc32c } from "../../src/codec/crc32c.ts";
import { readFrame } from "../../src/codec/frame.ts";
import type { StoredPage } from "../../src/core/packed-requests.ts";
import { type FileLogOptions, openFileLog } from "../../src/drivers/file-log.ts";
import type { LogFile, LogFiles } from "../../src/log/files.ts";
import type { Log, Recovered } from "../../src/runtime/ports.ts";
import type { StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";

export const STORE_ID = "0123456789ab" as StoreId;
export const HOME = { path: "/home", storeId: STORE_ID };
export const LOG_PATH = "/home/log";

/** A small record that can be told from all others. */
export function sampleRecord(number: number): LogRecord {
  return { type: "aborted", transactionId: `coordinator-${STORE_ID}.1.${number}` as TransactionId };
}

/** The bytes of a file with the frame at `offset` as a program of log format 2 may write it: whole, only otherwise. */
export function inFormatTwo(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const frame = readFrame(view, offset);
  if (!frame.valid) throw new Error(frame.problem);
  view.setUint8(offset + 4, 2);
  view.setUint32(frame.end - 4, crc32c(view, offset, frame.end - 4), true);
  return copy;
}

/** The bytes of a log's file without the room behind its frames, whose lengths are multiples of eight. */
export function withoutRoom<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return bytes.subarray(0, Math.ceil(end / 8) * 8) as Bytes;
}

/** The numbers of the sample records among those recovered, in order. */
export function recoveredNumbers(recovered: Recovered): number[] {
  const numbers: number[] = [];
  for (const { record } of recovered.records) {
    if (record.type === "aborted") numbers.push(Number(record.transactionId.split(".")[2]));
  }
  return numbers;
}

/** Pages as a node makes them: added to, full after three numbers, and never changed otherwise. */
export function createSamplePages(found: readonly StoredPage[] = []) {
  const pages = found.map(({ number, bytes }) => ({ number, bytes: [...bytes] }));
  return {
    /** `mark` tells numbers from the same ones of another run. */
    add(number: number, mark: number): void {
      const last = pages.at(-1);
      if (last && last.bytes.length < 3 * SAMPLE_BYTES) last.bytes.push(number, mark);
      else pages.push({ number: (last?.number ?? 0) + 1, bytes: [number, mark] });
    },
    stored: (): StoredPage[] => pages.map(({ number, bytes }) => ({ number, bytes: Uint8Array.from(bytes) })),
  };
}

const SAMPLE_BYTES = 2;

export function numbersIn(pages: readonly StoredPage[]): number[] {
  return pages.flatMap(({ bytes }) => [...bytes].filter((_, at) => at % SAMPLE_BYTES === 0));
}

/** Timers that never fire by themselves, and a way to fire the last one. */
export function createStillClock() {
  let last: (() => void) | null = null;
  return {
    nowMs: () => 0,
    wallMs: () => 0,
    schedule: (_delayMs: number, fire: () => void) => {
      last = fire;
      return () => {
        last = null;
      };
    },
    fire: () => last?.(),
  };
}

/** Opens a log on the given files; a fatal error is a failure of the test unless it is awaited. */
export function openLog(
  files: LogFiles,
  options: Partial<FileLogOptions> = {},
): Promise<{ log: Log; recovered: Recovered }> {
  const onFatal = (error: Error) => {
    throw error;
  };
  return openFileLog(HOME, { onFatal, files, clock: createStillClock(), ...options });
}

/** Appends the records, and resolves when the last one, which is forced, is reported to be on disk. */
export function appendForced(log: Log, records: readonly LogRecord[]): Promise<number> {
  let last = 0;
  records.forEach((record, index) => {
    last = log.append(record, index === records.length - 1);
  });
  const forced = new Promise<number>((resolve) => {
    log.onForced((throughSeq) => {
      if (throughSeq >= last) resolve(last);
    });
  });
  log.flush(true);
  return forced;
}

/** Tells of every call before it is made. */
export function watchCalls(files: LogFiles, before: (call: string) => void): LogFiles {
  const tell = <Args extends readonly unknown[], Value>(
    name: string,
    call: (...args: Args) => Promise<Value>,
  ) => {
    return async (...args: Args): Promise<Value> => {
      before(name);
      return call(...args);
    };
  };
  const wrap = ({ write, datasync, close }: LogFile): LogFile => ({
    write(bytes, position) {
      before("write");
      return write(bytes, position);
    },
    datasync: tell("datasync", datasync),
    close: tell("close", close),
  });
  return {
    makeDirectory: tell("makeDirectory", files.makeDirectory),
    list: tell("list", files.list),
    read: tell("read", files.read),
    create: tell("create", async (path) => wrap(await files.create(path))),
    reopen: tell("reopen", async (path) => wrap(await files.reopen(path))),
    rename: tell("rename", files.rename),
    unlink: tell("unlink", files.unlink),
    syncDirectory: tell("syncDirectory", files.syncDirectory),
    freeBytes: files.freeBytes,
  };
}

/** A turn of the event loop: everything that needs no more than a promise happens in it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface DiskFile {
  /** What a reader sees. */
  bytes: Uint8Array;
  /** What is on disk for certain. */
  durable: Uint8Array;
}

/** Files in memory that know what of them would survive the loss of power. */
export interface MemoryDisk extends LogFiles {
  /** A copy that shares nothing with this one: the disk as another process would find it now. */
  fork(): MemoryDisk;
  /** A copy as it may be found after power was lost: `keep` is asked about each unsynced sector and directory entry. */
  afterPowerLoss(keep: () => boolean): MemoryDisk;
  names(): readonly string[];
  content(path: string): Uint8Array;
  /** Changes a file as damage would. */
  put(path: string, bytes: Uint8Array): void;
  remove(path: string): void;
  totalBytes(): number;
}

const SECTOR_BYTES = 64;

type Entries = Map<string, DiskFile>;

export function createMemoryDisk(
  current: Entries = new Map(),
  durable: Entries = new Map(current),
): MemoryDisk {
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  const must = (path: string): DiskFile => {
    const file = current.get(path);
    if (file === undefined) throw missing(path);
    return file;
  };
  const syncEntries = (folder: string) => {
    const inFolder = (path: string) => dirname(path) === folder;
    for (const path of [...durable.keys()].filter(inFolder)) if (!current.has(path)) durable.delete(path);
    for (const [path, file] of current) if (inFolder(path)) durable.set(path, file);
  };
  return {
    makeDirectory: async () => undefined,
    list: async (path) =>
      [...current.keys()].filter((key) => dirname(key) === path).map((key) => basename(key)),
    read: async (path) => current.get(path)?.bytes.slice() ?? null,
    create: async (path) => {
      if (current.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: "EEXIST" });
      const file = { bytes: new Uint8Array(0), durable: new Uint8Array(0) };
      current.set(path, file);
      return memoryFile(file);
    },
    reopen: async (path) => memoryFile(must(path)),
    rename: async (from, to) => {
      current.set(to, must(from));
      current.delete(from);
    },
    unlink: async (path) => {
      must(path);
      current.delete(path);
    },
    syncDirectory: async (path) => syncEntries(path),
    freeBytes: async () => Number.POSITIVE_INFINITY,
    fork: () => {
      const copies = new Map<DiskFile, DiskFile>();
      const copy = (entries: Entries) =>
        copyEntries(entries, copies, ({ bytes, durable }) => ({ bytes, durable }));
      return createMemoryDisk(copy(current), copy(durable));
    },
    afterPowerLoss: (keep) => {
      const entries: Entries = new Map(durable);
      for (const [path, file] of current) if (durable.get(path) !== file && keep()) entries.set(path, file);
      for (const path of durable.keys()) if (!current.has(path) && keep()) entries.delete(path);
      const left = (file: DiskFile) => {
        const bytes = tornBytes(file, keep);
        return { bytes, durable: bytes };
      };
      return createMemoryDisk(copyEntries(entries, new Map(), left));
    },
    names: () => [...current.keys()].map((path) => basename(path)).sort(),
    content: (path) => must(path).bytes,
    put: (path, bytes) => {
      current.set(path, { bytes, durable: bytes });
    },
    remove: (path) => {
      current.delete(path);
    },
    totalBytes: () => [...current.values()].reduce((sum, file) => sum + file.bytes.length, 0),
  };
}

/** Two names of one file stay two names of one file. */
function copyEntries(
  entries: Entries,
  copies: Map<DiskFile, DiskFile>,
  copyOf: (file: DiskFile) => DiskFile,
): Entries {
  const result: Entries = new Map();
  for (const [path, file] of entries) {
    const copy = copies.get(file) ?? copyOf(file);
    copies.set(file, copy);
    result.set(path, copy);
  }
  return result;
}

/** Each sector that was written since the last sync may have reached the disk or not; the length may have as well. */
function tornBytes({ bytes, durable }: DiskFile, keep: () => boolean): Uint8Array {
  const result = new Uint8Array(Math.max(bytes.length, durable.length));
  result.set(durable);
  let length = durable.length;
  for (let from = 0; from < bytes.length; from += SECTOR_BYTES) {
    const sector = bytes.subarray(from, from + SECTOR_BYTES);
    const to = from + sector.length;
    const isOnDisk = to <= durable.length && sector.every((byte, at) => byte === durable[from + at]);
    if (isOnDisk || !keep()) continue;
    result.set(sector, from);
    length = Math.max(length, to);
  }
  return result.slice(0, length);
}

function memoryFile(file: DiskFile): LogFile {
  return {
    write: (bytes, position) => {
      const end = position + bytes.length;
      const grown = new Uint8Array(Math.max(end, file.bytes.length));
      grown.set(file.bytes);
      grown.set(bytes, position);
      file.bytes = grown;
      return bytes.length;
    },
    datasync: async () => {
      file.durable = file.bytes.slice();
    },
    close: async () => undefined,
  };
}
