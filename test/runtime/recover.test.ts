import { expect, test } from "vitest";
import { makeNodeState, type NodeState } from "../../src/core/node-state.ts";
import { finishRecovery } from "../../src/core/recovery.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { recoverNode } from "../../src/runtime/recover.ts";
import type { StoreId } from "../../src/schema/ids.ts";
import { recordOf, request, transactionId, warehouse } from "./records.ts";

// The newest records of a transaction decide what its node does after a restart, and nothing else does: one row a case.
// What contradicts itself is TPC_LOG_CORRUPT, with the place, before the node says a word.

function recover(words: readonly string[], image: unknown = null) {
  const node = makeNodeState({
    self: warehouse,
    storeId: "00000000000a" as StoreId,
    epoch: 2,
    settings: DEFAULT_SETTINGS,
    isParticipant: true,
  });
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
  const known = node.coordinator.requests.get(request.requestId);
  expect(known?.phase === "settled" ? known.outcome : null).toBe(
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
