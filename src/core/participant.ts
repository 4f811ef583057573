import { assertNever } from "./errors.ts";
import { stepByOperator, stepHeuristic } from "./participant-heuristic.ts";
import { answerPeer, hearAnswer } from "./participant-peers.ts";
import type {
  Aborted,
  Aborting,
  Answers,
  Committed,
  Heuristic,
  Job,
  OwnEvent,
  ParticipantEffect,
  ParticipantEvent,
  ParticipantState,
  ParticipantStep,
  Performing,
  PlannedWork,
  Prepared,
  ReadOnly,
  Work,
  Working,
} from "./participant-state.ts";
import { alreadyAborted, reasonFor } from "./reasons.ts";

// Lists that say the same in every transaction are made once.
const NOTHING: readonly ParticipantEffect[] = [];
const APPEND_PREPARED: readonly ParticipantEffect[] = [{ type: "append-prepared" }];
const APPEND_COMMITTED: readonly ParticipantEffect[] = [{ type: "append-committed" }];
const PERFORM_WORK: readonly ParticipantEffect[] = [{ type: "perform-work" }];
const VOTE_YES: readonly ParticipantEffect[] = [{ type: "vote-yes" }];
const VOTE_READ_ONLY: readonly ParticipantEffect[] = [{ type: "vote-read-only" }];
const FINISH_WORK: readonly ParticipantEffect[] = [{ type: "finish-work" }];
const SEND_ACK: readonly ParticipantEffect[] = [{ type: "send-ack" }];
const NO_ANSWERS: Answers = {};

const stay = (state: ParticipantState): ParticipantStep => ({ state, effects: NOTHING });

/** The first prepare of a transaction: the store is asked what it would do. */
export function beginWork(job: Job): ParticipantState {
  return { phase: "working", job, work: null };
}

/** One event of one transaction. Delivery is at least once and unordered: what a phase does not await it ignores. */
export function stepParticipant(state: ParticipantState, event: ParticipantEvent): ParticipantStep {
  if (state.phase === "heuristic") return stepHeuristic(state, event);
  switch (event.type) {
    case "peer-inquiry-received":
      return answerPeer(state, event.from);
    case "answer-received":
      return hearAnswer(state, event);
    case "operator-decided":
    case "operator-forgot":
    case "heuristic-forced":
    case "heuristic-end-forced":
      return stepByOperator(state, event);
    default:
      return stepAlone(state, event);
  }
}

/** What comes from neither a peer nor an operator. */
function stepAlone(state: Exclude<ParticipantState, Heuristic>, event: OwnEvent): ParticipantStep {
  switch (state.phase) {
    case "working":
      return stepWorking(state, event);
    case "prepared":
      return stepPrepared(state, event);
    case "performing":
      return stepPerforming(state, event);
    case "committed":
      return stepCommitted(state, event);
    case "aborting":
      return stepAborting(state, event);
    case "aborted":
      return stepAborted(state, event);
    case "read-only":
      return stepReadOnly(state, event);
    default:
      return assertNever(state, "phase");
  }
}

