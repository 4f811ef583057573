import { type FrameType, storeNumber } from "../codec/frame.ts";
import { readRecord } from "../codec/record-codec.ts";
import type { StoreId } from "../schema/ids.ts";
import type { LogRecord } from "../schema/records.ts";
import type { LogFiles } from "./files.ts";
import { type LogReading, readLog, type VisitedFrame } from "./reading.ts";

/** One frame of a log. */
export interface LogEntry {
  readonly file: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly seq: number;
  readonly epoch: number;
  /** The record's type, or that of a frame of the log's own. */
  readonly type: LogRecord["type"] | Exclude<FrameType, "record">;
  /** Null for a frame of the log's own. */
  readonly record: LogRecord | null;
  /** The highest seq that was known to be on disk when this frame was written. */
  readonly forcedBefore: number;
}

/** Reads a log from its checkpoint's segment on up to the first damage, frame by frame. Changes nothing. */
export async function readEntries(
  files: LogFiles,
  logPath: string,
  storeId: StoreId,
): Promise<{ readonly reading: LogReading; readonly entries: readonly LogEntry[] }> {
  const entries: LogEntry[] = [];
  const visit = (frame: VisitedFrame) => addEntry(entries, frame);
  const reading = await readLog(files, logPath, storeNumber(storeId), visit);
  return { reading, entries };
}

function addEntry(entries: LogEntry[], frame: VisitedFrame): string | null {
  const { type, seq, epoch, durableSeq } = frame.header;
  const place = { file: frame.file, offset: frame.offset, seq, epoch, forcedBefore: durableSeq };
  if (type !== "record") {
    entries.push({ ...place, type, record: null });
    return null;
  }
  const decoded = readRecord(frame.bytes, frame.payloadStart, frame.payloadEnd);
  if ("problem" in decoded) return decoded.problem;
  entries.push({ ...place, type: decoded.record.type, record: decoded.record });
  return null;
}
