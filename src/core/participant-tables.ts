import type { Floor, NodeId, TransactionId } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import { dropOldest } from "./drop-oldest.ts";
import { assertNever } from "./errors.ts";
import { dropHeld, newestHeldMs, packHeld } from "./held-requests.ts";
import { isBelow, parseTransactionId } from "./ids.ts";
import { type NodeState, tableOf } from "./node-state.ts";
import type { Job, ParticipantState } from "./participant-state.ts";
import { OUTCOMES_MAX } from "./settings.ts";

/** Keeps the tables beside the entry true: who is in doubt, who is finished, which request is held. */
export function enterState(node: NodeState, transactionId: TransactionId, state: ParticipantState): void {
  const tables = node.participant;
  const { coordinatorId, coordinatorName } = parseTransactionId(transactionId);
  const inDoubt = tableOf(tables.inDoubt, coordinatorName);
  // What an operator has settled goes on asking until the true decision is known.
  const isAsking = state.phase === "heuristic" && state.truth === null && state.step !== "ended";
  if (state.phase === "prepared" || isAsking) {
    if (!inDoubt.has(transactionId)) inDoubt.set(transactionId, 0);
  } else {
    inDoubt.delete(transactionId);
  }
  tables.transactions.set(transactionId, state);
  // Work that was undone by hand must not be taken for committed and forgotten, should its commit still come.
  const mayBeCommitted = state.phase === "heuristic" && state.decision === "abort" && state.truth === null;
  const hasEnded = state.phase === "heuristic" && state.step === "ended" && !mayBeCommitted;
  const isOver = state.phase === "committed" || state.phase === "aborted" || state.phase === "read-only";
  if (isOver || hasEnded) {
    tableOf(tables.finished, coordinatorId).set(transactionId, null);
  }
  const job = state.job;
  if (job) holdRequest(node, transactionId, job, state);
  // The floor may have passed it while it was finishing.
  const floor = tables.floors.get(coordinatorId);
  if (floor && isOver) dropFinished(node, coordinatorId, transactionId, floor);
}

/** One request, one transaction: committed ones are guarded for the window, refused ones stay refused. */
function holdRequest(node: NodeState, transactionId: TransactionId, job: Job, state: ParticipantState): void {
  const requests = node.participant.requests.recent;
  const { requestId, issuedAtMs, digest } = job;
  if (requests.get(requestId)?.transactionId !== transactionId) return;
  const held = { transactionId, issuedAtMs, digest };
  switch (state.phase) {
    case "performing":
    case "committed":
      requests.set(requestId, { ...held, isCommitted: true, refusal: null });
      return;
    case "heuristic":
      if (state.decision === "commit" || state.truth === "commit") {
        const isByHand = state.truth !== "commit";
        requests.set(requestId, { ...held, isCommitted: true, isByHand, refusal: null });
      }
      return;
    case "aborted":
      if (state.reason && !state.reason.retryable)
        requests.set(requestId, { ...held, isCommitted: false, refusal: own(node, state.reason) });
      else requests.delete(requestId);
      return;
    case "read-only":
      requests.delete(requestId);
      return;
    case "working":
    case "prepared":
    case "aborting":
      return;
    default:
      assertNever(state, "phase");
  }
}

/** A reason says whose it is. */
export function own(node: NodeState, reason: Reason): Reason {
  return reason.participant ? reason : { ...reason, participant: node.self.name };
}

/** The floor only rises. What is finished and below it can never be prepared again, and is dropped. */
export function raiseFloor(node: NodeState, coordinatorId: NodeId, floor: Floor): void {
  const tables = node.participant;
  const before = tables.floors.get(coordinatorId);
  if (before && !isBelow({ epoch: before.epoch, counter: before.counter }, floor)) return;
  tables.floors.set(coordinatorId, floor);
  const finished = tables.finished.get(coordinatorId);
  if (!finished) return;
  for (const transactionId of finished.keys()) {
    if (!dropFinished(node, coordinatorId, transactionId, floor)) break;
  }
}

/** False when the floor has not passed it. */
function dropFinished(
  node: NodeState,
  coordinatorId: NodeId,
  transactionId: TransactionId,
  floor: Floor,
): boolean {
  if (!isBelow(parseTransactionId(transactionId), floor)) return false;
  node.participant.finished.get(coordinatorId)?.delete(transactionId);
  rememberOutcome(node, transactionId);
  const { transactions, requests } = node.participant;
  const requestId = transactions.get(transactionId)?.job?.requestId;
  if (requestId !== undefined) packHeld(requests, requestId, transactionId, node.settings.requestWindowMs);
  node.participant.transactions.delete(transactionId);
  return true;
}

/** What is certain about a finished transaction is kept a while for peers that are in doubt. */
function rememberOutcome(node: NodeState, transactionId: TransactionId): void {
  const { transactions, outcomes } = node.participant;
  const state = transactions.get(transactionId);
  const isSure =
    state?.phase === "committed" || (state?.phase === "aborted" && (state.isForced || state.isDecided));
  if (!isSure) return;
  outcomes.set(transactionId, state.phase === "committed" ? "commit" : "abort");
  dropOldest(outcomes, OUTCOMES_MAX);
}

/**
 * Drops requests that the window has passed at `wallMs` and remembers that they may have been dropped. A wall clock that
 * is ahead makes nothing old: the window also ends no later than one before the newest request. One whose transaction
 * has an entry is kept with it: its coordinator may still ask what became of it. Those without one go a slice of the window
 * at a time. Returns the time before which all is old.
 */
export function pruneRequests(node: NodeState, wallMs: number): number {
  const tables = node.participant;
  const beforeMs = Math.min(wallMs, newestHeldMs(tables.requests)) - node.settings.requestWindowMs;
  const droppedMs = dropHeld(tables.requests, beforeMs, (id) => tables.transactions.has(id));
  tables.requestFloorMs = Math.max(tables.requestFloorMs, droppedMs);
  return beforeMs;
}