function stepWorking(state: Working, event: OwnEvent): ParticipantStep {
  const { job, work } = state;
  switch (event.type) {
    case "work-planned":
      return work ? stay(state) : answerPlan(state, event.plan);
    case "prepared-forced":
      if (!work) return stay(state);
      return {
        state: {
          phase: "prepared",
          job,
          work,
          preparedAt: event.at,
          isPerforming: false,
          trouble: null,
          answers: NO_ANSWERS,
        },
        effects: VOTE_YES,
      };
    case "work-performed": // Only a one-phase commit is performed from here.
      if (!work || !job.onePhase) return stay(state);
      return {
        state: { phase: "performing", job, work, step: "forcing", trouble: null },
        effects: APPEND_COMMITTED,
      };
    case "work-failed": {
      if (!work || !job.onePhase) return stay(state);
      // Nothing was promised yet: the only participant may still decide to abort.
      const reason = reasonFor(null, "busy", event.text);
      return {
        state: { phase: "aborting", job, reason, tells: "decided", askers: [] },
        effects: [{ type: "append-aborted", force: true }],
      };
    }
    case "abort-received":
      return {
        state: { phase: "aborted", job, reason: null, isForced: false, isDecided: true },
        effects: work
          ? [
              { type: "append-aborted", force: false },
              { type: "undo-work", undo: work.undo },
            ]
          : [],
      };
    case "prepare-received": // Sent twice: the vote follows when the record is on disk.
    case "commit-received":
    case "decided-inquiry-received": // The answer follows when it is durable.
    case "committed-forced":
    case "aborted-forced":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

function answerPlan(state: Working, plan: PlannedWork): ParticipantStep {
  const { job } = state;
  switch (plan.verdict) {
    case "yes": {
      const work: Work = { redo: plan.redo, undo: plan.undo, results: plan.results };
      return {
        state: { phase: "working", job, work },
        effects: job.onePhase ? PERFORM_WORK : APPEND_PREPARED,
      };
    }
    case "read-only":
      return {
        state: { phase: "read-only", job, results: plan.results },
        effects: VOTE_READ_ONLY,
      };
    case "no":
      // One participant alone decides: its abort is durable before anybody hears of it.
      if (job.onePhase) {
        return {
          state: { phase: "aborting", job, reason: plan.reason, tells: "decided", askers: [] },
          effects: [{ type: "append-aborted", force: true }],
        };
      }
      // A client is told by it that the request cannot commit any more, so it is durable, too.
      if (!plan.reason.retryable) {
        return {
          state: { phase: "aborting", job, reason: plan.reason, tells: "vote-no", askers: [] },
          effects: [{ type: "append-aborted", force: true }],
        };
      }
      return {
        state: { phase: "aborted", job, reason: plan.reason, isForced: false, isDecided: false },
        effects: [
          { type: "append-aborted", force: false },
          { type: "vote-no", reason: plan.reason },
        ],
      };
    default:
      return assertNever(plan, "verdict");
  }
}

/** The same vote again, whatever the store would say by now: the coordinator may have counted the first. */
function stepReadOnly(state: ReadOnly, event: OwnEvent): ParticipantStep {
  if (event.type !== "prepare-received" && event.type !== "decided-inquiry-received") return stay(state);
  return { state, effects: VOTE_READ_ONLY };
}

function stepPrepared(state: Prepared, event: OwnEvent): ParticipantStep {
  const { job, work } = state;
  switch (event.type) {
    case "prepare-received":
      return { state, effects: VOTE_YES };
    case "commit-received":
      if (state.isPerforming) return stay(state);
      return { state: { ...state, isPerforming: true }, effects: PERFORM_WORK };
    case "work-performed":
      return {
        state: { phase: "performing", job, work, step: "forcing", trouble: null },
        effects: APPEND_COMMITTED,
      };
    case "work-failed": // The store has undone what it did; still prepared, to be asked again.
      return {
        state: { ...state, isPerforming: false, trouble: event.text },
        effects: [{ type: "refuse-commit", text: event.text }],
      };
    case "abort-received":
      if (state.isPerforming)
        return { state, effects: [contradiction(job, "abort", "is performing its commit")] };
      return {
        state: { phase: "aborted", job, reason: null, isForced: false, isDecided: true },
        effects: [
          { type: "append-aborted", force: false },
          { type: "undo-work", undo: work.undo },
        ],
      };
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

function stepPerforming(state: Performing, event: OwnEvent): ParticipantStep {
  const { job, work } = state;
  switch (event.type) {
    case "committed-forced":
      return { state: { ...state, step: "finishing" }, effects: FINISH_WORK };
    case "work-finished":
      if (state.step !== "finishing") return stay(state);
      return { state: { phase: "committed", job, work }, effects: tellCommitted(job, work) };
    case "finish-failed":
      return { state: { ...state, trouble: event.text }, effects: [{ type: "retry-finish" }] };
    case "finish-due":
      return state.step === "finishing" ? { state, effects: FINISH_WORK } : stay(state);
    case "abort-received":
      return { state, effects: [contradiction(job, "abort", "is performing its commit")] };
    case "prepare-received":
    case "commit-received": // Sent again: the ack follows.
    case "work-planned":
    case "prepared-forced":
    case "aborted-forced":
    case "decided-inquiry-received":
    case "work-performed":
    case "work-failed":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

function tellCommitted(job: Job, work: Work): readonly ParticipantEffect[] {
  if (!job.onePhase) return SEND_ACK;
  return [{ type: "tell-decided", outcome: "committed", reason: null, results: work.results }];
}

function contradiction(job: Job | null, decision: string, what: string): ParticipantEffect {
  const id = job?.transactionId ?? "a transaction";
  return { type: "contradicted", text: `the coordinator says ${decision} of ${id}, which ${what} here` };
}

function stepCommitted(state: Committed, event: OwnEvent): ParticipantStep {
  switch (event.type) {
    case "commit-received":
    case "prepare-received":
    case "decided-inquiry-received":
      return { state, effects: tellCommitted(state.job, state.work) };
    case "abort-received": // A stale presumption: what is committed stays committed.
    case "work-planned":
    case "prepared-forced":
    case "committed-forced":
    case "aborted-forced":
    case "work-performed":
    case "work-failed":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

function stepAborting(state: Aborting, event: OwnEvent): ParticipantStep {
  if (event.type !== "aborted-forced") return stay(state); // The answers follow when it is durable.
  const { job, reason, tells, askers } = state;
  const effects: ParticipantEffect[] = askers.map((to) => ({ type: "answer-peer", to, answer: "abort" }));
  if (tells === "decided") effects.push({ type: "tell-decided", outcome: "aborted", reason, results: [] });
  if (tells === "vote-no")
    effects.push({
      type: "vote-no",
      reason: reason ?? alreadyAborted("aborted before this prepare arrived"),
    });
  return { state: { phase: "aborted", job, reason, isForced: true, isDecided: false }, effects };
}

function stepAborted(state: Aborted, event: OwnEvent): ParticipantStep {
  switch (event.type) {
    case "prepare-received":
      if (event.onePhase) return decideAborted(state);
      return {
        state,
        effects: [
          { type: "vote-no", reason: state.reason ?? alreadyAborted("aborted before this prepare arrived") },
        ],
      };
    case "decided-inquiry-received":
      return decideAborted(state);
    case "work-planned": // The abort overtook the store's answer.
      if (event.plan.verdict !== "yes") return stay(state);
      return { state, effects: [{ type: "undo-work", undo: event.plan.undo }] };
    case "commit-received":
      return { state, effects: [contradiction(state.job, "commit", "was aborted")] };
    case "abort-received":
    case "prepared-forced": // Forced after all; the abort that overtook it stands behind it in the log.
    case "committed-forced":
    case "aborted-forced":
    case "work-performed":
    case "work-failed":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

/** The only participant's abort is its decision: said when it is on disk. */
function decideAborted(state: Aborted): ParticipantStep {
  const { job } = state;
  const reason = state.reason ?? alreadyAborted("aborted before this prepare arrived");
  if (state.isForced) {
    return { state, effects: [{ type: "tell-decided", outcome: "aborted", reason, results: [] }] };
  }
  return {
    state: { phase: "aborting", job, reason, tells: "decided", askers: [] },
    effects: [{ type: "append-aborted", force: true }],
  };
}
