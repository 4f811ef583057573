import type { Timer } from "../../core/effects.ts";
import type { NodeState } from "../../core/node-state.ts";
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
  if (!node) return process;
  dropAnswers(node);
  dropLateness(node);
  markAtOnce(node);
  return withoutIdleTimers(process, node);
}

/** Of what was heard in doubt, only that a coordinator's store is lost makes a node do something. */
function dropAnswers({ participant: { transactions } }: NodeState): void {
  for (const [id, state] of transactions) {
    if (state.phase !== "prepared" && state.phase !== "heuristic") continue;
    const telling = Object.entries(state.answers).filter(([, answer]) => answer === "not-mine");
    transactions.set(id, { ...state, answers: Object.fromEntries(telling) });
  }
}

/** Of several who are late the first in the list is named, which would be another one in other names. */
function dropLateness({ coordinator: { requests } }: NodeState): void {
  for (const [id, request] of requests) {
    if (request.phase === "running" || request.reason?.code !== "vote-timeout") continue;
    requests.set(id, { ...request, reason: { ...request.reason, participant: null, message: "" } });
  }
}

/** The first round of a transaction only marks it, and may come at once: the only one of its peer is marked already. */
function markAtOnce({ coordinator, participant }: NodeState): void {
  for (const nested of [coordinator.awaiting, participant.inDoubt]) {
    for (const owed of nested.values()) if (owed.size === 1) for (const id of owed.keys()) owed.set(id, 1);
  }
}

/** A timer of rounds that finds nothing to say only stops, and what there is to say by then would have begun it anew. */
function withoutIdleTimers(process: Process, { coordinator, participant }: NodeState): Process {
  const isIdle = (timer: Timer): boolean => {
    // A timer without rounds, or rounds without a timer, would be a fault: it stays to be seen.
    if (timer.kind === "resend")
      return !coordinator.awaiting.get(timer.id)?.size && coordinator.resendRounds.delete(timer.id);
    if (timer.kind === "inquire")
      return !participant.inDoubt.get(timer.id)?.size && participant.inquiryRounds.delete(timer.id);
    return false;
  };
  return { ...process, timers: process.timers.filter((timer) => !isIdle(timer)) };
}
