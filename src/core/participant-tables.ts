import type { Floor, NodeId, TransactionId } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import { assertNever } from "./errors.ts";
import { dropHeld, newestHeldMs, packHeld } from "./held-requests.ts";
import { counterOf, isBelow, isIdBelow, runOf } from "./ids.ts";
import { type HeldRequest, type NodeState, tableOf } from "./node-state.ts";
import { noteOutcome } from "./outcomes.ts";
import type { Job, ParticipantState } from "./participant-state.ts";
import { renewed } from "./renewed.ts";

/** Keeps the tables beside the entry true: who is in doubt, who is finished, which request is held. */
export function enterState(
  node: NodeState,
  transactionId: TransactionId,
  state: ParticipantState,
  before: ParticipantState | undefined = node.participant.transactions.get(transactionId),
): void {
  const tables = node.participant;
  if (before === undefined) renewRequests(node, transactionId);
  const isNowInDoubt = isInDoubt(state);
  if (isNowInDoubt !== (before !== undefined && isInDoubt(before))) {
    const inDoubt = tableOf(tables.inDoubt, runOf(transactionId).coordinatorName);
    if (isNowInDoubt) inDoubt.set(transactionId, 0);
    else inDoubt.delete(transactionId);
  }
  tables.transactions.set(transactionId, state);
  const isOver = state.phase === "committed" || state.phase === "aborted" || state.phase === "read-only";
  if (state.job) holdRequest(node, state.job, state, before);
  if (!isOver && !hasEnded(state)) return;
  const { coordinatorId } = runOf(transactionId);
  tableOf(tables.finished, coordinatorId).set(transactionId, null);
  if (!isOver) return;
  // The floor may have passed it while it was finishing.
  const floor = tables.floors.get(coordinatorId);
  if (floor) dropFinished(node, coordinatorId, transactionId, floor);
}

/** Requests come and go with transactions; `renewed` says why their table is copied. Counters count what comes, near enough. */
function renewRequests({ participant: { requests } }: NodeState, coming: TransactionId): void {
  requests.recent = renewed(requests.recent, counterOf(coming));
}

/** In doubt, or settled by an operator: that goes on asking until the true decision is known. */
function isInDoubt(state: ParticipantState): boolean {
  if (state.phase === "prepared") return true;
  return state.phase === "heuristic" && state.truth === null && state.step !== "ended";
}

/** Work that was undone by hand must not be taken for committed and forgotten, should its commit still come. */
function hasEnded(state: ParticipantState): boolean {
  if (state.phase !== "heuristic" || state.step !== "ended") return false;
  return state.decision !== "abort" || state.truth !== null;
}

const COMMITTED = { isCommitted: true, refusal: null };

/** One request, one transaction: committed ones are guarded for the window, refused ones stay refused. */
function holdRequest(
  node: NodeState,
  job: Job,
  state: ParticipantState,
  before: ParticipantState | undefined,
): void {
  switch (state.phase) {
    case "performing":
    case "committed":
      // It is guarded since its work was performed.
      if (before?.phase !== "performing") holdAs(node, job, COMMITTED);
      return;
    case "heuristic":
      if (state.decision === "commit" || state.truth === "commit") {
        const isByHand = state.truth !== "commit";
        holdAs(node, job, { isCommitted: true, isByHand, refusal: null });
      }
      return;
    case "aborted": {
      const { reason } = state;
      const isRefused = reason !== null && !reason.retryable;
      return holdAs(node, job, isRefused ? { isCommitted: false, refusal: own(node, reason) } : null);
    }
    case "read-only":
      return holdAs(node, job, null);
    case "working":
    case "prepared":
    case "aborting":
      return;
    default:
      assertNever(state, "phase");
  }
}

/** Null lets the request go. Of a request that another transaction holds nothing changes. */
function holdAs(
  node: NodeState,
  { requestId, transactionId, issuedAtMs, digest }: Job,
  as: Pick<HeldRequest, "isCommitted" | "isByHand" | "refusal"> | null,
): void {
  const requests = node.participant.requests.recent;
  if (requests.get(requestId)?.transactionId !== transactionId) return;
  if (as === null) {
    requests.delete(requestId);
  } else {
    const { isCommitted, isByHand, refusal } = as;
    const held = { transactionId, issuedAtMs, digest, isCommitted, refusal };
    requests.set(requestId, isByHand === true ? { ...held, isByHand } : held);
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
  if (before && !isBelow(before, floor)) return;
  tables.floors.set(coordinatorId, floor);
  const finished = tables.finished.get(coordinatorId);
  if (!finished) return;
  for (let oldest = finished.first(); oldest !== undefined; oldest = finished.first()) {
    if (!dropFinished(node, coordinatorId, oldest, floor)) return;
  }
}

/** False when the floor has not passed it. */
function dropFinished(
  node: NodeState,
  coordinatorId: NodeId,
  transactionId: TransactionId,
  floor: Floor,
): boolean {
  if (!isIdBelow(transactionId, floor)) return false;
  const { transactions, finished, requests } = node.participant;
  const state = transactions.get(transactionId);
  finished.get(coordinatorId)?.delete(transactionId);
  if (state) rememberOutcome(node, transactionId, state);
  if (state?.job) packHeld(requests, state.job.requestId, transactionId, node.settings.requestWindowMs);
  transactions.delete(transactionId);
  return true;
}

/** What is certain about a finished transaction is kept a while for peers that are in doubt. */
function rememberOutcome(node: NodeState, transactionId: TransactionId, state: ParticipantState): void {
  const isSure =
    state.phase === "committed" || (state.phase === "aborted" && (state.isForced || state.isDecided));
  if (!isSure) return;
  noteOutcome(node.participant.outcomes, transactionId, state.phase === "committed" ? "commit" : "abort");
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
