import type { Verdict } from "../schema/records.ts";
import { assertNever } from "./errors.ts";
import type {
  Decision,
  Heuristic,
  HeuristicEvent,
  ParticipantEffect,
  ParticipantEvent,
  ParticipantState,
  ParticipantStep,
  Prepared,
} from "./participant-state.ts";

const stay = (state: ParticipantState): ParticipantStep => ({ state, effects: [] });

/** An operator's word, or the disk's about it, in any phase. Only what is in doubt can be settled by hand. */
export function stepByOperator(state: ParticipantState, event: HeuristicEvent): ParticipantStep {
  if (event.type === "operator-decided") {
    if (state.phase !== "prepared" || state.isPerforming) return stay(state);
    return decide(state, event.decision, event.verdict);
  }
  if (state.phase !== "heuristic") return stay(state);
  switch (event.type) {
    case "heuristic-forced":
      return state.step === "forcing" ? compare({ ...state, step: "applied" }) : stay(state);
    case "operator-forgot": {
      if (state.step !== "applied") return stay(state);
      const ending = state.truth === null ? "hazard" : "mixed";
      return close(state, ending, event.verdict);
    }
    case "heuristic-end-forced":
      return state.step === "ending" ? end(state) : stay(state);
    default:
      return assertNever(event, "event");
  }
}

/** The work is done or undone as the record is appended; nobody is told before it is on disk. */
function decide(prepared: Prepared, decision: Decision, verdict: Verdict): ParticipantStep {
  const { job, work, preparedAt, answers } = prepared;
  const state = {
    phase: "heuristic",
    job,
    work,
    preparedAt,
    decision,
    verdict,
    truth: null,
    ending: null,
    answers,
  } as const;
  if (decision === "commit") {
    return { state: { ...state, step: "applying" }, effects: [{ type: "perform-work" }] };
  }
  return {
    state: { ...state, step: "forcing" },
    effects: [
      { type: "append-heuristic", decision, verdict },
      { type: "undo-work", undo: work.undo },
    ],
  };
}

function close(
  state: Heuristic,
  ending: "agreed" | "mixed" | "hazard",
  verdict: Verdict | null,
): ParticipantStep {
  return {
    state: { ...state, step: "ending", ending },
    effects: [{ type: "append-heuristic-end", ending, verdict }],
  };
}

/** Everything else that can happen to a transaction that an operator has settled. */
export function stepHeuristic(state: Heuristic, event: ParticipantEvent): ParticipantStep {
  switch (event.type) {
    case "commit-received":
      return learn(state, "commit");
    case "abort-received":
      return learn(state, "abort");
    case "answer-received":
      if (event.answer === "commit" || event.answer === "abort") return learn(state, event.answer);
      return stay({ ...state, answers: { ...state.answers, [event.from]: event.answer } });
    case "peer-inquiry-received": {
      // An operator's decision is nobody's evidence.
      const unknown = state.step === "ended" ? "unknown" : "in-doubt";
      return { state, effects: [{ type: "answer-peer", to: event.from, answer: state.truth ?? unknown }] };
    }
    case "work-performed": {
      if (state.step !== "applying") return stay(state);
      const { decision, verdict } = state;
      return {
        state: { ...state, step: "forcing" },
        effects: [{ type: "append-heuristic", decision, verdict }],
      };
    }
    case "work-failed": {
      if (state.step !== "applying") return stay(state);
      const { job, work, preparedAt, answers } = state; // In doubt as before; the operator may ask again.
      return stay({
        phase: "prepared",
        job,
        work,
        preparedAt,
        isPerforming: false,
        trouble: event.text,
        answers,
      });
    }
    case "operator-decided":
    case "operator-forgot":
    case "heuristic-forced":
    case "heuristic-end-forced":
      return stepByOperator(state, event);
    case "prepare-received":
    case "work-planned":
    case "prepared-forced":
    case "committed-forced":
    case "aborted-forced":
    case "decided-inquiry-received":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

/** The coordinator's decision has come, from itself or from a peer that knew it. */
function learn(state: Heuristic, truth: Decision): ParticipantStep {
  if (state.step === "ended") return answerAfterEnd(state, truth);
  if (state.truth !== null) {
    // The decision comes again: so is it answered, but not before the operator's is on disk.
    const isDue = state.step === "applied" && state.truth === "commit" && truth === "commit";
    return isDue ? report(state) : stay(state);
  }
  const next: Heuristic = { ...state, truth };
  return next.step === "applied" ? compare(next) : stay(next);
}

/** It agrees: over, once that is on disk. It does not: everybody is told, until an operator takes note. */
function compare(state: Heuristic): ParticipantStep {
  if (state.truth === null) return stay(state);
  if (state.truth !== state.decision) return report(state);
  return close(state, "agreed", null);
}

function report(state: Heuristic): ParticipantStep {
  if (state.truth === null || state.truth === state.decision) return stay(state);
  const { decision, truth, verdict, job } = state;
  const text = `heuristic mixed: ${verdict.by} decided ${decision} of ${job.transactionId}, its coordinator ${truth}`;
  const effects: ParticipantEffect[] = [{ type: "contradicted", text }];
  if (truth === "commit") effects.push({ type: "report-mixed", text });
  return { state, effects };
}

function end(state: Heuristic): ParticipantStep {
  const { job, work, decision, truth, ending } = state;
  const effects: ParticipantEffect[] = truth === "commit" ? [{ type: "send-ack" }] : [];
  if (ending !== "agreed") return { state: { ...state, step: "ended" }, effects };
  if (decision === "commit") return { state: { phase: "committed", job, work }, effects };
  return { state: { phase: "aborted", job, reason: null, isForced: true, isDecided: true }, effects };
}

/** A decision that comes again, or for the first time after a hazard was taken note of. */
function answerAfterEnd(state: Heuristic, truth: Decision): ParticipantStep {
  if (truth === "abort") return stay(state);
  if (state.truth === "commit" || state.decision === "commit")
    return { state, effects: [{ type: "send-ack" }] };
  return report({ ...state, truth });
}
