import { expect, test } from "vitest";
import { stepNode } from "../../src/core/node.ts";
import { makeNodeState } from "../../src/core/node-state.ts";
import { allRequests } from "../../src/core/participant-requests.ts";
import { pruneTables } from "../../src/core/participant-stores.ts";
import { enterState } from "../../src/core/participant-tables.ts";
import { DEFAULT_SETTINGS, FLOORS_MAX } from "../../src/core/settings.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";

// A coordinator's store that was wiped, or taken out of service, never raises its floor again: what is finished of it goes all the
// same, what is in doubt stays, and a late prepare of it is refused rather than believed.

const COORDINATOR = "coordinator" as NodeName;
const storeOf = (number: number) => number.toString(16).padStart(12, "0") as StoreId;
const nodeIdOf = (number: number) => `coordinator-${storeOf(number)}` as NodeId;
const idOf = (store: number, counter: number) => `${nodeIdOf(store)}.1.${counter}` as TransactionId;
const windowMs = DEFAULT_SETTINGS.requestWindowMs;

function nodeOf() {
  const self = { name: "warehouse" as NodeName, url: "" };
  const storeId = "00000000000a" as StoreId;
  return makeNodeState({ self, storeId, epoch: 1, settings: DEFAULT_SETTINGS, isParticipant: true });
}
type Node = ReturnType<typeof nodeOf>;

function connect(node: Node, store: number): void {
  const url = "ws://coordinator";
  stepNode(node, { type: "peer-connected", name: COORDINATOR, url, nodeId: nodeIdOf(store), epoch: 1 });
}

function jobOf(transactionId: TransactionId, issuedAtMs: number, onePhase: boolean) {
  const requestId = `of ${transactionId}` as RequestId;
  const coordinator = { name: COORDINATOR, url: "" };
  return { transactionId, requestId, issuedAtMs, digest: "d", coordinator, participants: [], onePhase };
}

function finish(node: Node, id: TransactionId, issuedAtMs = 100, onePhase = false): void {
  const job = jobOf(id, issuedAtMs, onePhase);
  enterState(node, id, { phase: "committed", job, work: { redo: [], undo: [], results: [] } });
}

function leaveInDoubt(node: Node, id: TransactionId): void {
  enterState(node, id, {
    phase: "prepared",
    job: jobOf(id, 100, false),
    work: { redo: [], undo: [], results: [] },
    preparedAt: { storeId: node.storeId, epoch: 1, seq: 2 },
    answers: {},
    asked: [],
    trouble: null,
  } as never);
}

test("another store under the name ends what is finished of the one before, and not what is in doubt", () => {
  const node = nodeOf();
  connect(node, 1);
  for (const counter of [1, 3]) finish(node, idOf(1, counter));
  leaveInDoubt(node, idOf(1, 2));
  connect(node, 1);
  expect(node.participant.transactions.size, "the same store again changes nothing").toBe(3);
  connect(node, 2);
  expect([...node.participant.transactions.keys()]).toEqual([idOf(1, 2)]);
  expect([...allRequests(node)].length, "requests are guarded for their window, or held").toBe(3);
  expect(node.participant.finished.has(nodeIdOf(1))).toBe(false);
});

/** The coordinator's prepare of its first run arrives, with a floor of that run. */
function prepare(node: Node, transactionId: TransactionId, floorCounter: number) {
  const { requestId, issuedAtMs, digest, coordinator } = jobOf(transactionId, 100, false);
  return stepNode(node, {
    type: "message-received",
    from: COORDINATOR,
    message: {
      type: "prepare",
      transactionId,
      requestId,
      issuedAtMs,
      digest,
      operations: [],
      onePhase: false,
      coordinator,
      participants: [],
      floor: { epoch: 1, counter: floorCounter },
      toStore: node.storeId,
      toEpoch: 1,
    },
  });
}

test("a late prepare of what was finished is refused", () => {
  const node = nodeOf();
  finish(node, idOf(1, 3));
  connect(node, 2);
  node.peers.set(COORDINATOR, { ...node.peers.get(COORDINATOR), nodeId: nodeIdOf(1) } as never);
  expect(prepare(node, idOf(1, 3), 1)).toMatchObject([
    { message: { vote: "no", reason: { code: "stale-prepare" } } },
  ]);
});

test("a prepare that comes again raises the floor, and what it has passed is refused", () => {
  const node = nodeOf();
  connect(node, 1);
  prepare(node, idOf(1, 2), 1);
  prepare(node, idOf(1, 2), 2);
  expect(prepare(node, idOf(1, 1), 1)).toMatchObject([
    { message: { vote: "no", reason: { code: "stale-prepare" } } },
  ]);
});

test("a one-phase decision is told again to a store that comes back for it", () => {
  const node = nodeOf();
  connect(node, 1);
  finish(node, idOf(1, 1), 100, true);
  connect(node, 2);
  connect(node, 1);
  const effects = stepNode(node, {
    type: "message-received",
    from: COORDINATOR,
    message: { type: "decided-inquiry", transactionId: idOf(1, 1), floor: { epoch: 1, counter: 1 } },
  });
  expect(effects).toMatchObject([{ type: "send", message: { type: "decided", outcome: "committed" } }]);
});

test("what is finished of a store that is away goes with the window of its requests", () => {
  const node = nodeOf();
  connect(node, 1);
  finish(node, idOf(1, 1), 100);
  finish(node, idOf(7, 1), 200 + windowMs);
  pruneTables(node, 200 + windowMs);
  expect(node.participant.transactions.size, "one is connected, of the other one is new").toBe(2);
  stepNode(node, { type: "peer-disconnected", name: COORDINATOR });
  pruneTables(node, 200 + windowMs);
  expect([...node.participant.transactions.keys()]).toEqual([idOf(7, 1)]);
});

test("an abort that no longer says when it was asked for goes a whole window after it was first found, not at once", () => {
  const node = nodeOf();
  connect(node, 1);
  const nowMs = 10 * windowMs;
  const aborted = { phase: "aborted", job: null, reason: null, isForced: true, isDecided: false } as const;
  enterState(node, idOf(1, 4), aborted);
  finish(node, idOf(7, 1), nowMs);
  stepNode(node, { type: "peer-disconnected", name: COORDINATOR });
  pruneTables(node, nowMs);
  const asked = {
    type: "decided-inquiry",
    transactionId: idOf(1, 3),
    floor: { epoch: 1, counter: 3 },
  } as const;
  connect(node, 1);
  expect(
    stepNode(node, { type: "message-received", from: COORDINATOR, message: asked }),
    "one before it, of which nothing had come yet, is still decided",
  ).toMatchObject([{ type: "append-record", record: { type: "aborted", transactionId: idOf(1, 3) } }, {}]);
  stepNode(node, { type: "peer-disconnected", name: COORDINATOR });
  finish(node, idOf(7, 2), nowMs + windowMs + 1);
  pruneTables(node, nowMs + windowMs + 1);
  expect(node.participant.transactions.has(idOf(1, 4)), "a window has passed").toBe(false);
});

test("stores without end leave a bounded number of floors", () => {
  const node = nodeOf();
  leaveInDoubt(node, idOf(1, 1));
  for (let store = 1; store <= FLOORS_MAX + 200; store += 1) {
    connect(node, store);
    finish(node, idOf(store, 2));
  }
  const { floors, transactions, finished } = node.participant;
  expect(floors.size).toBe(FLOORS_MAX);
  expect(floors.has(nodeIdOf(1)), "the floor of what is in doubt").toBe(true);
  expect([transactions.size, finished.size], "in doubt, and the last store's own").toEqual([2, 1]);
});
