import type { NodeName } from "../schema/ids.ts";
import { assertNever } from "./errors.ts";
import { lookUp } from "./look-up.ts";
import type {
  Aborted,
  ParticipantEffect,
  ParticipantState,
  ParticipantStep,
  PeerEvent,
  Prepared,
  Working,
} from "./participant-state.ts";
import { alreadyAborted } from "./reasons.ts";

const stay = (state: ParticipantState): ParticipantStep => ({ state, effects: [] });

/** A peer that is in doubt asks. Only what is certain is said, and an own abort only when it is on disk. */
export function answerPeer(state: ParticipantState, from: NodeName): ParticipantStep {
  const say = (answer: Extract<ParticipantEffect, { type: "answer-peer" }>["answer"]): ParticipantStep => ({
    state,
    effects: [{ type: "answer-peer", to: from, answer }],
  });
  switch (state.phase) {
    case "working":
      return abortUnvoted(state, from);
    case "prepared":
      return say(state.isPerforming ? "commit" : "in-doubt");
    case "performing":
    case "committed":
      return say("commit");
    case "aborting":
      return stay({ ...state, askers: [...state.askers.filter((name) => name !== from), from] });
    case "aborted":
      return state.isForced || state.isDecided ? say("abort") : forceAbort(state, from);
    case "heuristic": // Answers for itself.
      return stay(state);
    case "read-only": // Its vote says nothing about the decision.
      return say("unknown");
    default:
      return assertNever(state, "phase");
  }
}

/** It holds the work and has promised nothing: its abort, once durable, decides the transaction. */
function abortUnvoted({ job, work }: Working, from: NodeName): ParticipantStep {
  const reason = alreadyAborted("a peer in doubt asked before this participant had voted");
  const effects: ParticipantEffect[] = [{ type: "append-aborted", force: true }];
  if (work) effects.push({ type: "undo-work", undo: work.undo });
  return { state: { phase: "aborting", job, reason, tells: "vote-no", askers: [from] }, effects };
}

/** An abort that did not come from the coordinator is made durable before any peer hears of it. */
function forceAbort({ job, reason }: Aborted, from: NodeName): ParticipantStep {
  return {
    state: { phase: "aborting", job, reason, tells: "nothing", askers: [from] },
    effects: [{ type: "append-aborted", force: true }],
  };
}

/** An answer to an own inquiry. "I do not know it" and "I am in doubt as well" decide nothing. */
export function hearAnswer(
  state: ParticipantState,
  event: Extract<PeerEvent, { type: "answer-received" }>,
): ParticipantStep {
  if (state.phase !== "prepared" || state.isPerforming) return stay(state);
  switch (event.answer) {
    case "commit":
      return {
        state: { ...state, isPerforming: true },
        effects: [{ type: "perform-work" }],
      };
    case "abort":
      return abortByPeer(state);
    case "in-doubt":
    case "unknown":
    case "pending":
    case "try-later":
    case "not-mine":
      if (lookUp(state.answers, event.from) === event.answer) return stay(state);
      return stay({ ...state, answers: { ...state.answers, [event.from]: event.answer } });
    default:
      return assertNever(event.answer, "answer");
  }
}

function abortByPeer({ job, work }: Prepared): ParticipantStep {
  return {
    state: { phase: "aborted", job, reason: null, isForced: false, isDecided: false },
    effects: [
      { type: "append-aborted", force: false },
      { type: "undo-work", undo: work.undo },
    ],
  };
}
