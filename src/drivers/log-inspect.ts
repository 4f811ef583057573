import { statSync } from "node:fs";
import { resolve } from "node:path";
import { TpcError } from "../core/errors.ts";
import { type LogEntry, readEntries } from "../log/entries.ts";
import { type LogFiles, logWriteError } from "../log/files.ts";
import { logPathOf } from "../log/layout.ts";
import { type LogReading, SegmentGone } from "../log/reading.ts";
import { recoverySummary } from "../log/summary.ts";
import type { LogProblem } from "../log/verdict.ts";
import type { StoreId } from "../schema/ids.ts";
import { readIdentity } from "./directory-identity.ts";
import { isDirectoryLocked, ownerOf } from "./directory-lock.ts";
import { IDENTITY_FILE } from "./identity-file.ts";
import { nodeFiles } from "./node-files.ts";

export interface LogInspection {
  readonly entries: readonly LogEntry[];
  readonly report: LogReport;
}

/** What a check of a log finds. */
export interface LogReport {
  /** False when acknowledged records are damaged or missing: a node would refuse to start. */
  readonly ok: boolean;
  /** One line for people. */
  readonly summary: string;
  readonly storeId: StoreId;
  /** How many segments were read, and how many records stand in them. */
  readonly segments: number;
  readonly records: number;
  /** The last record that the checkpoint includes; null without a checkpoint. */
  readonly checkpointSeq: number | null;
  readonly problem: LogProblem | null;
  /** An interrupted write at the end, which a start would drop. */
  readonly torn: { readonly bytes: number } | null;
  /** True while a node runs on the directory: what is being written may then look torn. */
  readonly inUse: boolean;
}

/** How often reading starts again when a running node removes what it has just covered by a checkpoint. */
const ATTEMPTS_MAX = 5;

/** All frames from the checkpoint's segment on, up to the first damage. Changes nothing. Throws as `verifyLog` does. */
export async function inspectLog(dir: string, files: LogFiles = nodeFiles): Promise<readonly LogEntry[]> {
  return (await examineLog(dir, files)).entries;
}

/**
 * Checks a node's log, offline or beside the running node, and changes nothing. Damage is a value, not an error.
 * Throws TPC_NO_INPUT when there is no such directory, TPC_DATA_DIR when it is not a node's or cannot be read.
 */
export async function verifyLog(dir: string, files: LogFiles = nodeFiles): Promise<LogReport> {
  return (await examineLog(dir, files)).report;
}

/** Frames and report of one reading. */
export async function examineLog(dir: string, files: LogFiles = nodeFiles): Promise<LogInspection> {
  const path = resolve(dir);
  const identity = identityOf(path);
  for (let attempt = 1; ; attempt += 1) {
    const inUse = isDirectoryLocked(path);
    try {
      const { reading, entries } = await readEntries(files, logPathOf(path), identity.storeId);
      const report = makeReport(path, identity.storeId, reading, entries, inUse);
      // A node that starts or rotates in this moment moves the mark and the files under the reader.
      if (report.ok || !inUse || attempt === ATTEMPTS_MAX) return { entries, report };
    } catch (error) {
      if (error instanceof SegmentGone && attempt < ATTEMPTS_MAX) continue;
      throw unreadable(path, error);
    }
  }
}

function identityOf(path: string) {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TpcError("TPC_NO_INPUT", `${path} is not a directory`);
  }
  const identity = readIdentity(path);
  if (identity !== null) return identity;
  throw new TpcError("TPC_DATA_DIR", `${path} is not a node's data directory: it has no ${IDENTITY_FILE}`);
}

function unreadable(path: string, error: unknown): TpcError {
  const { message } = logWriteError("read", path, error);
  return new TpcError("TPC_DATA_DIR", message, { cause: error });
}

function makeReport(
  path: string,
  storeId: StoreId,
  reading: LogReading,
  entries: readonly LogEntry[],
  inUse: boolean,
): LogReport {
  const { end } = reading;
  const suffix = inUse ? `; in use by ${ownerOf(path)}` : "";
  return {
    ok: end.state !== "corrupt",
    summary: recoverySummary(reading) + suffix,
    storeId,
    segments: reading.segments.length,
    records: entries.filter((entry) => entry.record !== null).length,
    checkpointSeq: reading.checkpoint?.throughSeq ?? null,
    problem: end.state === "corrupt" ? end.problem : null,
    torn: end.state === "torn" ? { bytes: end.bytes } : null,
    inUse,
  };
}
