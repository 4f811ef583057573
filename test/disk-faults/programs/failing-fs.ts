import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

// Loaded before the program by `node --import`: counts the calls on files below a directory, each kind of its own, and lets
// one of them fail. A kind is a call and the file's place, without the numbers of segments.
// TPC_FAIL_DIR is the directory, TPC_FAIL_KIND the kind, TPC_FAIL_AT the number of the call among its kind (from 1),
// TPC_FAIL_HOW how: `EIO` or `ENOSPC` is thrown and nothing done; of `write` alone, `short` takes half of the bytes and says so,
// and `full` takes half, and nothing can be written from then on.
// What happened is said on standard error: the failing call, everything that was sent to anybody after it, and at the end how
// many calls of each kind there were.

const dir = process.env.TPC_FAIL_DIR ?? "";
const failKind = process.env.TPC_FAIL_KIND ?? "";
const failAt = Number(process.env.TPC_FAIL_AT);
const how = process.env.TPC_FAIL_HOW ?? "";
const counts = new Map<string, number>();
let hasFailed = false;
let isFull = false;

const isOurs = (path: unknown): boolean => typeof path === "string" && path.startsWith(dir);
const say = (text: string): void => void writeSync(2, `${text}\n`);
const { writeSync } = fs;

function failWith(code: string, call: string, path: string): never {
  if (!hasFailed) say(`INJECTED ${code} ${call} ${path.slice(dir.length)}`);
  hasFailed = true;
  throw Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
}

/** Counts a call, and throws when it is the one that fails. Says whether it is the one that is cut short. */
function step(call: string, path: string, isWrite: boolean): boolean {
  if (isWrite && isFull) failWith("ENOSPC", call, path);
  const kind = `${call} ${path.slice(dir.length).replace(/-[0-9-]+/g, "")}`;
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  if (kind !== failKind || count !== failAt) return false;
  if (how !== "short" && how !== "full") failWith(how, call, path);
  say(`INJECTED ${how} ${call} ${path.slice(dir.length)}`);
  isFull = how === "full";
  return true;
}

const WRITING = new Set(["open", "mkdir", "rename", "link", "writeFile", "write"]);
const isWriting = (call: string, flags: unknown): boolean =>
  WRITING.has(call) && !(call === "open" && flags === "r");

/** Functions whose first argument is a path or an open file; the synchronous ones, and those that give a promise. */
const BY_PATH = [
  "access",
  "close",
  "fsync",
  "link",
  "mkdir",
  "open",
  "readdir",
  "readFile",
  "rename",
  "rm",
  "statfs",
  "unlink",
  "writeFile",
];

const descriptors = new Map<number, string>();

// biome-ignore lint/suspicious/noExplicitAny: functions of Node are exchanged by their names.
type Loose = any;
const sync: Loose = fs;
for (const call of BY_PATH) {
  const original = sync[`${call}Sync`];
  if (typeof original !== "function") continue;
  sync[`${call}Sync`] = (first: unknown, ...rest: unknown[]) => {
    const path =
      typeof first === "number" ? descriptors.get(first) : isOurs(first) ? String(first) : undefined;
    if (path === undefined) return original(first, ...rest);
    step(call, path, isWriting(call, rest[0]));
    const result = original(first, ...rest);
    if (call === "open") descriptors.set(result, path);
    if (call === "close") descriptors.delete(first as number);
    return result;
  };
}
const promises: Loose = fs.promises;
for (const call of BY_PATH) {
  const original = promises[call];
  if (typeof original !== "function") continue;
  promises[call] = async (first: unknown, ...rest: unknown[]) => {
    if (!isOurs(first)) return original(first, ...rest);
    const path = String(first);
    step(call, path, isWriting(call, rest[0]));
    const result = await original(first, ...rest);
    return call === "open" ? watchHandle(result, path) : result;
  };
}
/** Writes by number, of files that were opened by a promise, too; those of this program's own go to standard error. */
const writeNumbered: Loose = fs.writeSync;
sync.writeSync = (number: number, bytes: Uint8Array, ...rest: Loose[]) => {
  const path = descriptors.get(number);
  if (path === undefined) return writeNumbered(number, bytes, ...rest);
  const isShort = step("write", path, true);
  const [offset = 0, length = bytes.length - offset, position = null] = rest;
  return writeNumbered(number, bytes, offset, isShort ? Math.ceil(length / 2) : length, position);
};
/** Syncs by number, by a thread or by the loop itself: one kind, for which of the two it is hangs on how quick the disk is. */
const syncOnThread: Loose = fs.fdatasync;
sync.fdatasync = (number: number, done: (error: Error | null) => void) => {
  syncOnThread(number, (error: Error | null) => {
    try {
      stepSync(number);
    } catch (injected) {
      return done(injected as Error);
    }
    done(error);
  });
};
const syncOnLoop: Loose = fs.fdatasyncSync;
sync.fdatasyncSync = (number: number) => {
  stepSync(number);
  syncOnLoop(number);
};
function stepSync(number: number): void {
  const path = descriptors.get(number);
  if (path !== undefined) step("datasync", path, false);
}
syncBuiltinESMExports();

function watchHandle(handle: FileHandle, path: string): FileHandle {
  const loose: Loose = handle;
  descriptors.set(handle.fd, path);
  for (const call of ["sync", "close", "stat", "read", "writeFile"]) {
    const original = loose[call].bind(handle);
    loose[call] = async (...rest: unknown[]) => {
      step(call, path, call === "writeFile");
      if (call === "close") descriptors.delete(handle.fd);
      return original(...rest);
    };
  }
  const write = loose.write.bind(handle);
  loose.write = async (bytes: Uint8Array, offset: number, length: number, position: number) => {
    const isShort = step("write", path, true);
    return write(bytes, offset, isShort ? Math.ceil(length / 2) : length, position);
  };
  return handle;
}

const send: Loose = Socket.prototype.write;
Socket.prototype.write = function (this: Socket, ...words: Loose) {
  const isReply = words[0].length > 0 && this !== (process.stderr as unknown as Socket);
  if (hasFailed && isReply) say(`SENT ${JSON.stringify(String(words[0]).slice(0, 80))}`);
  return send.apply(this, words);
} as Loose;

process.on("exit", () => say(`CALLS ${JSON.stringify(Object.fromEntries(counts))}`));
