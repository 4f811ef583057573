import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeImage } from "../../src/core/image.ts";
import { allRequests } from "../../src/core/participant-requests.ts";
import { raiseFloor } from "../../src/core/participant-tables.ts";
import { openDataDirectory } from "../../src/drivers/data-directory.ts";
import { openFileLog } from "../../src/drivers/file-log.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { makeNodeTables } from "../../src/runtime/node.ts";
import { createRecovery } from "../../src/runtime/recover.ts";
import { IN_FLIGHT, type MadeNode, makeLogs, rowsOf } from "./made-logs.ts";

// The logs that `npm run bench:start` makes are what running nodes leave behind: replaying one gives what its node knew, and no
// more than that is kept on the way.

const RECORDS = 4 * IN_FLIGHT;

test("a log that was made is replayed to what its node knew at the end", async () => {
  const dir = mkdtempSync(join(tmpdir(), "made-logs-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const made = await makeLogs(dir, RECORDS, 1_700_000_000_000);
  expect(made.map(({ kind }) => kind)).toEqual(["coordinator", "warehouse", "ledger"]);
  for (const node of made) {
    const { state, resource, counted } = await replay(node);
    expect(counted, node.name).toBe(RECORDS);
    // A participant keeps what the floor in its records has not passed: the last transactions under way.
    expect(state.participant.transactions.size, node.name).toBe(node.kind === "coordinator" ? 0 : IN_FLIGHT);
    // The last floors came with messages after which nothing was prepared.
    for (const [coordinatorId, floor] of node.image.node.floors) raiseFloor(state, coordinatorId, floor);
    // The start that reads the log is one more run.
    const { runStarts } = node.image.node;
    expect({ ...makeImage(state, () => null), runStarts }, node.name).toEqual(node.image.node);
    expect(rowsOf(resource), node.name).toEqual(node.image.resource);
    expect([...allRequests(state)], node.name).toHaveLength(node.kind === "coordinator" ? 0 : RECORDS / 2);
  }
});

async function replay({ name, kind, dir }: MadeNode) {
  const directory = openDataDirectory(dir, { name, kind });
  const { state } = makeNodeTables({ name, storeId: directory.storeId }, kind !== "coordinator");
  const resource =
    kind === "coordinator" ? null : kind === "warehouse" ? createWarehouse([]) : createLedger([]);
  const recovery = createRecovery(state);
  let counted = 0;
  const { log, recovered } = await openFileLog(
    directory,
    {
      onFatal(error) {
        throw error;
      },
    },
    {
      begin: async (checkpoint) => recovery.begin(resource, checkpoint),
      record(record, lsn) {
        recovery.takeRecord(record, lsn);
        if (record.type !== "run-start") counted += 1;
      },
    },
  );
  recovery.finish(recovered);
  await log.close();
  directory.close();
  return { state, resource, counted };
}
