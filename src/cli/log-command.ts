import { printable, printableJson } from "../codec/printable.ts";
import { errorLine, TpcError } from "../core/errors.ts";
import { examineLog, type LogReport, verifyLog } from "../drivers/log-inspect.ts";
import type { LogEntry } from "../log/entries.ts";
import { type Column, textTable } from "./table.ts";

const COLUMNS: readonly Column<LogEntry>[] = [
  { title: "SEQ", align: "right", cell: (entry) => String(entry.seq) },
  { title: "EPOCH", align: "right", cell: (entry) => String(entry.epoch) },
  { title: "RECORD", align: "left", cell: (entry) => entry.type },
  { title: "TRANSACTION", align: "left", cell: transactionOf },
  { title: "FILE", align: "left", cell: (entry) => `${entry.file}+${entry.offset}` },
];

/**
 * Prints the frames of a node's log up to the first damage. Returns 0, 65 when acknowledged data is damaged, or 78 when
 * another version of the program wrote it.
 */
export async function printLog(dir: string, options: { readonly json?: boolean }): Promise<number> {
  const { entries, report } = await examineLog(dir);
  if (options.json) print(printableJson({ entries, report }, 2));
  else print(`${textTable(COLUMNS, entries, "no records")}\n${printable(report.summary)}`);
  return statusOf(report, dir);
}

/** Checks a node's log and changes nothing. Returns as `printLog` does. */
export async function checkLog(dir: string, options: { readonly json?: boolean }): Promise<number> {
  const report = await verifyLog(dir);
  print(options.json ? printableJson(report, 2) : printable(report.summary));
  return statusOf(report, dir);
}

function statusOf(report: LogReport, dir: string): number {
  if (report.ok) return 0;
  const { problem } = report;
  const place =
    problem === null ? report.summary : `${problem.file} at byte ${problem.offset}: ${problem.message}`;
  const error = new TpcError(problem?.isOtherFormat ? "TPC_FORMAT" : "TPC_LOG_CORRUPT", `${dir}: ${place}`);
  process.stderr.write(`${printable(errorLine(error))}\n`);
  return error.exitCode;
}

function transactionOf({ record }: LogEntry): string {
  return record !== null && "transactionId" in record ? record.transactionId : "";
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
