import { join } from "node:path";
import { frameBytes, storeNumber } from "../codec/frame.ts";
import { readRecord } from "../codec/record-codec.ts";
import { TpcError } from "../core/errors.ts";
import type { LogReader, Recovered } from "../runtime/ports.ts";
import type { Lsn, StoreId } from "../schema/ids.ts";
import type { LogRecord } from "../schema/records.ts";
import { type LogFiles, logWriteError } from "./files.ts";
import { logPathOf } from "./layout.ts";
import { type FrameVisitor, type LogReading, readLog } from "./reading.ts";
import { mendLog } from "./recovery.ts";
import { type LogSettings, type RunningLog, startRun } from "./running-log.ts";
import { recoverySummary } from "./summary.ts";

/** Where a log lives, and whose it is. A `DataDirectory` is one. */
export interface LogHome {
  readonly path: string;
  readonly storeId: StoreId;
}

/**
 * Opens the node's log, made where there is none: reads it, mends an unclean end, and begins this run with a forced
 * `run-start`. The caller holds the directory's lock. Throws TPC_LOG_CORRUPT, with file, offset and seq, when acknowledged
 * records are damaged or missing, and TPC_FORMAT for what another version wrote (nothing is changed then), and TPC_LOG_WRITE when the disk refuses.
 *
 * `recovered.end` is the last frame that a run wrote before this one, and the place given with a `run-start` record is where
 * its run's share of the log begins: a record of an earlier run that claims that place or a later one is lost. With a
 * `reader` checkpoint and records go to it, while nothing is changed yet, and `recovered` holds none.
 */
export async function openLog(
  home: LogHome,
  settings: LogSettings,
  reader: LogReader | null = null,
): Promise<{ log: RunningLog; recovered: Recovered }> {
  const logPath = logPathOf(home.path);
  const store = storeNumber(home.storeId);
  const found = await readRecords(settings.files, logPath, store, reader);
  const { reading } = found;
  if (reading.end.state === "corrupt") {
    const { file, offset, seq, message, isOtherFormat } = reading.end.problem;
    if (isOtherFormat) throw new TpcError("TPC_FORMAT", `${join(logPath, file)}: ${message}`);
    const place = `${join(logPath, file)} at byte ${offset}, seq ${seq}`;
    throw new TpcError("TPC_LOG_CORRUPT", `${place}: ${message}`);
  }
  settings.reach("recovery-read");
  const run = { store, epoch: reading.epochMax + 1 };
  if (reading.end.state === "fresh") await makeLogFolder(settings.files, home.path, logPath);
  const kept = await mendLog(settings.files, logPath, run, reading, settings.reach);
  const log = await startRun({
    settings,
    logPath,
    run,
    kept,
    segmentNumberMax: reading.segmentNumberMax,
    foundSeq: reading.nextSeq - 1,
    imageBytes: reading.checkpoint?.bytes ?? 0,
    pages: reading.checkpoint?.listed ?? [],
    logBytes: found.bytes,
  });
  settings.reach("recovery-done");
  const recovered: Recovered = {
    epoch: run.epoch,
    checkpoint: reader === null ? reading.checkpoint : null,
    records: found.records,
    end: reading.last,
    summary: recoverySummary(reading),
  };
  return { log, recovered };
}

interface FoundRecords {
  readonly reading: LogReading;
  /** Those after the checkpoint, and how many bytes of log they take. */
  readonly records: readonly { readonly record: LogRecord; readonly lsn: Lsn }[];
  readonly bytes: number;
}

/** Reads checkpoint and records, into the reader where there is one, and changes nothing. Throws TPC_LOG_WRITE where it cannot be read. */
export async function readRecords(
  files: LogFiles,
  logPath: string,
  store: number,
  reader: LogReader | null,
): Promise<FoundRecords> {
  const records: { record: LogRecord; lsn: Lsn }[] = [];
  const take = reader?.record ?? ((record: LogRecord, lsn: Lsn) => void records.push({ record, lsn }));
  let bytes = 0;
  try {
    const visit: FrameVisitor = (frame) => {
      const { seq, epoch, type } = frame.header;
      if (type !== "record" || seq <= frame.throughSeq) return null;
      const decoded = readRecord(frame.bytes, frame.payloadStart, frame.payloadEnd);
      if ("problem" in decoded) return decoded.problem;
      const { record } = decoded;
      take(record, { epoch, seq: record.type === "run-start" ? frame.runBeginSeq : seq });
      bytes += frameBytes(frame.payloadEnd - frame.payloadStart);
      return null;
    };
    const reading = await readLog(files, logPath, store, visit, reader?.begin);
    return { reading, records, bytes };
  } catch (error) {
    throw logWriteError("read", logPath, error);
  }
}

async function makeLogFolder(files: LogFiles, homePath: string, logPath: string): Promise<void> {
  try {
    await files.makeDirectory(logPath);
    await files.syncDirectory(homePath);
  } catch (error) {
    throw logWriteError("make", logPath, error);
  }
}
