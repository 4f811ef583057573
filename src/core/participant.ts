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
  Performing,
  PlannedWork,
  Prepared,
  ReadOnly,
  Work,
  Working,
} from "./participant-state.ts";
import { alreadyAborted, reasonFor } from "./reasons.ts";

// What says the same in every transaction is made once.
const APPEND_PREPARED: ParticipantEffect = { type: "append-prepared" };
const APPEND_COMMITTED: ParticipantEffect = { type: "append-committed" };
const PERFORM_WORK: ParticipantEffect = { type: "perform-work" };
const VOTE_YES: ParticipantEffect = { type: "vote-yes" };
const VOTE_READ_ONLY: ParticipantEffect = { type: "vote-read-only" };
const FINISH_WORK: ParticipantEffect = { type: "finish-work" };
const SEND_ACK: ParticipantEffect = { type: "send-ack" };
const NO_ANSWERS: Answers = {};

/** The first prepare of a transaction: the store is asked what it would do. */
export function beginWork(job: Job): ParticipantState {
  return { phase: "working", job, work: null };
}

/**
 * One event of one transaction. Delivery is at least once and unordered: what a phase does not await it ignores. Returns the state
 * from then on, and adds what is to be done to `effects`.
 */
export function stepParticipant(
  state: ParticipantState,
  event: ParticipantEvent,
  effects: ParticipantEffect[],
): ParticipantState {
  if (state.phase === "heuristic") return stepHeuristic(state, event, effects);
  switch (event.type) {
    case "peer-inquiry-received":
      return answerPeer(state, event.from, effects);
    case "answer-received":
      return hearAnswer(state, event, effects);
    case "operator-decided":
    case "operator-forgot":
    case "heuristic-forced":
    case "heuristic-end-forced":
      return stepByOperator(state, event, effects);
    default:
      return stepAlone(state, event, effects);
  }
}

/** What comes from neither a peer nor an operator. */
function stepAlone(
  state: Exclude<ParticipantState, Heuristic>,
  event: OwnEvent,
  effects: ParticipantEffect[],
): ParticipantState {
  switch (state.phase) {
    case "working":
      return stepWorking(state, event, effects);
    case "prepared":
      return stepPrepared(state, event, effects);
    case "performing":
      return stepPerforming(state, event, effects);
    case "committed":
      return stepCommitted(state, event, effects);
    case "aborting":
      return stepAborting(state, event, effects);
    case "aborted":
      return stepAborted(state, event, effects);
    case "read-only":
      return stepReadOnly(state, event, effects);
    default:
      return assertNever(state, "phase");
  }
}

function stepWorking(state: Working, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  const { job, work } = state;
  switch (event.type) {
    case "work-planned":
      return work ? state : answerPlan(state, event.plan, effects);
    case "prepared-forced":
      if (!work) return state;
      effects.push(VOTE_YES);
      return {
        phase: "prepared",
        job,
        work,
        preparedAt: event.at,
        isPerforming: false,
        trouble: null,
        answers: NO_ANSWERS,
      };
    case "work-performed": // Only a one-phase commit is performed from here.
      if (!work || !job.onePhase) return state;
      effects.push(APPEND_COMMITTED);
      return { phase: "performing", job, work, step: "forcing", trouble: null };
    case "work-failed": {
      if (!work || !job.onePhase) return state;
      // Nothing was promised yet: the only participant may still decide to abort.
      const reason = reasonFor(null, "busy", event.text);
      effects.push({ type: "append-aborted", force: true });
      return { phase: "aborting", job, reason, tells: "decided", askers: [] };
    }
    case "abort-received":
      if (work) {
        effects.push({ type: "append-aborted", force: false });
        effects.push({ type: "undo-work", undo: work.undo });
      }
      return { phase: "aborted", job, reason: null, isForced: false, isDecided: true };
    case "prepare-received": // Sent twice: the vote follows when the record is on disk.
    case "commit-received":
    case "decided-inquiry-received": // The answer follows when it is durable.
    case "committed-forced":
    case "aborted-forced":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return state;
    default:
      return assertNever(event, "event");
  }
}

function answerPlan(state: Working, plan: PlannedWork, effects: ParticipantEffect[]): ParticipantState {
  const { job } = state;
  switch (plan.verdict) {
    case "yes": {
      const work: Work = { redo: plan.redo, undo: plan.undo, results: plan.results };
      effects.push(job.onePhase ? PERFORM_WORK : APPEND_PREPARED);
      return { phase: "working", job, work };
    }
    case "read-only":
      effects.push(VOTE_READ_ONLY);
      return { phase: "read-only", job, results: plan.results };
    case "no":
      // One participant alone decides: its abort is durable before anybody hears of it.
      if (job.onePhase) {
        effects.push({ type: "append-aborted", force: true });
        return { phase: "aborting", job, reason: plan.reason, tells: "decided", askers: [] };
      }
      // A client is told by it that the request cannot commit any more, so it is durable, too.
      if (!plan.reason.retryable) {
        effects.push({ type: "append-aborted", force: true });
        return { phase: "aborting", job, reason: plan.reason, tells: "vote-no", askers: [] };
      }
      effects.push({ type: "append-aborted", force: false });
      effects.push({ type: "vote-no", reason: plan.reason });
      return { phase: "aborted", job, reason: plan.reason, isForced: false, isDecided: false };
    default:
      return assertNever(plan, "verdict");
  }
}

