import { owedBy, owedTo } from "../../core/coordinator-desk.ts";
import type { Timer } from "../../core/effects.ts";
import { inDoubtOf, isInDoubt, markInDoubt } from "../../core/in-doubt.ts";
import type { NodeState, Owed, RequestState, SettledRequest } from "../../core/node-state.ts";
import type { NodeName, TransactionId } from "../../schema/ids.ts";
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
  for (const marked of participant.longInDoubt.values()) dropDecided(node, marked);
  for (const [name, marked] of coordinator.overdue) dropAnswered(node, name, marked);
}

function capAtOne<Key>(rounds: Iterable<[Key, number]> & { set(key: Key, count: number): unknown }): void {
  for (const [key, count] of rounds) if (count > 1) rounds.set(key, 1);
}

/** What a round has marked and has been answered since makes no difference to the next one. */
function dropAnswered({ coordinator }: NodeState, name: NodeName, marked: Map<TransactionId, Owed>): void {
  for (const [id, owed] of marked) {
    const state = coordinator.transactions.get(id);
    if (state === undefined || owedBy(name, state) !== owed) marked.delete(id);
  }
}

/** The same of what a round has met and is not in doubt any more. */
function dropDecided({ participant }: NodeState, marked: Map<TransactionId, true>): void {
  for (const id of marked.keys()) {
    const state = participant.transactions.get(id);
    if (state === undefined || !isInDoubt(state)) marked.delete(id);
  }
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

function dropGrounds({ coordinator: { requests, settled } }: NodeState): void {
  for (const [id, request] of requests) requests.set(id, withoutGrounds(request));
  for (const [, request] of settled) settled.add(withoutGrounds(request));
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
function withoutGrounds<Request extends RequestState | SettledRequest>(request: Request): Request {
  if (request.phase === "running") return request;
  if (request.reason === null) return { ...request, votes: {} };
  if (!request.reason.retryable) return request;
  const { code, retryable } = request.reason;
  return { ...request, reason: { participant: null, code, message: "", retryable }, votes: {} };
}

/** The first round of a transaction only marks it, and may come at once: the only one of its peer is marked already. */
function markAtOnce(node: NodeState): void {
  for (const name of node.coordinator.resendRounds.keys()) {
    const [first, second] = owedTo(node, name);
    if (first === undefined || second !== undefined) continue;
    const [{ info }, owed] = first;
    node.coordinator.overdue.set(name, new Map([[info.transactionId, owed]]));
  }
  for (const name of node.participant.inquiryRounds.keys()) {
    const [first, second] = inDoubtOf(node, name);
    if (first !== undefined && second === undefined) markInDoubt(node, name);
  }
}

/**
 * Ends the rounds of a timer that would find nothing to say; false where it would. It would only stop, and what there is to say
 * by then would have begun it anew. One without rounds, or rounds without a timer, would be a fault, and stays to be seen.
 */
function endIfIdle(timer: Timer, node: NodeState): boolean {
  const { coordinator, participant } = node;
  if (timer.kind === "resend") {
    if (!owedTo(node, timer.id).next().done) return false;
    coordinator.overdue.delete(timer.id);
    return coordinator.resendRounds.delete(timer.id);
  }
  if (timer.kind === "inquire") {
    if (!inDoubtOf(node, timer.id).next().done) return false;
    participant.longInDoubt.delete(timer.id);
    return participant.inquiryRounds.delete(timer.id);
  }
  return false;
}
