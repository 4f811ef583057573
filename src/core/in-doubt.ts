import type { NodeName } from "../schema/ids.ts";
import { runOf } from "./ids.ts";
import type { NodeState } from "./node-state.ts";
import type { Heuristic, ParticipantState, Prepared } from "./participant-state.ts";

// Who is in doubt is told by the states: nearly all are for a moment, and are asked about by nobody.

/** In doubt, or settled by an operator: that goes on asking until the true decision is known. */
export function isInDoubt(state: ParticipantState): state is Prepared | Heuristic {
  if (state.phase === "prepared") return true;
  return state.phase === "heuristic" && state.truth === null && state.step !== "ended";
}

/** All of them. */
export function* allInDoubt({ participant }: NodeState): Generator<Prepared | Heuristic, void> {
  for (const state of participant.transactions.values()) if (isInDoubt(state)) yield state;
}

/** Those of one coordinator. */
export function* inDoubtOf(node: NodeState, coordinator: NodeName): Generator<Prepared | Heuristic, void> {
  for (const state of allInDoubt(node)) if (coordinatorOf(state) === coordinator) yield state;
}

/** Whom it asks first. */
export function coordinatorOf({ job }: Prepared | Heuristic): NodeName {
  return runOf(job.transactionId).coordinatorName;
}

/** A round has come to all that are in doubt of this coordinator now. */
export function markInDoubt(node: NodeState, coordinator: NodeName): void {
  const marked = new Map(
    [...inDoubtOf(node, coordinator)].map(({ job }) => [job.transactionId, true] as const),
  );
  node.participant.longInDoubt.set(coordinator, marked);
}
