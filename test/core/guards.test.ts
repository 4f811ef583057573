import { beforeEach, expect, test } from "vitest";
import type { Effect } from "../../src/core/effects.ts";
import { stepNode } from "../../src/core/node.ts";
import { makeNodeState, type NodeState } from "../../src/core/node-state.ts";
import { finishRecovery, replayPrepared } from "../../src/core/recovery.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Prepare, ProtocolMessage } from "../../src/schema/protocol.ts";

// Guards against what the rest of the protocol makes rare: each is the last one before an outcome that turns.

const storeId = "00000000000a" as StoreId;
const bank = "bank" as NodeName;
const bankId = "bank-cccccccccccc" as NodeId;
const inDoubt = `${bankId}.1.7` as TransactionId;
const floor = { epoch: 1, counter: 1 };
const self = { name: "warehouse" as NodeName, url: "ws://warehouse" };
const coordinator = { name: bank, url: "ws://bank" };

let node: NodeState;
beforeEach(() => {
  node = makeNodeState({ self, storeId, epoch: 2, settings: DEFAULT_SETTINGS, isParticipant: true });
  const request = { requestId: "r1" as RequestId, issuedAtMs: 1, digest: "d" };
  const participants = [coordinator, self];
  const record = { transactionId: inDoubt, ...request, coordinator, participants, redo: [], undo: [] };
  replayPrepared(node, { type: "prepared", ...record }, { epoch: 1, seq: 5 });
  finishRecovery(node);
  for (const [name, nodeId] of [
    [bank, bankId],
    ["depot", "depot-dddddddddddd"],
  ] as const) {
    stepNode(node, {
      type: "peer-connected",
      name: name as NodeName,
      url: `ws://${name}`,
      nodeId: nodeId as NodeId,
      epoch: 1,
    });
  }
});

const hear = (from: string, message: ProtocolMessage) =>
  stepNode(node, { type: "message-received", from: from as NodeName, message });
const phaseOf = (id: TransactionId) => node.participant.transactions.get(id)?.phase;
const votesIn = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.type === "send" && effect.message.type === "vote" ? [effect.message] : [],
  );

function prepareOf(changes: Partial<Prepare>): Prepare {
  return {
    type: "prepare",
    transactionId: `${bankId}.1.8` as TransactionId,
    requestId: "r2" as RequestId,
    issuedAtMs: 10,
    digest: "e",
    operations: [],
    onePhase: false,
    coordinator,
    participants: [coordinator, self],
    floor,
    toStore: storeId,
    toEpoch: 2,
    ...changes,
  };
}

test("a prepare for an earlier run of this node is refused and leaves nothing", () => {
  const effects = hear("bank", prepareOf({ toEpoch: 1 }));
  expect(votesIn(effects)).toMatchObject([{ vote: "no", reason: { code: "restarted" } }]);
  expect(phaseOf(prepareOf({}).transactionId)).toBeUndefined();
});

test("a prepare for another store of this node's name is refused, and by the only participant on disk", () => {
  const toStore = "00000000000b" as StoreId;
  const effects = hear("bank", prepareOf({ toStore }));
  expect(votesIn(effects)).toMatchObject([{ vote: "no", reason: { code: "restarted" } }]);
  expect(phaseOf(prepareOf({}).transactionId)).toBeUndefined();
  const alone = hear("bank", prepareOf({ toStore, onePhase: true, participants: [self] }));
  expect(alone).toMatchObject([{ type: "append-record", record: { type: "aborted" }, force: true }, {}]);
});

test("a request that may have been forgotten is refused", () => {
  node.participant.requestFloorMs = 10;
  const effects = hear("bank", prepareOf({}));
  expect(votesIn(effects)).toMatchObject([{ vote: "no", reason: { code: "request-expired" } }]);
  expect(hear("bank", prepareOf({ issuedAtMs: 11 }))).toMatchObject([{ type: "plan-work" }]);
});

test("an abort that contradicts a commit under way turns nothing, and is reported", () => {
  hear("bank", {
    type: "commit",
    transactionId: inDoubt,
    runEpoch: 1,
    floor,
    preparedAt: { storeId, epoch: 1, seq: 5 },
  });
  stepNode(node, { type: "work-performed", transactionId: inDoubt });
  const effects = hear("bank", { type: "abort", transactionId: inDoubt, runEpoch: 1, floor });
  expect(effects).toMatchObject([{ type: "raise-alarm" }]);
  expect(phaseOf(inDoubt)).toBe("performing");
});

test("who did not take part decides nothing", () => {
  for (const answer of ["commit", "abort"] as const) {
    expect(
      hear("depot", { type: "inquiry-answer", transactionId: inDoubt, from: "depot" as NodeName, answer }),
    ).toEqual([]);
  }
  expect(phaseOf(inDoubt)).toBe("prepared");
});

test("a question about a transaction that this store has not reached is no cause to presume", () => {
  for (const place of ["3.1", "2.1"]) {
    const transactionId = `warehouse-${storeId}.${place}` as TransactionId;
    const effects = hear("bank", { type: "inquiry", transactionId, from: bank });
    expect(effects).toMatchObject([{ type: "raise-alarm" }]);
  }
});
