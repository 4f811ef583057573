import type { Address, NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { CommitRefused, Decided, Vote } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CommitRecord } from "../schema/records.ts";
import { assertNever } from "./errors.ts";
import { lookUp } from "./look-up.ts";

/** What a transaction is about; fixed at its begin. */
export interface TransactionInfo {
  readonly transactionId: TransactionId;
  readonly requestId: RequestId;
  readonly issuedAtMs: number;
  readonly digest: string;
  /** Counts from 1; each attempt of a request is a transaction of its own. */
  readonly attempt: number;
  /** Null after a restart: the commit record does not carry them. */
  readonly operations: readonly Operation[] | null;
  readonly participants: readonly Address[];
}

export type Votes = Readonly<Record<string, Vote>>;

interface Preparing {
  readonly phase: "preparing";
  readonly info: TransactionInfo;
  readonly votes: Votes;
}
interface OnePhase {
  readonly phase: "one-phase";
  readonly info: TransactionInfo;
  readonly votes: Votes;
  /** After the time-out the participant is asked what it decided; it is never taken for an abort. */
  readonly timedOut: boolean;
}
interface Deciding {
  readonly phase: "deciding";
  readonly info: TransactionInfo;
  readonly votes: Votes;
  readonly record: CommitRecord;
}
interface Committing {
  readonly phase: "committing";
  readonly info: TransactionInfo;
  readonly votes: Votes;
  readonly record: CommitRecord;
  readonly awaitingAck: readonly NodeName[];
  /** Why participants do not perform it, the last word of each. */
  readonly refusals: Readonly<Record<string, Refusal>>;
}
interface Forgotten {
  readonly phase: "forgotten";
  readonly info: TransactionInfo;
  readonly votes: Votes;
  readonly outcome: "committed" | "aborted";
  readonly reason: Reason | null;
}
export interface Refusal {
  readonly code: CommitRefused["code"];
  readonly text: string;
}
/** One transaction at its coordinator. */
export type CoordinatorState = Preparing | OnePhase | Deciding | Committing | Forgotten;

export type CoordinatorEvent =
  | { readonly type: "vote-received"; readonly vote: Vote }
  | { readonly type: "decided-received"; readonly decided: Decided }
  /** The vote time-out, the end of the request's time, or a participant that cannot be reached. */
  | { readonly type: "gave-up"; readonly reason: Reason }
  | { readonly type: "commit-record-forced" }
  | { readonly type: "ack-received"; readonly from: NodeName }
  | { readonly type: "refusal-received"; readonly from: NodeName; readonly refusal: Refusal }
  /** An operator's word that this participant is not waited for is on disk. */
  | { readonly type: "release-forced"; readonly participant: NodeName }
  | { readonly type: "inquiry-received"; readonly from: NodeName }
  | { readonly type: "resend-due"; readonly to: NodeName };

export type CoordinatorEffect =
  | { readonly type: "send-prepare"; readonly to: NodeName }
  | { readonly type: "send-commit"; readonly to: NodeName }
  | { readonly type: "send-abort"; readonly to: NodeName }
  | { readonly type: "send-decided-inquiry"; readonly to: NodeName }
  | { readonly type: "answer-pending"; readonly to: NodeName }
  | { readonly type: "append-commit"; readonly record: CommitRecord }
  | { readonly type: "append-end" }
  /** The decision is final: tell whoever asked for it. */
  | { readonly type: "settle"; readonly outcome: "committed" | "aborted"; readonly reason: Reason | null };

export interface CoordinatorStep {
  readonly state: CoordinatorState;
  readonly effects: readonly CoordinatorEffect[];
}

const stay = (state: CoordinatorState): CoordinatorStep => ({ state, effects: [] });

/** Starts voting, or hands the whole transaction to its only participant. */
export function beginTransaction(info: TransactionInfo): CoordinatorStep {
  const effects = info.participants.map(({ name }) => ({ type: "send-prepare", to: name }) as const);
  const state: CoordinatorState =
    info.participants.length === 1
      ? { phase: "one-phase", info, votes: {}, timedOut: false }
      : { phase: "preparing", info, votes: {} };
  return { state, effects };
}

/** Resumes phase two after a restart from its commit record; the ordinary step carries on from here. */
export function resumeCommitting(
  record: CommitRecord,
  awaitingAck: readonly NodeName[] = record.voters.map(({ name }) => name),
): CoordinatorState {
  const { transactionId, requestId, issuedAtMs, digest, attempt, voters } = record;
  const participants = voters.map(({ name, url }) => ({ name, url }));
  const info = { transactionId, requestId, issuedAtMs, digest, attempt, operations: null, participants };
  const votes = Object.fromEntries(
    voters.map(({ name, preparedAt }): [string, Vote] => [
      name,
      { type: "vote", transactionId, from: name, vote: "yes", reason: null, results: [], preparedAt },
    ]),
  );
  return { phase: "committing", info, votes, record, awaitingAck, refusals: {} };
}

/** One event of one transaction. Delivery is at least once and unordered: what a phase does not await it ignores. */
export function stepCoordinator(state: CoordinatorState, event: CoordinatorEvent): CoordinatorStep {
  switch (state.phase) {
    case "preparing":
      return stepPreparing(state, event);
    case "one-phase":
      return stepOnePhase(state, event);
    case "deciding":
      return stepDeciding(state, event);
    case "committing":
      return stepCommitting(state, event);
    case "forgotten":
      return stay(state);
    default:
      return assertNever(state, "phase");
  }
}

