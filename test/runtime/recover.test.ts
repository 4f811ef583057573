import { expect, test } from "vitest";
import { findHeld } from "../../src/core/held-requests.ts";
import { makeNodeState, type NodeState } from "../../src/core/node-state.ts";
import { finishRecovery, replayRecord } from "../../src/core/recovery.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { recoverNode } from "../../src/runtime/recover.ts";
import type { Floor, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";
import { recordOf, request, transactionId, warehouse } from "./records.ts";

// The newest records of a transaction decide what its node does after a restart, and nothing else does: one row a case.
// What contradicts itself is TPC_LOG_CORRUPT, with the place, before the node says a word.

function participant() {
  const storeId = "00000000000a" as StoreId;
  return makeNodeState({
    self: warehouse,
    storeId,
    epoch: 2,
    settings: DEFAULT_SETTINGS,
    isParticipant: true,
  });
}

function recover(words: readonly string[], image: unknown = null) {
  const node = participant();
  const resource = createWarehouse(SAMPLE_ITEMS);
  const records = words.map((word, index) => {
    return { record: recordOf(word), lsn: { epoch: 1, seq: index + 2 } };
  });
  const checkpoint = image === null ? null : { image, pages: [], throughSeq: 1 };
  const end = { epoch: 1, seq: records.length + 1 };
  recoverNode(node, resource, { epoch: 2, checkpoint, records, end, summary: "clean" });
  return { node, resource };
}

/** What the node begins to do by itself. */
function begun(node: NodeState): string[] {
  return finishRecovery(node).flatMap((effect) =>
    effect.type === "start-timer" ? [`${effect.timer.kind} ${effect.timer.id}`] : [],
  );
}

test.each([
  // what the log says           how many are left  reserved  entry         what it begins to do
  [[], "40", "0", null, []],
  [["prepared"], "40", "2", "prepared", ["inquire coordinator"]],
  [["prepared", "committed"], "38", "0", "committed", []],
  [["prepared", "aborted"], "40", "0", "aborted", []],
  [["aborted"], "40", "0", "aborted", []],
  [["one-phase"], "38", "0", "committed", []],
  [["prepared", "heuristic commit"], "38", "0", "heuristic", ["inquire coordinator"]],
  [["prepared", "heuristic abort"], "40", "0", "heuristic", ["inquire coordinator"]],
  [["prepared", "heuristic commit", "agreed"], "38", "0", "committed", []],
  [["prepared", "heuristic abort", "agreed"], "40", "0", "aborted", []],
  [["prepared", "heuristic abort", "hazard"], "40", "0", "heuristic", []],
] as const)("a participant whose log says %j", (words, onHand, reserved, phase, doings) => {
  const { node, resource } = recover(words);
  const rows = resource.rows(new Set(["LAMP-01"]));
  expect(rows).toMatchObject({ items: [{ onHand, reserved }] });
  expect(node.participant.transactions.get(transactionId)?.phase ?? null).toBe(phase);
  expect(begun(node)).toEqual(doings);
});

test("the floor in a prepared record drops what is over and below it, as it had when the record was written", () => {
  const node = participant();
  const idOf = (counter: number) => transactionId.replace(/1$/, String(counter)) as TransactionId;
  const replay = (word: string, counter: number, floor?: Floor) => {
    const record = { ...recordOf(word), transactionId: idOf(counter), requestId: `r${counter}`, floor };
    replayRecord(node, record as LogRecord, { epoch: 1, seq: counter });
  };
  for (const counter of [1, 2, 3]) replay("prepared", counter, { epoch: 1, counter: 1 });
  for (const counter of [1, 3]) replay("committed", counter);
  expect([...node.participant.transactions.keys()]).toEqual([idOf(1), idOf(2), idOf(3)]);
  replay("prepared", 4, { epoch: 1, counter: 3 });
  expect([...node.participant.transactions.keys()], "2 is not over, and 3 not below").toEqual(
    [2, 3, 4].map(idOf),
  );
  expect(findHeld(node.participant.requests, "r1" as RequestId)).toMatchObject({ isCommitted: true });
});

test.each([
  // what the log says         phase         whom it still has to tell
  [["commit"], "committing", ["resend warehouse"]],
  [["commit", "end"], null, []],
  [["commit", "released"], null, []],
  [["commit", "released", "end"], null, []],
  [["end"], null, []],
] as const)("a coordinator whose log says %j", (words, phase, doings) => {
  const { node } = recover(words);
  expect(node.coordinator.transactions.get(transactionId)?.phase ?? null).toBe(phase);
  expect(begun(node)).toEqual(doings);
  expect(node.coordinator.settled.get(request.requestId)?.outcome ?? null).toBe(
    words.some((word) => word === "commit") ? "committed" : null,
  );
});

test.each([
  [["committed"], "record 1:2 cannot be replayed: .*which it has not prepared"],
  [["prepared", "aborted", "committed"], "record 1:4 cannot be replayed"],
  [["heuristic commit"], "record 1:2 cannot be replayed: .*not in doubt"],
  [["prepared", "agreed"], "record 1:3 cannot be replayed: .*not settled by hand"],
] as const)("a log that says %j is corrupt", (words, message) => {
  expect(() => recover(words)).toThrow(
    expect.objectContaining({ code: "TPC_LOG_CORRUPT", message: expect.stringMatching(message) }),
  );
});

test.each([
  ["nothing", {}],
  ["text", "image"],
  ["a null", { node: null, resource: null }],
  ["tables that are not there", { node: { runStarts: [] }, resource: [] }],
  [
    "a malformed id",
    { node: { ...emptyImage(), finished: [{ transactionId: "x", outcome: "aborted" }] }, resource: [] },
  ],
  ["stock that is none", { node: emptyImage(), resource: [{ sku: 7 }] }],
])("a checkpoint that holds %s is corrupt", (_, image) => {
  expect(() => recover([], image)).toThrow(
    expect.objectContaining({
      code: "TPC_LOG_CORRUPT",
      message: expect.stringMatching(/^the checkpoint cannot be used: /),
    }),
  );
});

function emptyImage() {
  const none = { runStarts: [], commits: [], settled: [], prepared: [], heuristics: [] };
  return { ...none, finished: [], held: [], floors: [], requestFloorMs: 0 };
}
