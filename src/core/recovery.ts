import type { Lsn, NodeName } from "../schema/ids.ts";
import type { Delta } from "../schema/operations.ts";
import type {
  CommitRecord,
  HeuristicEndRecord,
  HeuristicRecord,
  LogRecord,
  PreparedRecord,
  ReleasedRecord,
} from "../schema/records.ts";
import { shareAddress, shareAddresses } from "./addresses.ts";
import { resumeCommitting, stepCoordinator } from "./coordinator.ts";
import { enterState as enterCoordinatorState, owedBy } from "./coordinator-desk.ts";
import type { Effect } from "./effects.ts";
import { assertNever, invariant } from "./errors.ts";
import { runOf } from "./ids.ts";
import { allInDoubt, coordinatorOf, markInDoubt } from "./in-doubt.ts";
import type { NodeState } from "./node-state.ts";
import type { Job } from "./participant-state.ts";
import { enterState as enterParticipantState, raiseFloor } from "./participant-tables.ts";
import { RUN_STARTS_MAX } from "./settings.ts";

/** What replaying a record does to what the participant keeps. */
export type Replayed =
  | { readonly type: "hold"; readonly undo: readonly Delta[] }
  | { readonly type: "redo"; readonly redo: readonly Delta[] }
  | { readonly type: "undo"; readonly undo: readonly Delta[] }
  | { readonly type: "nothing" };

const nothing: Replayed = { type: "nothing" };

/** Takes one record of the log into the tables, in log order, before the node serves anybody. */
export function replayRecord(node: NodeState, record: LogRecord, lsn: Lsn): Replayed {
  switch (record.type) {
    case "run-start":
      noteRunStart(node, record.epoch, lsn.seq);
      return nothing;
    case "commit":
      replayCommit(node, record);
      return nothing;
    case "end": {
      const state = node.coordinator.transactions.get(record.transactionId);
      if (!state) return nothing;
      const { info, votes } = state;
      const forgotten = { phase: "forgotten", info, votes, outcome: "committed", reason: null } as const;
      enterCoordinatorState(node, forgotten);
      return nothing;
    }
    case "prepared":
      return replayPrepared(node, record, lsn);
    case "committed":
      return replayCommitted(node, record);
    case "aborted":
      return replayAborted(node, record);
    case "heuristic":
      return replayHeuristic(node, record);
    case "heuristic-end":
      return replayHeuristicEnd(node, record);
    case "released":
      return replayReleased(node, record);
    default:
      return assertNever(record, "record");
  }
}

export function noteRunStart(node: NodeState, epoch: number, seq: number): void {
  node.runStarts.push({ epoch, seq });
  if (node.runStarts.length > RUN_STARTS_MAX) node.runStarts.shift();
}

/** `awaitingAck` is who had not acked, where that is known; all of them may always be asked again. */
export function replayCommit(node: NodeState, record: CommitRecord, awaitingAck?: readonly NodeName[]): void {
  const state = resumeCommitting(record, awaitingAck);
  enterCoordinatorState(node, state);
  const { transactionId, requestId, issuedAtMs, digest, attempt, voters } = record;
  const votes = Object.fromEntries(voters.map(({ name }) => [name, "yes"]));
  const base = { requestId, issuedAtMs, digest, attempts: attempt, isOnlyHere: false };
  node.coordinator.settled.add({
    phase: "settled",
    ...base,
    transactionId,
    outcome: "committed",
    reason: null,
    votes,
    results: [],
  });
}

export function replayPrepared(node: NodeState, record: PreparedRecord, at: Lsn): Replayed {
  const { transactionId, requestId, issuedAtMs, digest, coordinator, participants, redo, undo, floor } =
    record;
  // The node had raised it before it wrote this: what it has dropped by then, replay drops here, and keeps no longer.
  if (floor) raiseFloor(node, runOf(transactionId).coordinatorId, floor);
  const job: Job = {
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    coordinator: shareAddress(coordinator),
    participants: shareAddresses(participants),
    onePhase: false,
  };
  const preparedAt = { storeId: node.storeId, epoch: at.epoch, seq: at.seq };
  const work = { redo, undo, results: [] };
  enterParticipantState(node, transactionId, {
    phase: "prepared",
    job,
    work,
    preparedAt,
    isPerforming: false,
    trouble: null,
    answers: {},
  });
  return { type: "hold", undo };
}

