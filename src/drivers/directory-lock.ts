import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { TpcError } from "../core/errors.ts";

/** A database without tables: its lock is what counts. Never opened in any other way, since closing it would free the lock. */
export const LOCK_FILE = "lock";
/** Who holds the lock, for people. */
export const OWNER_FILE = "owner.json";

/** How long a lock that is held for a moment, by a reader of the log, is waited for. */
const LOCK_WAIT_MS = 250;
const SQLITE_BUSY = 5;

export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the directory for this process: an exclusive transaction, which the kernel ends when the process dies however it
 * dies. Throws TPC_DIR_LOCKED naming the owner when another process holds it.
 */
export function lockDirectory(path: string, startedAtMs: number): DirectoryLock {
  const database = openDatabase(join(path, LOCK_FILE), false);
  try {
    database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
  } catch (error) {
    database.close();
    if (isBusy(error))
      throw new TpcError("TPC_DIR_LOCKED", `${path} is in use by ${ownerOf(path)}`, { cause: error });
    throw error;
  }
  const owner = join(path, OWNER_FILE);
  try {
    writeFileSync(owner, `${JSON.stringify({ pid: process.pid, startedAtMs })}\n`, { mode: 0o600 });
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    release: () => {
      try {
        rmSync(owner, { force: true });
      } catch {
        // The lock counts, not the name of who had it.
      }
      database.close();
    },
  };
}

/** Whether a process holds the directory; changes nothing. */
export function isDirectoryLocked(path: string): boolean {
  let database: DatabaseSync;
  try {
    database = openDatabase(join(path, LOCK_FILE), true);
  } catch {
    return false; // No lock file, or one that cannot be read: nobody runs here.
  }
  try {
    database.exec("SELECT count(*) FROM sqlite_master");
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    database.close();
  }
}

/** The holder of a directory's lock in words. */
export function ownerOf(path: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(path, OWNER_FILE), "utf8"));
    if (typeof owner === "object" && owner !== null && "pid" in owner && "startedAtMs" in owner) {
      const since = new Date(Number(owner.startedAtMs)).toISOString();
      return `process ${Number(owner.pid)} (since ${since})`;
    }
  } catch {
    // It may be just starting, and not have written its name yet.
  }
  return "another process";
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function openDatabase(path: string, readOnly: boolean): DatabaseSync {
  return new (loadSqlite().DatabaseSync)(path, { readOnly });
}

type Sqlite = typeof import("node:sqlite");

/**
 * Some versions of Node announce at its first use that SQLite is experimental. That one warning is swallowed;
 * all others pass, also those that come at the same moment.
 */
function loadSqlite(): Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.includes("SQLite is an experimental feature"))
      Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    const sqlite: Sqlite | undefined = process.getBuiltinModule("node:sqlite");
    if (sqlite !== undefined) return sqlite;
    throw new TpcError(
      "TPC_NODE_VERSION",
      `Node.js ${process.versions.node} has no SQLite to lock a directory with`,
    );
  } finally {
    process.emitWarning = emitWarning;
  }
}