/** The same vote again, whatever the store would say by now: the coordinator may have counted the first. */
function stepReadOnly(state: ReadOnly, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  if (event.type === "prepare-received" || event.type === "decided-inquiry-received") {
    effects.push(VOTE_READ_ONLY);
  }
  return state;
}

function stepPrepared(state: Prepared, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  const { job, work, preparedAt, trouble, answers } = state;
  switch (event.type) {
    case "prepare-received":
      effects.push(VOTE_YES);
      return state;
    case "commit-received":
      if (state.isPerforming) return state;
      effects.push(PERFORM_WORK);
      return { phase: "prepared", job, work, preparedAt, isPerforming: true, trouble, answers };
    case "work-performed":
      effects.push(APPEND_COMMITTED);
      return { phase: "performing", job, work, step: "forcing", trouble: null };
    case "work-failed": // The store has undone what it did; still prepared, to be asked again.
      effects.push({ type: "refuse-commit", text: event.text });
      return { ...state, isPerforming: false, trouble: event.text };
    case "abort-received":
      if (state.isPerforming) {
        effects.push(contradiction(job, "abort", "is performing its commit"));
        return state;
      }
      effects.push({ type: "append-aborted", force: false });
      effects.push({ type: "undo-work", undo: work.undo });
      return { phase: "aborted", job, reason: null, isForced: false, isDecided: true };
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

function stepPerforming(state: Performing, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  const { job, work, trouble } = state;
  switch (event.type) {
    case "committed-forced":
      effects.push(FINISH_WORK);
      return { phase: "performing", job, work, step: "finishing", trouble };
    case "work-finished":
      if (state.step !== "finishing") return state;
      effects.push(tellCommitted(job, work));
      return { phase: "committed", job, work };
    case "finish-failed":
      effects.push({ type: "retry-finish" });
      return { ...state, trouble: event.text };
    case "finish-due":
      if (state.step === "finishing") effects.push(FINISH_WORK);
      return state;
    case "abort-received":
      effects.push(contradiction(job, "abort", "is performing its commit"));
      return state;
    case "prepare-received":
    case "commit-received": // Sent again: the ack follows.
    case "work-planned":
    case "prepared-forced":
    case "aborted-forced":
    case "decided-inquiry-received":
    case "work-performed":
    case "work-failed":
      return state;
    default:
      return assertNever(event, "event");
  }
}

function tellCommitted(job: Job, work: Work): ParticipantEffect {
  if (!job.onePhase) return SEND_ACK;
  return { type: "tell-decided", outcome: "committed", reason: null, results: work.results };
}

function contradiction(job: Job | null, decision: string, what: string): ParticipantEffect {
  const id = job?.transactionId ?? "a transaction";
  return { type: "contradicted", text: `the coordinator says ${decision} of ${id}, which ${what} here` };
}

function stepCommitted(state: Committed, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  switch (event.type) {
    case "commit-received":
    case "prepare-received":
    case "decided-inquiry-received":
      effects.push(tellCommitted(state.job, state.work));
      return state;
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
      return state;
    default:
      return assertNever(event, "event");
  }
}

function stepAborting(state: Aborting, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  if (event.type !== "aborted-forced") return state; // The answers follow when it is durable.
  const { job, reason, tells, askers } = state;
  for (const to of askers) effects.push({ type: "answer-peer", to, answer: "abort" });
  if (tells === "decided") effects.push({ type: "tell-decided", outcome: "aborted", reason, results: [] });
  if (tells === "vote-no")
    effects.push({
      type: "vote-no",
      reason: reason ?? alreadyAborted("aborted before this prepare arrived"),
    });
  return { phase: "aborted", job, reason, isForced: true, isDecided: false };
}

function stepAborted(state: Aborted, event: OwnEvent, effects: ParticipantEffect[]): ParticipantState {
  switch (event.type) {
    case "prepare-received":
      if (event.onePhase) return decideAborted(state, effects);
      effects.push({
        type: "vote-no",
        reason: state.reason ?? alreadyAborted("aborted before this prepare arrived"),
      });
      return state;
    case "decided-inquiry-received":
      return decideAborted(state, effects);
    case "work-planned": // The abort overtook the store's answer.
      if (event.plan.verdict === "yes") effects.push({ type: "undo-work", undo: event.plan.undo });
      return state;
    case "commit-received":
      effects.push(contradiction(state.job, "commit", "was aborted"));
      return state;
    case "abort-received":
    case "prepared-forced": // Forced after all; the abort that overtook it stands behind it in the log.
    case "committed-forced":
    case "aborted-forced":
    case "work-performed":
    case "work-failed":
    case "work-finished":
    case "finish-failed":
    case "finish-due":
      return state;
    default:
      return assertNever(event, "event");
  }
}

/** The only participant's abort is its decision: said when it is on disk. */
function decideAborted(state: Aborted, effects: ParticipantEffect[]): ParticipantState {
  const { job } = state;
  const reason = state.reason ?? alreadyAborted("aborted before this prepare arrived");
  if (state.isForced) {
    effects.push({ type: "tell-decided", outcome: "aborted", reason, results: [] });
    return state;
  }
  effects.push({ type: "append-aborted", force: true });
  return { phase: "aborting", job, reason, tells: "decided", askers: [] };
}
