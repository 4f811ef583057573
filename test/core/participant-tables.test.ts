import { expect, test } from "vitest";
import { makeNodeState } from "../../src/core/node-state.ts";
import { newestOutcomes } from "../../src/core/outcomes.ts";
import { beginWork } from "../../src/core/participant.ts";
import { findRequest } from "../../src/core/participant-requests.ts";
import type { Job, ParticipantState } from "../../src/core/participant-state.ts";
import { dropOldRequests, enterState, raiseFloor } from "../../src/core/participant-tables.ts";
import { reasonFor } from "../../src/core/reasons.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { ReasonCode } from "../../src/schema/reasons.ts";

// What is over leaves the tables as soon as its coordinator cannot ask about it any more; a request stays for its window,
// or for as long as its transaction does.

const coordinatorId = "coordinator-00000000000c" as NodeId;
const idOf = (counter: number, epoch = 1) => `${coordinatorId}.${epoch}.${counter}` as TransactionId;
const windowMs = DEFAULT_SETTINGS.requestWindowMs;
const self = { name: "warehouse" as NodeName, url: "" };

function nodeOf() {
  const storeId = "00000000000a" as StoreId;
  return makeNodeState({ self, storeId, epoch: 1, settings: DEFAULT_SETTINGS, isParticipant: true });
}

function jobOf(transactionId: TransactionId, issuedAtMs = 100): Job {
  const requestId = `of ${transactionId}` as RequestId;
  const coordinator = { name: "coordinator" as NodeName, url: "" };
  return {
    transactionId,
    requestId,
    issuedAtMs,
    digest: "d",
    coordinator,
    participants: [],
    onePhase: false,
  };
}

const committed = (id: TransactionId): ParticipantState => ({
  phase: "committed",
  job: jobOf(id),
  work: { redo: [], undo: [], results: [] },
});

function guard(node: ReturnType<typeof nodeOf>, id: TransactionId, issuedAt = 100): void {
  const { requestId, issuedAtMs, digest } = jobOf(id, issuedAt);
  const held = { transactionId: id, issuedAtMs, digest, isCommitted: true, isByHand: true, refusal: null };
  node.participant.requests.recent.set(requestId, held);
}

test("a floor that rises drops what is over and below it", () => {
  const node = nodeOf();
  for (const counter of [1, 2, 3]) enterState(node, idOf(counter), committed(idOf(counter)));
  raiseFloor(node, coordinatorId, { epoch: 1, counter: 3 });
  expect([...node.participant.transactions.keys()]).toEqual([idOf(3)]);
  raiseFloor(node, coordinatorId, { epoch: 1, counter: 2 }); // Late: a floor never sinks.
  expect(node.participant.floors.get(coordinatorId)).toEqual({ epoch: 1, counter: 3 });
  raiseFloor(node, coordinatorId, { epoch: 2, counter: 0 });
  expect(node.participant.transactions.size).toBe(0);
  expect(newestOutcomes(node.participant.outcomes, 9).map(([, decision]) => decision)).toEqual([
    "commit",
    "commit",
    "commit",
  ]);
});

test("what ends when the floor has already passed it leaves at once", () => {
  const node = nodeOf();
  raiseFloor(node, coordinatorId, { epoch: 2, counter: 5 });
  for (const id of [idOf(9, 1), idOf(4, 2), idOf(5, 2)]) enterState(node, id, committed(id));
  expect([...node.participant.transactions.keys()]).toEqual([idOf(5, 2)]);
});

test("a committed request stays when its transaction leaves, until the window is over", () => {
  const node = nodeOf();
  const { requestId } = jobOf(idOf(1));
  enterState(node, idOf(1), committed(idOf(1)));
  guard(node, idOf(2), windowMs + 2_000);
  dropOldRequests(node, windowMs + 1_000);
  expect(findRequest(node, requestId), "its coordinator may still ask").toMatchObject({
    isCommitted: true,
  });
  raiseFloor(node, coordinatorId, { epoch: 2, counter: 0 });
  dropOldRequests(node, windowMs + 100);
  expect(findRequest(node, requestId), "issued at 100, not before").toBeDefined();
  dropOldRequests(node, windowMs + 101);
  expect(findRequest(node, requestId)).toBeUndefined();
  expect(node.participant.requestFloorMs).toBe(100);
});

test("so does one that a checkpoint tells of, whose transaction is only known to have aborted", () => {
  const node = nodeOf();
  const { requestId } = jobOf(idOf(1));
  guard(node, idOf(1));
  enterState(node, idOf(1), { phase: "aborted", job: null, reason: null, isForced: true, isDecided: false });
  guard(node, idOf(2), windowMs + 2_000);
  dropOldRequests(node, windowMs + 1_000);
  expect(findRequest(node, requestId)).toBeDefined();
  raiseFloor(node, coordinatorId, { epoch: 2, counter: 0 });
  dropOldRequests(node, windowMs + 1_000);
  expect(findRequest(node, requestId)).toBeUndefined();
});

test("a wall clock that is ahead makes no request old: the newest one says what time it is at least", () => {
  const node = nodeOf();
  guard(node, idOf(1));
  guard(node, idOf(2), 100 + windowMs);
  dropOldRequests(node, 4_000 * windowMs);
  expect([node.participant.requests.recent.size, node.participant.requestFloorMs]).toEqual([2, 0]);
  guard(node, idOf(3), 101 + windowMs);
  dropOldRequests(node, 4_000 * windowMs);
  expect([node.participant.requests.recent.size, node.participant.requestFloorMs]).toEqual([2, 100]);
});

test.each<[ReasonCode | null, boolean]>([
  ["insufficient-stock", true],
  ["stock-reserved", false],
  [null, false],
])("a request that is aborted for %s is refused again: %s", (code, isRefused) => {
  const node = nodeOf();
  const job = jobOf(idOf(1));
  enterState(node, idOf(1), beginWork(job));
  const reason = code ? reasonFor(null, code, "because") : null;
  enterState(node, idOf(1), { phase: "aborted", job, reason, isForced: false, isDecided: false });
  const held = findRequest(node, job.requestId);
  expect(held?.refusal ?? null).toEqual(isRefused ? { ...reason, participant: "warehouse" } : null);
  expect(held === undefined).toBe(!isRefused);
});