function replayCommitted(node: NodeState, record: Extract<LogRecord, { type: "committed" }>): Replayed {
  const { transactionId, onePhase } = record;
  if (onePhase) {
    const { requestId, issuedAtMs, digest, redo } = onePhase;
    const coordinator = node.self; // Not needed again: nobody inquires about what is decided here.
    const job: Job = {
      transactionId,
      requestId,
      issuedAtMs,
      digest,
      coordinator,
      participants: [],
      onePhase: true,
    };
    enterParticipantState(node, transactionId, {
      phase: "committed",
      job,
      work: { redo, undo: [], results: [] },
    });
    return { type: "redo", redo };
  }
  const state = node.participant.transactions.get(transactionId);
  invariant(state?.phase === "prepared", `the log commits ${transactionId}, which it has not prepared`);
  enterParticipantState(node, transactionId, { phase: "committed", job: state.job, work: state.work });
  return { type: "redo", redo: state.work.redo };
}

function replayAborted(node: NodeState, record: Extract<LogRecord, { type: "aborted" }>): Replayed {
  const { transactionId, refusal } = record;
  const state = node.participant.transactions.get(transactionId);
  const ended = { phase: "aborted", isForced: true, isDecided: false } as const;
  if (state?.phase === "prepared") {
    enterParticipantState(node, transactionId, { ...ended, job: state.job, reason: null });
    return { type: "undo", undo: state.work.undo };
  }
  if (state) return nothing;
  if (!refusal) {
    enterParticipantState(node, transactionId, { ...ended, job: null, reason: null });
    return nothing;
  }
  const { requestId, issuedAtMs, digest, reason } = refusal;
  const request = { transactionId, requestId, issuedAtMs, digest };
  const job: Job = { ...request, coordinator: node.self, participants: [], onePhase: false }; // Nobody is asked again.
  enterParticipantState(node, transactionId, { ...ended, job, reason });
  return nothing;
}

export function replayHeuristic(node: NodeState, record: HeuristicRecord): Replayed {
  const { transactionId, decision, verdict } = record;
  const state = node.participant.transactions.get(transactionId);
  invariant(state?.phase === "prepared", `the log settles ${transactionId} by hand, which is not in doubt`);
  const { job, work, preparedAt } = state;
  enterParticipantState(node, transactionId, {
    phase: "heuristic",
    job,
    work,
    preparedAt,
    decision,
    verdict,
    step: "applied",
    truth: null,
    ending: null,
    answers: {},
  });
  return decision === "commit" ? { type: "redo", redo: work.redo } : { type: "undo", undo: work.undo };
}

export function replayHeuristicEnd(node: NodeState, { transactionId, ending }: HeuristicEndRecord): Replayed {
  const state = node.participant.transactions.get(transactionId);
  invariant(state?.phase === "heuristic", `the log ends ${transactionId}, which was not settled by hand`);
  const { job, work, decision } = state;
  if (ending !== "agreed") {
    const opposite = decision === "commit" ? "abort" : "commit";
    enterParticipantState(node, transactionId, {
      ...state,
      step: "ended",
      ending,
      truth: ending === "mixed" ? opposite : null,
    });
  } else if (decision === "commit") {
    enterParticipantState(node, transactionId, { phase: "committed", job, work });
  } else {
    const aborted = { phase: "aborted", job, reason: null, isForced: true, isDecided: true } as const;
    enterParticipantState(node, transactionId, aborted);
  }
  return nothing;
}

function replayReleased(node: NodeState, { transactionId, participant }: ReleasedRecord): Replayed {
  const state = node.coordinator.transactions.get(transactionId);
  if (!state) return nothing;
  enterCoordinatorState(node, stepCoordinator(state, { type: "release-forced", participant }, []));
  return nothing;
}

/** The log is replayed: from here the ordinary steps carry on. Starts the rounds that finish what is unfinished. */
export function finishRecovery(node: NodeState): Effect[] {
  node.isRecovered = true;
  const effects: Effect[] = [];
  for (const name of debtorsOf(node)) {
    node.coordinator.resendRounds.set(name, 1);
    effects.push({ type: "start-timer", timer: { kind: "resend", id: name }, delayMs: 0, jitter: false });
  }
  for (const name of new Set([...allInDoubt(node)].map(coordinatorOf))) {
    node.participant.inquiryRounds.set(name, 1);
    effects.push({ type: "start-timer", timer: { kind: "inquire", id: name }, delayMs: 0, jitter: false });
    markInDoubt(node, name);
  }
  for (const [transactionId, state] of node.participant.transactions) {
    effects.push({ type: "participant-changed", transactionId, state });
  }
  for (const state of node.coordinator.transactions.values())
    effects.push({ type: "coordinator-changed", state });
  return effects;
}

/** Those that owe this coordinator something. */
function debtorsOf({ coordinator }: NodeState): ReadonlySet<NodeName> {
  const names = new Set<NodeName>();
  for (const state of coordinator.transactions.values())
    for (const { name } of state.info.participants) if (owedBy(name, state)) names.add(name);
  return names;
}
