import { beforeEach, expect, test } from "vitest";
import { type NodeInput, stepNode } from "../../src/core/node.ts";
import { makeNodeState, type NodeState } from "../../src/core/node-state.ts";
import { finishRecovery, replayPrepared } from "../../src/core/recovery.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { ProtocolMessage } from "../../src/schema/protocol.ts";

// A transaction in doubt hears its own coordinator alone: not another participant, and not another store under the same name.

const storeId = "00000000000a" as StoreId;
const mine = "bank-cccccccccccc" as NodeId;
const other = "bank-bbbbbbbbbbbb" as NodeId;
const transactionId = `${mine}.1.7` as TransactionId;
const bank = "bank" as NodeName;
const floor = { epoch: 1, counter: 8 };
const preparedAt = { storeId, epoch: 1, seq: 5 };
const commit: ProtocolMessage = { type: "commit", transactionId, runEpoch: 1, floor, preparedAt };
const abort: ProtocolMessage = { type: "abort", transactionId, runEpoch: 1, floor };

let node: NodeState;
beforeEach(() => {
  const self = { name: "warehouse" as NodeName, url: "ws://warehouse" };
  node = makeNodeState({ self, storeId, epoch: 2, settings: DEFAULT_SETTINGS, isParticipant: true });
  const coordinator = { name: bank, url: "ws://bank" };
  const request = { requestId: "r1" as RequestId, issuedAtMs: 1, digest: "d" };
  replayPrepared(
    node,
    {
      type: "prepared",
      transactionId,
      ...request,
      coordinator,
      participants: [coordinator, self],
      redo: [],
      undo: [],
    },
    { epoch: 1, seq: 5 },
  );
  finishRecovery(node);
});

const connected = (name: NodeName, nodeId: NodeId): NodeInput => {
  return { type: "peer-connected", name, nodeId, url: `ws://${name}`, epoch: 3 };
};
const hears = (from: NodeName, message: ProtocolMessage): string[] =>
  stepNode(node, { type: "message-received", from, message }).map(({ type }) => type);

test("its own coordinator is obeyed", () => {
  stepNode(node, connected(bank, mine));
  expect(hears(bank, commit)).toContain("perform-work");
});

test("its own coordinator's abort is obeyed", () => {
  stepNode(node, connected(bank, mine));
  expect(hears(bank, abort)).toContain("undo-work");
});

test.each([commit, abort])("another store's $type under the coordinator's name is refused", (message) => {
  stepNode(node, connected(bank, other));
  expect(hears(bank, message)).toEqual(["raise-alarm"]);
  expect(node.participant.transactions.get(transactionId)?.phase).toBe("prepared");
});

test("another node's commit is refused", () => {
  const ledger = "ledger" as NodeName;
  stepNode(node, connected(ledger, "ledger-dddddddddddd" as NodeId));
  expect(hears(ledger, commit)).toEqual(["raise-alarm"]);
  expect(node.participant.transactions.get(transactionId)?.phase).toBe("prepared");
});
