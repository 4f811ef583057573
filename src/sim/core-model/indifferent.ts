import type { Timer } from "../../core/effects.ts";
import type { NodeState, RequestState } from "../../core/node-state.ts";
import type { Process } from "./process.ts";

/*
 * Some of what a node keeps makes no difference to what can happen, where time is not kept: how long its rounds of
 * saying something again have become, and what only people read.
 */

/**
 * Rounds only make delays longer; what counts is whether one was seen. Without this there would be a new state for every
 * round. Changes the node's tables in place.
 */
export function forgetRounds(node: NodeState): void {
  const { coordinator, participant } = node;
  for (const rounds of [coordinator.resendRounds, participant.inquiryRounds]) capAtOne(rounds);
  for (const nested of [coordinator.awaiting, participant.inDoubt]) nested.forEach(capAtOne);
}

function capAtOne<K>(rounds: Map<K, number>): void {
  for (const [key, count] of rounds) if (count > 1) rounds.set(key, 1);
}

/** One process for all that differ in nothing that matters. Changes the node's tables in place, which must be its own. */
export function withoutIndifferent(process: Process): Process {
  const { node } = process;
  const checkpoint = dropGroundsKept(process.checkpoint);
  if (!node) return { ...process, checkpoint };
  dropAnswers(node);
  dropGrounds(node);
  markAtOnce(node);
  return { ...process, checkpoint, timers: process.timers.filter((timer) => !endIfIdle(timer, node)) };
}

/** Of what was heard in doubt, only that a coordinator's store is lost makes a node do something. */
function dropAnswers({ participant: { transactions } }: NodeState): void {
  for (const [id, state] of transactions) {
    if (state.phase !== "prepared" && state.phase !== "heuristic") continue;
    const telling = Object.entries(state.answers).filter(([, answer]) => answer === "not-mine");
    transactions.set(id, { ...state, answers: Object.fromEntries(telling) });
  }
}

function dropGrounds({ coordinator: { requests } }: NodeState): void {
  for (const [id, request] of requests) requests.set(id, withoutGrounds(request));
}

function dropGroundsKept(checkpoint: Process["checkpoint"]): Process["checkpoint"] {
  if (!checkpoint) return null;
  const { image } = checkpoint;
  const settled = image.node.settled.map(withoutGrounds);
  return { ...checkpoint, image: { ...image, node: { ...image.node, settled } } };
}

/**
 * Where a request may be tried again, whose fault it was and how all had voted is for people: of several it names the first
 * in the list, which would be another one in other names.
 */
function withoutGrounds<Request extends RequestState>(request: Request): Request {
  if (request.phase === "running") return request;
  if (request.reason === null) return { ...request, votes: {} };
  if (!request.reason.retryable) return request;
  const { code, retryable } = request.reason;
  return { ...request, reason: { participant: null, code, message: "", retryable }, votes: {} };
}

/** The first round of a transaction only marks it, and may come at once: the only one of its peer is marked already. */
function markAtOnce({ coordinator, participant }: NodeState): void {
  for (const nested of [coordinator.awaiting, participant.inDoubt]) {
    for (const owed of nested.values()) if (owed.size === 1) for (const id of owed.keys()) owed.set(id, 1);
  }
}

/**
 * Ends the rounds of a timer that would find nothing to say; false where it would. It would only stop, and what there is to say
 * by then would have begun it anew. One without rounds, or rounds without a timer, would be a fault, and stays to be seen.
 */
function endIfIdle(timer: Timer, { coordinator, participant }: NodeState): boolean {
  if (timer.kind === "resend")
    return !coordinator.awaiting.get(timer.id)?.size && coordinator.resendRounds.delete(timer.id);
  if (timer.kind === "inquire")
    return !participant.inDoubt.get(timer.id)?.size && participant.inquiryRounds.delete(timer.id);
  return false;
}
