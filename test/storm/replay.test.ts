import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeNodeState } from "../../src/core/node-state.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { recoverNode } from "../../src/runtime/recover.ts";
import type { NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";
import { appendForced } from "../log/support.ts";

// How long a coordinator's log takes from the disk into its tables, without a checkpoint. `npm run storm` runs it.
const RECORDS = 100_000;
const BATCH = 5_000;
const REPLAYED_MS = 1_000;
const NAME = "coordinator" as NodeName;

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "2pc-replay-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

test(`${RECORDS} log records are replayed within ${REPLAYED_MS} ms`, { timeout: 120_000 }, async () => {
  const directory = openDataDirectory(path, { name: NAME, kind: "coordinator" });
  const options = {
    onFatal: (error: Error) => {
      throw error;
    },
    checkpointBytes: 2 ** 40,
  };
  const { storeId } = directory;
  const { log } = await openFileLog(directory, options);
  for (let first = 0; first < RECORDS / 2; first += BATCH / 2) {
    const records = Array.from({ length: BATCH / 2 }, (_, index) => committed(storeId, first + index));
    await appendForced(log, records.flat());
  }
  await log.close();

  const beganMs = performance.now();
  const opened = await openFileLog(directory, options);
  const { recovered } = opened;
  const node = makeNodeState({
    self: { name: NAME, url: "" },
    storeId,
    epoch: recovered.epoch,
    settings: DEFAULT_SETTINGS,
    isParticipant: false,
  });
  let count = 0;
  const counting = function* () {
    for (const record of recovered.records) {
      count += 1;
      yield record;
    }
  };
  recoverNode(node, null, { ...recovered, records: counting() });
  const tookMs = Math.round(performance.now() - beganMs);
  await opened.log.close();
  directory.close();
  console.info(`${count} log records replayed in ${tookMs} ms`);
  expect(count).toBeGreaterThanOrEqual(RECORDS);
  expect(node.coordinator.transactions.size).toBe(0);
  expect(tookMs).toBeLessThanOrEqual(REPLAYED_MS);
});

/** The two records of a commit: the decision, and that every ack is in. */
function committed(storeId: StoreId, number: number): readonly LogRecord[] {
  const transactionId = `${NAME}-${storeId}.1.${number + 1}` as TransactionId;
  const voter = (name: string, url: string) => ({
    name: name as NodeName,
    url,
    preparedAt: { storeId, epoch: 1, seq: number + 1 },
  });
  const commit = {
    type: "commit",
    transactionId,
    requestId: `order-${number}` as RequestId,
    issuedAtMs: Date.now(),
    digest: "0123456789abcdef0123456789abcdef",
    attempt: 1,
    voters: [voter("warehouse", "ws://127.0.0.1:4101"), voter("ledger", "ws://127.0.0.1:4102")],
  } satisfies LogRecord;
  return [commit, { type: "end", transactionId }];
}