function stepPreparing(state: Preparing, event: CoordinatorEvent): CoordinatorStep {
  switch (event.type) {
    case "vote-received":
      return countVote(state, event.vote);
    case "gave-up":
      return abort(state, event.reason);
    case "inquiry-received":
      return { state, effects: [{ type: "answer-pending", to: event.from }] };
    case "resend-due":
      if (lookUp(state.votes, event.to)) return stay(state);
      return { state, effects: [{ type: "send-prepare", to: event.to }] };
    case "decided-received":
    case "commit-record-forced":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

function countVote(state: Preparing, vote: Vote): CoordinatorStep {
  const known = state.info.participants.some(({ name }) => name === vote.from);
  if (!known || lookUp(state.votes, vote.from)) return stay(state); // A stranger's, or sent twice.
  if (vote.vote === "yes" && !vote.preparedAt) return stay(state); // It says nothing of what is durable.
  const next: Preparing = { ...state, votes: { ...state.votes, [vote.from]: vote } };
  if (vote.vote === "no") return abort(next, vote.reason);
  if (next.info.participants.some(({ name }) => !lookUp(next.votes, name))) return stay(next);
  const voters = next.info.participants.flatMap(({ name, url }) => {
    const preparedAt = lookUp(next.votes, name)?.preparedAt;
    return preparedAt ? [{ name, url, preparedAt }] : [];
  });
  // All read-only: nothing to make durable, nobody to tell.
  if (voters.length === 0) return forget(next, "committed", null);
  const { transactionId, requestId, issuedAtMs, digest, attempt } = next.info;
  const record: CommitRecord = {
    type: "commit",
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    attempt,
    voters,
  };
  return {
    state: { phase: "deciding", info: next.info, votes: next.votes, record },
    effects: [{ type: "append-commit", record }],
  };
}

/** Nothing is forced: no information means abort. Phase two is not sent to who voted `no` or read-only. */
function abort(state: Preparing, reason: Reason | null): CoordinatorStep {
  const told = state.info.participants.filter(({ name }) => {
    const vote = lookUp(state.votes, name)?.vote;
    return vote === undefined || vote === "yes";
  });
  const step = forget(state, "aborted", reason);
  return {
    state: step.state,
    effects: [...told.map(({ name }) => ({ type: "send-abort", to: name }) as const), ...step.effects],
  };
}

function forget(
  state: Preparing | OnePhase,
  outcome: "committed" | "aborted",
  reason: Reason | null,
): CoordinatorStep {
  const { info, votes } = state;
  return {
    state: { phase: "forgotten", info, votes, outcome, reason },
    effects: [{ type: "settle", outcome, reason }],
  };
}

function stepOnePhase(state: OnePhase, event: CoordinatorEvent): CoordinatorStep {
  switch (event.type) {
    case "decided-received": {
      const { from, outcome, reason, results, transactionId } = event.decided;
      if (from !== state.info.participants[0]?.name) return stay(state);
      const vote = outcome === "committed" ? "yes" : "no";
      const votes = {
        [from]: { type: "vote", transactionId, from, vote, reason, results, preparedAt: null },
      } as const;
      return forget({ ...state, votes }, outcome, reason);
    }
    case "vote-received":
      if (event.vote.vote !== "read-only" || event.vote.from !== state.info.participants[0]?.name)
        return stay(state);
      return forget({ ...state, votes: { [event.vote.from]: event.vote } }, "committed", null);
    case "gave-up":
      return {
        state: { ...state, timedOut: true },
        effects: state.info.participants.map(({ name }) => ({ type: "send-decided-inquiry", to: name })),
      };
    case "resend-due":
      return {
        state,
        effects: [{ type: state.timedOut ? "send-decided-inquiry" : "send-prepare", to: event.to }],
      };
    case "inquiry-received":
      return { state, effects: [{ type: "answer-pending", to: event.from }] };
    case "commit-record-forced":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

/** `commit` is sent from here alone, and only the disk can get us here. */
function stepDeciding(state: Deciding, event: CoordinatorEvent): CoordinatorStep {
  switch (event.type) {
    case "commit-record-forced": {
      const { info, votes, record } = state;
      const awaitingAck = record.voters.map(({ name }) => name);
      return {
        state: { phase: "committing", info, votes, record, awaitingAck, refusals: {} },
        effects: [
          ...awaitingAck.map((to) => ({ type: "send-commit", to }) as const),
          { type: "settle", outcome: "committed", reason: null },
        ],
      };
    }
    case "inquiry-received":
      return { state, effects: [{ type: "answer-pending", to: event.from }] };
    case "vote-received":
    case "decided-received":
    case "gave-up":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
    case "resend-due":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}

function stepCommitting(state: Committing, event: CoordinatorEvent): CoordinatorStep {
  switch (event.type) {
    case "ack-received":
    case "release-forced": {
      const from = event.type === "ack-received" ? event.from : event.participant;
      if (!state.awaitingAck.includes(from)) return stay(state);
      const awaitingAck = state.awaitingAck.filter((name) => name !== from);
      if (awaitingAck.length > 0) return stay({ ...state, awaitingAck });
      const { info, votes } = state;
      return {
        state: { phase: "forgotten", info, votes, outcome: "committed", reason: null },
        effects: [{ type: "append-end" }],
      };
    }
    case "refusal-received":
      if (!state.awaitingAck.includes(event.from)) return stay(state);
      return stay({ ...state, refusals: { ...state.refusals, [event.from]: event.refusal } });
    case "inquiry-received":
      if (!state.record.voters.some(({ name }) => name === event.from)) return stay(state);
      return { state, effects: [{ type: "send-commit", to: event.from }] };
    case "resend-due":
      if (!state.awaitingAck.includes(event.to)) return stay(state);
      return { state, effects: [{ type: "send-commit", to: event.to }] };
    case "vote-received":
    case "decided-received":
    case "gave-up":
    case "commit-record-forced":
      return stay(state);
    default:
      return assertNever(event, "event");
  }
}
