import { join } from "node:path";
import { encodeFrame } from "../codec/frame.ts";
import { type LogFiles, logWriteError } from "./files.ts";
import { replaceFile } from "./frame-file.ts";
import type { Reach } from "./points.ts";
import type { LogReading } from "./reading.ts";
import type { RunIdentity } from "./segments.ts";
import { isClosed, type SegmentReading } from "./verdict.ts";

/** A finished segment that is still kept. */
export interface KeptSegment {
  readonly name: string;
  readonly lastSeq: number;
}

/**
 * Brings what was read into the order from which a log may go on: leftovers are removed, and after an unclean stop the
 * valid part of the last segment is written anew, since after a failed sync what can be read need not be on disk.
 * The frame that ends it carries this run's epoch, for the place may have been another frame's of the run that stopped.
 * Returns the segments that are kept. Throws TPC_LOG_WRITE.
 */
export async function mendLog(
  files: LogFiles,
  logPath: string,
  run: RunIdentity,
  reading: LogReading,
  reach: Reach,
): Promise<KeptSegment[]> {
  const last = reading.segments.at(-1);
  const unclean = reading.end.state === "unclean" || reading.end.state === "torn";
  // A segment without one valid frame was being made when its writer stopped.
  const dropLast = unclean && last !== undefined && last.scan.last === null;
  const remove = [...reading.temporary, ...reading.covered.map((segment) => segment.name)];
  if (dropLast) remove.push(last.name);
  await removeFiles(files, logPath, remove);
  reach("recovery-swept");

  const kept = reading.segments.map((segment) => ({
    name: segment.name,
    lastSeq: segment.scan.expectedSeq - 1,
  }));
  // The segment before a dropped one was synced to its end before the dropped one was made.
  if (dropLast) return kept.slice(0, -1);
  if (!unclean || last === undefined) return kept;
  const lastSeq = await rewriteSegment(files, logPath, run, last, reach);
  return [...kept.slice(0, -1), { name: last.name, lastSeq }];
}

/** Removes files and syncs their folder. Throws TPC_LOG_WRITE. */
export async function removeFiles(files: LogFiles, folder: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  let doing = "";
  try {
    for (const name of names) {
      doing = `remove ${name} from`;
      await files.unlink(join(folder, name));
    }
    doing = "sync the directory";
    await files.syncDirectory(folder);
  } catch (error) {
    throw logWriteError(doing, folder, error);
  }
}

/** Returns the seq of the rewritten segment's last frame. */
async function rewriteSegment(
  files: LogFiles,
  logPath: string,
  run: RunIdentity,
  segment: SegmentReading,
  reach: Reach,
): Promise<number> {
  const { scan, name } = segment;
  const path = join(logPath, name);
  const bytes = await files.read(path).catch((error: unknown) => {
    throw logWriteError("read again", path, error);
  });
  if (bytes === null || scan.last === null) throw logWriteError("read again", path, "it is gone");
  const prefix = bytes.subarray(0, scan.keepBytes);
  const closed = isClosed(scan);
  const header = { ...scan.last, ...run, type: "segment-end", seq: scan.expectedSeq } as const;
  const closing = closed ? new Uint8Array(0) : encodeFrame(header, new Uint8Array(0));
  const whole = new Uint8Array(prefix.length + closing.length);
  whole.set(prefix);
  whole.set(closing, prefix.length);
  await replaceFile(files, logPath, name, whole, (step) => reach(`recovery-${step}`));
  return closed ? scan.expectedSeq - 1 : scan.expectedSeq;
}
