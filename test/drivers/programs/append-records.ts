/**
 * A node's log and nothing else: opens the directory given, appends forced records without end, a few at a time, and prints
 * a line for each thing that happens. To be killed, or to run into a limit.
 */
import { writeSync } from "node:fs";
import { openDataDirectory } from "../../../src/drivers/data-directory.ts";
import { openFileLog } from "../../../src/drivers/file-log.ts";
import type { NodeName, TransactionId } from "../../../src/schema/ids.ts";

/** Records on their way at once. */
const WAITING_MAX = 8;

/** In one call, whoever reads how slowly: a line that waited in this process would be lost when it is killed. */
const say = (line: string) => writeSync(1, line);

const directory = openDataDirectory(process.argv[2] ?? "", {
  name: "warehouse" as NodeName,
  kind: "warehouse",
});
const { log, recovered } = await openFileLog(directory, {
  segmentBytesMax: 8000,
  checkpointBytes: 20_000,
  onFatal: (error) => {
    say(`fatal ${error.code} ${error.message}\n`);
    process.exit(error.exitCode);
  },
});

let through = ((recovered.checkpoint?.image ?? { through: 0 }) as { through: number }).through;
for (const { record } of recovered.records) if (record.type === "aborted") through += 1;
say(`ready ${recovered.epoch} ${through}\n`);

const waiting: { readonly seq: number; readonly number: number }[] = [];

function appendSome(): void {
  while (waiting.length < WAITING_MAX) {
    through += 1;
    const transactionId = `warehouse-${directory.storeId}.1.${through}` as TransactionId;
    waiting.push({ seq: log.append({ type: "aborted", transactionId }, true), number: through });
  }
  const last = waiting.at(-1);
  if (log.wantsCheckpoint() && last !== undefined) void log.checkpoint({ through }, [], last.seq);
  log.flush(true);
}

log.onForced((throughSeq) => {
  for (let next = waiting[0]; next !== undefined && next.seq <= throughSeq; next = waiting[0]) {
    say(`acked ${next.number}\n`);
    waiting.shift();
  }
  appendSome();
});
appendSome();
