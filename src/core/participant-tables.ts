import type { Floor, NodeId, TransactionId } from "../schema/ids.ts";
import { dropHeld } from "./held-requests.ts";
import { isBelow, isIdBelow, runOf } from "./ids.ts";
import { type NodeState, tableOf } from "./node-state.ts";
import { noteOutcome } from "./outcomes.ts";
import { guardRequest, letRequestGo, newestIssuedMs, takeRequest } from "./participant-requests.ts";
import type { ParticipantState } from "./participant-state.ts";

/** Keeps the tables beside the entry true: who is finished, which request is held. */
export function enterState(
  node: NodeState,
  transactionId: TransactionId,
  state: ParticipantState,
  before: ParticipantState | undefined = node.participant.transactions.get(transactionId),
): void {
  const tables = node.participant;
  if (state.job) {
    if (before === undefined) takeRequest(node, state.job);
    letRequestGo(node, state.job, state);
  }
  const { coordinatorId } = runOf(transactionId);
  const isOver = state.phase === "committed" || state.phase === "aborted" || state.phase === "read-only";
  const floor = isOver ? tables.floors.get(coordinatorId) : undefined;
  // Mostly the floor has passed it while it was finishing.
  if (floor && isIdBelow(transactionId, floor)) return drop(node, coordinatorId, transactionId, state);
  tables.transactions.set(transactionId, state);
  if (isOver || hasEnded(state)) tableOf(tables.finished, coordinatorId).set(transactionId, null);
}

/** Work that was undone by hand must not be taken for committed and forgotten, should its commit still come. */
function hasEnded(state: ParticipantState): boolean {
  if (state.phase !== "heuristic" || state.step !== "ended") return false;
  return state.decision !== "abort" || state.truth !== null;
}

/** The floor only rises. What is finished and below it can never be prepared again, and is dropped. Returns the floor from then on. */
export function raiseFloor(node: NodeState, coordinatorId: NodeId, floor: Floor): Floor {
  const tables = node.participant;
  const before = tables.floors.get(coordinatorId);
  if (before && !isBelow(before, floor)) return before;
  tables.floors.set(coordinatorId, floor);
  const finished = tables.finished.get(coordinatorId);
  for (let oldest = finished?.first(); oldest && isIdBelow(oldest, floor); oldest = finished?.first()) {
    drop(node, coordinatorId, oldest, tables.transactions.get(oldest));
  }
  return floor;
}

/** The floor has passed it with this state. */
function drop(
  node: NodeState,
  coordinatorId: NodeId,
  transactionId: TransactionId,
  state: ParticipantState | undefined,
): void {
  const { transactions, finished } = node.participant;
  finished.get(coordinatorId)?.delete(transactionId);
  if (state) rememberOutcome(node, transactionId, state);
  if (state?.job) guardRequest(node, state.job, state);
  transactions.delete(transactionId);
}

/** What is certain about a finished transaction is kept a while for peers that are in doubt. */
function rememberOutcome(node: NodeState, transactionId: TransactionId, state: ParticipantState): void {
  const isSure =
    state.phase === "committed" || (state.phase === "aborted" && (state.isForced || state.isDecided));
  if (!isSure) return;
  noteOutcome(node.participant.outcomes, transactionId, state.phase === "committed" ? "commit" : "abort");
}

/**
 * The time before which what was issued is old at `wallMs`. A wall clock that is ahead makes nothing old: the window also ends no
 * later than one before the newest request.
 */
export function windowStartMs(node: NodeState, wallMs: number): number {
  return Math.min(wallMs, newestIssuedMs(node)) - node.settings.requestWindowMs;
}

/**
 * Drops requests that the window has passed at `wallMs`, as many as are dropped in a moment, and remembers that they may have been
 * dropped. One whose transaction has an entry is kept with it: its coordinator may still ask what became of it. Those without one
 * go a slice of the window at a time. Returns true while there may be more.
 */
export function dropOldRequests(node: NodeState, wallMs: number): boolean {
  const tables = node.participant;
  const beforeMs = windowStartMs(node, wallMs);
  const droppedMs = dropHeld(tables.requests, beforeMs, (id) => tables.transactions.has(id));
  tables.requestFloorMs = Math.max(tables.requestFloorMs, droppedMs);
  return droppedMs > 0;
}
