import type { RequestId } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import { allHeld, findHeld, isGuarded, keepHeld, newestHeldMs } from "./held-requests.ts";
import { counterOf } from "./ids.ts";
import type { HeldRequest, NodeState } from "./node-state.ts";
import { own } from "./participant-effects.ts";
import type { Job, ParticipantState } from "./participant-state.ts";
import { renewed } from "./renewed.ts";

// One request, one transaction. While the transaction has an entry, what has become of its request is told by its state; what is
// guarded when that leaves is kept by itself.

/** A transaction that comes holds its request. */
export function takeRequest({ participant }: NodeState, job: Job): void {
  // `renewed` says why the table is copied. Counters count what comes, near enough.
  participant.holders = renewed(participant.holders, counterOf(job.transactionId));
  participant.holders.set(job.requestId, job);
}

/** What has aborted lets its request go, to be tried again by another transaction, unless it was refused for good. */
export function letRequestGo(
  { participant: { holders } }: NodeState,
  job: Job,
  state: ParticipantState,
): void {
  const isOpen = state.phase === "read-only" || (state.phase === "aborted" && !isRefusal(state.reason));
  if (isOpen && isHolder(holders, job)) holders.delete(job.requestId);
}

/** The transaction leaves with this state: its request is guarded for the window, if it need be. */
export function guardRequest(node: NodeState, job: Job, state: ParticipantState): void {
  const { holders, requests } = node.participant;
  if (!isHolder(holders, job)) return;
  holders.delete(job.requestId);
  const held = heldIn(node, job, state);
  if (isGuarded(held)) keepHeld(requests, job.requestId, held, node.settings.requestWindowMs);
}

function isHolder(holders: ReadonlyMap<RequestId, Job>, { requestId, transactionId }: Job): boolean {
  return holders.get(requestId)?.transactionId === transactionId;
}

/** Who holds a request here, and what has become of it. */
export function findRequest(node: NodeState, requestId: RequestId): HeldRequest | undefined {
  const { holders, requests } = node.participant;
  const job = holders.get(requestId);
  return job === undefined ? findHeld(requests, requestId) : heldBy(node, job);
}

/** Every request that is held, each once, in no order that means anything. */
export function* allRequests(node: NodeState): Generator<readonly [RequestId, HeldRequest], void> {
  yield* requestsOfTransactions(node);
  yield* allHeld(node.participant.requests);
}

/** Those of them that a checkpoint's pages do not hold. */
export function* unpackedRequests(node: NodeState): Generator<readonly [RequestId, HeldRequest], void> {
  yield* requestsOfTransactions(node);
  yield* node.participant.requests.recent;
}

function* requestsOfTransactions(node: NodeState): Generator<readonly [RequestId, HeldRequest], void> {
  for (const [requestId, job] of node.participant.holders) yield [requestId, heldBy(node, job)];
}

/** When the newest of them was issued, 0 without any. */
export function newestIssuedMs({ participant: { holders, requests } }: NodeState): number {
  let newestMs = newestHeldMs(requests);
  for (const { issuedAtMs } of holders.values()) newestMs = Math.max(newestMs, issuedAtMs);
  return newestMs;
}

function heldBy(node: NodeState, job: Job): HeldRequest {
  return heldIn(node, job, node.participant.transactions.get(job.transactionId));
}

/** Committed ones are guarded for the window, refused ones stay refused. */
function heldIn(node: NodeState, job: Job, state: ParticipantState | undefined): HeldRequest {
  const { transactionId, issuedAtMs, digest } = job;
  const isCommitted = state !== undefined && hasCommitted(state);
  const refusal = state?.phase === "aborted" && isRefusal(state.reason) ? own(node, state.reason) : null;
  const held = { transactionId, issuedAtMs, digest, isCommitted, refusal };
  const isByHand = isCommitted && state.phase === "heuristic" && state.truth !== "commit";
  return isByHand ? { ...held, isByHand } : held;
}

function hasCommitted(state: ParticipantState): boolean {
  if (state.phase === "heuristic") return state.decision === "commit" || state.truth === "commit";
  return state.phase === "performing" || state.phase === "committed";
}

function isRefusal(reason: Reason | null): reason is Reason {
  return reason !== null && !reason.retryable;
}
