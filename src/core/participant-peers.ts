import type { NodeName } from "../schema/ids.ts";
import { assertNever } from "./errors.ts";
import { lookUp } from "./look-up.ts";
import type {
  Aborted,
  ParticipantEffect,
  ParticipantState,
  PeerEvent,
  Prepared,
  Working,
} from "./participant-state.ts";
import { alreadyAborted } from "./reasons.ts";

// Each returns the state from then on, and adds what is to be done to `effects`.

/** A peer that is in doubt asks. Only what is certain is said, and an own abort only when it is on disk. */
export function answerPeer(
  state: ParticipantState,
  from: NodeName,
  effects: ParticipantEffect[],
): ParticipantState {
  const say = (answer: Extract<ParticipantEffect, { type: "answer-peer" }>["answer"]): ParticipantState => {
    effects.push({ type: "answer-peer", to: from, answer });
    return state;
  };
  switch (state.phase) {
    case "working":
      return abortUnvoted(state, from, effects);
    case "prepared":
      return say(state.isPerforming ? "commit" : "in-doubt");
    case "performing":
    case "committed":
      return say("commit");
    case "aborting":
      return { ...state, askers: [...state.askers.filter((name) => name !== from), from] };
    case "aborted":
      return state.isForced || state.isDecided ? say("abort") : forceAbort(state, from, effects);
    case "heuristic": // Answers for itself.
      return state;
    case "read-only": // Its vote says nothing about the decision.
      return say("unknown");
    default:
      return assertNever(state, "phase");
  }
}

/** It holds the work and has promised nothing: its abort, once durable, decides the transaction. */
function abortUnvoted(
  { job, work }: Working,
  from: NodeName,
  effects: ParticipantEffect[],
): ParticipantState {
  const reason = alreadyAborted("a peer in doubt asked before this participant had voted");
  effects.push({ type: "append-aborted", force: true });
  if (work) effects.push({ type: "undo-work", undo: work.undo });
  return { phase: "aborting", job, reason, tells: "vote-no", askers: [from] };
}

/** An abort that did not come from the coordinator is made durable before any peer hears of it. */
function forceAbort(
  { job, reason }: Aborted,
  from: NodeName,
  effects: ParticipantEffect[],
): ParticipantState {
  effects.push({ type: "append-aborted", force: true });
  return { phase: "aborting", job, reason, tells: "nothing", askers: [from] };
}

/** An answer to an own inquiry. "I do not know it" and "I am in doubt as well" decide nothing. */
export function hearAnswer(
  state: ParticipantState,
  event: Extract<PeerEvent, { type: "answer-received" }>,
  effects: ParticipantEffect[],
): ParticipantState {
  if (state.phase !== "prepared" || state.isPerforming) return state;
  switch (event.answer) {
    case "commit":
      effects.push({ type: "perform-work" });
      return { ...state, isPerforming: true };
    case "abort":
      return abortByPeer(state, effects);
    case "in-doubt":
    case "unknown":
    case "pending":
    case "try-later":
    case "not-mine":
      if (lookUp(state.answers, event.from) === event.answer) return state;
      return { ...state, answers: { ...state.answers, [event.from]: event.answer } };
    default:
      return assertNever(event.answer, "answer");
  }
}

function abortByPeer({ job, work }: Prepared, effects: ParticipantEffect[]): ParticipantState {
  effects.push({ type: "append-aborted", force: false });
  effects.push({ type: "undo-work", undo: work.undo });
  return { phase: "aborted", job, reason: null, isForced: false, isDecided: false };
}
