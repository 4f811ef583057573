import type { TransactionId } from "../schema/ids.ts";
import type { BranchView, CoordinatorView, ParticipantView } from "../schema/views.ts";
import { type CoordinatorState, heardFrom } from "./coordinator.ts";
import { assertNever } from "./errors.ts";
import { lookUp } from "./look-up.ts";
import type { Heuristic, ParticipantState } from "./participant-state.ts";

/** What the node loop adds to a view: its clock and its counters. */
export type Measured = "startedAtMs" | "endedAtMs" | "counts";

/** A transaction as its coordinator shows it. */
export function viewCoordinator(state: CoordinatorState): Omit<CoordinatorView, Measured> {
  const { transactionId, requestId, attempt, operations, participants } = state.info;
  return {
    role: "coordinator",
    transactionId,
    requestId,
    attempt,
    phase: state.phase,
    outcome: outcomeOf(state),
    reason: state.phase === "forgotten" ? state.reason : null,
    branches: participants.map(({ name }) => viewBranch(state, name)),
    operations: operations ? [...operations] : null,
    results: participants.flatMap(({ name }) => heardFrom(state.votes, name)?.results ?? []),
  };
}

function viewBranch(state: CoordinatorState, name: BranchView["name"]): BranchView {
  const vote = heardFrom(state.votes, name);
  const voter = "record" in state ? state.record.voters.find((each) => each.name === name) : undefined;
  const isDone = state.phase === "forgotten" && state.outcome === "committed";
  return {
    name,
    vote: vote?.vote ?? null,
    reason: vote?.reason ?? null,
    preparedAt: vote?.preparedAt ?? null,
    acked:
      isDone || (state.phase === "committing" && voter !== undefined && !state.awaitingAck.includes(name)),
    refusal: state.phase === "committing" ? (lookUp(state.refusals, name)?.text ?? null) : null,
  };
}

/** The decision, once it is durable or needs no record. */
function outcomeOf(state: CoordinatorState): "committed" | "aborted" | null {
  switch (state.phase) {
    case "preparing":
    case "one-phase":
    case "deciding":
      return null;
    case "committing":
      return "committed";
    case "forgotten":
      return state.outcome;
    default:
      return assertNever(state, "phase");
  }
}

/** A transaction as one of its participants shows it. */
export function viewParticipant(
  transactionId: TransactionId,
  state: ParticipantState,
): Omit<ParticipantView, Measured> {
  const job = state.job;
  return {
    role: "participant",
    transactionId,
    requestId: job?.requestId ?? null,
    coordinator: job?.coordinator.name ?? null,
    phase: phaseWord(state),
    vote: voteOf(state),
    reason: state.phase === "aborted" || state.phase === "aborting" ? state.reason : null,
    answers: state.phase === "prepared" || state.phase === "heuristic" ? { ...state.answers } : {},
    heuristic: state.phase === "heuristic" ? viewHeuristic(state) : null,
    trouble: state.phase === "prepared" || state.phase === "performing" ? state.trouble : null,
    redo: "work" in state && state.work ? [...state.work.redo] : [],
    undo: "work" in state && state.work ? [...state.work.undo] : [],
  };
}

function phaseWord({ phase }: ParticipantState): ParticipantView["phase"] {
  if (phase === "aborting") return "aborted";
  return phase === "read-only" ? "forgotten" : phase;
}

function viewHeuristic({ decision, truth, verdict }: Heuristic): ParticipantView["heuristic"] {
  const ending = truth === null ? "hazard" : truth === decision ? "agreed" : "mixed";
  return { decision, truth, ending, ...verdict };
}

function voteOf(state: ParticipantState): ParticipantView["vote"] {
  switch (state.phase) {
    case "working":
      return null;
    case "prepared":
    case "performing":
    case "heuristic":
    case "committed":
      return "yes";
    case "aborting":
    case "aborted":
      return state.reason ? "no" : null;
    case "read-only":
      return "read-only";
    default:
      return assertNever(state, "phase");
  }
}
