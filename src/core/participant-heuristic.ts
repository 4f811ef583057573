import type { Verdict } from "../schema/records.ts";
import { assertNever } from "./errors.ts";
import type {
  Decision,
  Heuristic,
  HeuristicEvent,
  ParticipantEffect,
  ParticipantEvent,
  ParticipantState,
  Prepared,
} from "./participant-state.ts";

// Each returns the state from then on, and adds what is to be done to `effects`.

/** An operator's word, or the disk's about it, in any phase. Only what is in doubt can be settled by hand. */
export function stepByOperator(
  state: ParticipantState,
  event: HeuristicEvent,
  effects: ParticipantEffect[],
): ParticipantState {
  if (event.type === "operator-decided") {
    if (state.phase !== "prepared" || state.isPerforming) return state;
    return decide(state, event.decision, event.verdict, effects);
  }
  if (state.phase !== "heuristic") return state;
  switch (event.type) {
    case "heuristic-forced":
      return state.step === "forcing" ? compare({ ...state, step: "applied" }, effects) : state;
    case "operator-forgot": {
      if (state.step !== "applied") return state;
      const ending = state.truth === null ? "hazard" : "mixed";
      return close(state, ending, event.verdict, effects);
    }
    case "heuristic-end-forced":
      return state.step === "ending" ? end(state, effects) : state;
    default:
      return assertNever(event, "event");
  }
}

/** The work is done or undone as the record is appended; nobody is told before it is on disk. */
function decide(
  prepared: Prepared,
  decision: Decision,
  verdict: Verdict,
  effects: ParticipantEffect[],
): ParticipantState {
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
    effects.push({ type: "perform-work" });
    return { ...state, step: "applying" };
  }
  effects.push({ type: "append-heuristic", decision, verdict });
  effects.push({ type: "undo-work", undo: work.undo });
  return { ...state, step: "forcing" };
}

function close(
  state: Heuristic,
  ending: "agreed" | "mixed" | "hazard",
  verdict: Verdict | null,
  effects: ParticipantEffect[],
): ParticipantState {
  effects.push({ type: "append-heuristic-end", ending, verdict });
  return { ...state, step: "ending", ending };
}

/** Everything else that can happen to a transaction that an operator has settled. */
export function stepHeuristic(
  state: Heuristic,
  event: ParticipantEvent,
  effects: ParticipantEffect[],
): ParticipantState {
  switch (event.type) {
    case "commit-received":
      return learn(state, "commit", effects);
    case "abort-received":
      return learn(state, "abort", effects);
    case "answer-received":
      if (event.answer === "commit" || event.answer === "abort") return learn(state, event.answer, effects);
      return { ...state, answers: { ...state.answers, [event.from]: event.answer } };
    case "peer-inquiry-received": {
      // An operator's decision is nobody's evidence.
      const unknown = state.step === "ended" ? "unknown" : "in-doubt";
      effects.push({ type: "answer-peer", to: event.from, answer: state.truth ?? unknown });
      return state;
    }
    case "work-performed": {
      if (state.step !== "applying") return state;
      const { decision, verdict } = state;
      effects.push({ type: "append-heuristic", decision, verdict });
      return { ...state, step: "forcing" };
    }
    case "work-failed": {
      if (state.step !== "applying") return state;
      const { job, work, preparedAt, answers } = state; // In doubt as before; the operator may ask again.
      return {
        phase: "prepared",
        job,
        work,
        preparedAt,
        isPerforming: false,
        trouble: event.text,
        answers,
      };
    }
    case "operator-decided":
    case "operator-forgot":
    case "heuristic-forced":
    case "heuristic-end-forced":
      return stepByOperator(state, event, effects);
    case "prepare-received":
    case "work-planned":
    case "prepared-forced":
    case "committed-forced":
    case "aborted-forced":
    case "decided-inquiry-received":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return state;
    default:
      return assertNever(event, "event");
  }
}

/** The coordinator's decision has come, from itself or from a peer that knew it. */
function learn(state: Heuristic, truth: Decision, effects: ParticipantEffect[]): ParticipantState {
  if (state.step === "ended") return answerAfterEnd(state, truth, effects);
  if (state.truth !== null) {
    // The decision comes again: so is it answered, but not before the operator's is on disk.
    const isDue = state.step === "applied" && state.truth === "commit" && truth === "commit";
    return isDue ? report(state, effects) : state;
  }
  const next: Heuristic = { ...state, truth };
  return next.step === "applied" ? compare(next, effects) : next;
}

/** It agrees: over, once that is on disk. It does not: everybody is told, until an operator takes note. */
function compare(state: Heuristic, effects: ParticipantEffect[]): ParticipantState {
  if (state.truth === null) return state;
  if (state.truth !== state.decision) return report(state, effects);
  return close(state, "agreed", null, effects);
}

function report(state: Heuristic, effects: ParticipantEffect[]): ParticipantState {
  if (state.truth === null || state.truth === state.decision) return state;
  const { decision, truth, verdict, job } = state;
  const text = `heuristic mixed: ${verdict.by} decided ${decision} of ${job.transactionId}, its coordinator ${truth}`;
  effects.push({ type: "contradicted", text });
  if (truth === "commit") effects.push({ type: "report-mixed", text });
  return state;
}

function end(state: Heuristic, effects: ParticipantEffect[]): ParticipantState {
  const { job, work, decision, truth, ending } = state;
  if (truth === "commit") effects.push({ type: "send-ack" });
  if (ending !== "agreed") return { ...state, step: "ended" };
  if (decision === "commit") return { phase: "committed", job, work };
  return { phase: "aborted", job, reason: null, isForced: true, isDecided: true };
}

/** A decision that comes again, or for the first time after a hazard was taken note of. */
function answerAfterEnd(state: Heuristic, truth: Decision, effects: ParticipantEffect[]): ParticipantState {
  if (truth === "abort") return state;
  if (state.truth === "commit" || state.decision === "commit") {
    effects.push({ type: "send-ack" });
    return state;
  }
  return report({ ...state, truth }, effects);
}
