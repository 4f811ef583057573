import type { Address, NodeName, PreparedAt, RequestId, TransactionId } from "../schema/ids.ts";
import type { Operation, ReadResult } from "../schema/operations.ts";
import type { CommitRefused, Decided, Vote } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CommitRecord } from "../schema/records.ts";
import { namesOf } from "./addresses.ts";
import { assertNever } from "./errors.ts";

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

/** What a participant has said: its vote without what the transaction says already. */
export interface HeardVote {
  readonly name: NodeName;
  readonly vote: Vote["vote"];
  readonly reason: Reason | null;
  readonly results: readonly ReadResult[];
  readonly preparedAt: PreparedAt | null;
}
/** In the order in which they were heard; one of each participant. */
export type Votes = readonly HeardVote[];

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

/** A prepare or commit without a receiver is for all that take part in it. */
export type CoordinatorEffect =
  | { readonly type: "send-prepare"; readonly to: NodeName | null }
  | { readonly type: "send-commit"; readonly to: NodeName | null }
  | { readonly type: "send-abort"; readonly to: readonly NodeName[] }
  | { readonly type: "send-decided-inquiry"; readonly to: readonly NodeName[] }
  | { readonly type: "answer-pending"; readonly to: NodeName }
  | { readonly type: "append-commit" }
  | { readonly type: "append-end" }
  /** The decision is final: tell whoever asked for it. */
  | { readonly type: "settle"; readonly outcome: "committed" | "aborted"; readonly reason: Reason | null };

// What says the same in every transaction is made once.
const PREPARE_ALL: CoordinatorEffect = { type: "send-prepare", to: null };
const COMMIT_ALL: CoordinatorEffect = { type: "send-commit", to: null };
const APPEND_COMMIT: CoordinatorEffect = { type: "append-commit" };
const APPEND_END: CoordinatorEffect = { type: "append-end" };
const COMMITTED: CoordinatorEffect = { type: "settle", outcome: "committed", reason: null };
const NO_VOTES: Votes = [];
export const NO_RESULTS: readonly ReadResult[] = [];
const NO_REFUSALS: Readonly<Record<string, Refusal>> = {};

/** What a participant has voted, if anything. */
export function heardFrom(votes: Votes, name: NodeName): HeardVote | undefined {
  for (const vote of votes) if (vote.name === name) return vote;
  return undefined;
}

export function takesPart(nodes: readonly { readonly name: NodeName }[], name: NodeName): boolean {
  for (const each of nodes) if (each.name === name) return true;
  return false;
}

/** Starts voting, or hands the whole transaction to its only participant. */
export function beginTransaction(info: TransactionInfo, effects: CoordinatorEffect[]): CoordinatorState {
  effects.push(PREPARE_ALL);
  return info.participants.length === 1
    ? { phase: "one-phase", info, votes: NO_VOTES, timedOut: false }
    : { phase: "preparing", info, votes: NO_VOTES };
}

/** Resumes phase two after a restart from its commit record; the ordinary step carries on from here. */
export function resumeCommitting(
  record: CommitRecord,
  awaitingAck: readonly NodeName[] = namesOf(record.voters),
): CoordinatorState {
  const { transactionId, requestId, issuedAtMs, digest, attempt, voters } = record;
  const participants = voters.map(({ name, url }) => ({ name, url }));
  const info = { transactionId, requestId, issuedAtMs, digest, attempt, operations: null, participants };
  const votes = voters.map(
    ({ name, preparedAt }): HeardVote => ({ name, vote: "yes", reason: null, results: [], preparedAt }),
  );
  return { phase: "committing", info, votes, record, awaitingAck, refusals: NO_REFUSALS };
}

/**
 * One event of one transaction. Delivery is at least once and unordered: what a phase does not await it ignores. Returns the state
 * from then on, and adds what is to be done to `effects`.
 */
export function stepCoordinator(
  state: CoordinatorState,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): CoordinatorState {
  switch (state.phase) {
    case "preparing":
      return stepPreparing(state, event, effects);
    case "one-phase":
      return stepOnePhase(state, event, effects);
    case "deciding":
      return stepDeciding(state, event, effects);
    case "committing":
      return stepCommitting(state, event, effects);
    case "forgotten":
      return state;
    default:
      return assertNever(state, "phase");
  }
}

function stepPreparing(
  state: Preparing,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): CoordinatorState {
  switch (event.type) {
    case "vote-received":
      return countVote(state, event.vote, effects);
    case "gave-up":
      return abort(state, event.reason, effects);
    case "inquiry-received":
      effects.push({ type: "answer-pending", to: event.from });
      return state;
    case "resend-due":
      if (!heardFrom(state.votes, event.to)) effects.push({ type: "send-prepare", to: event.to });
      return state;
    case "decided-received":
    case "commit-record-forced":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
      return state;
    default:
      return assertNever(event, "event");
  }
}

function countVote(state: Preparing, vote: Vote, effects: CoordinatorEffect[]): CoordinatorState {
  const { info } = state;
  const known = takesPart(info.participants, vote.from);
  if (!known || heardFrom(state.votes, vote.from)) return state; // A stranger's, or sent twice.
  if (vote.vote === "yes" && !vote.preparedAt) return state; // It says nothing of what is durable.
  const votes = withOneMore(state.votes, heardOf(vote));
  if (vote.vote === "no") return abort({ phase: "preparing", info, votes }, vote.reason, effects);
  if (votes.length < info.participants.length) return { phase: "preparing", info, votes };
  const voters = votersOf(info, votes);
  // All read-only: nothing to make durable, nobody to tell.
  if (voters.length === 0) return forget(info, votes, "committed", null, effects);
  const { transactionId, requestId, issuedAtMs, digest, attempt } = info;
  const record: CommitRecord = {
    type: "commit",
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    attempt,
    voters,
  };
  effects.push(APPEND_COMMIT);
  return { phase: "deciding", info, votes, record };
}

/** As long as it will be, and made here: `concat` takes longer than all else that is done for a vote. */
function withOneMore(votes: Votes, vote: HeardVote): Votes {
  const more = new Array<HeardVote>(votes.length + 1);
  let count = 0;
  for (const each of votes) {
    more[count] = each;
    count += 1;
  }
  more[count] = vote;
  return more;
}

/** Most votes bring no results, and all that is heard is kept for as long as its transaction is shown. */
function heardOf({ from, vote, reason, results, preparedAt }: Vote): HeardVote {
  return { name: from, vote, reason, results: results.length === 0 ? NO_RESULTS : results, preparedAt };
}

/** Who has to hear of the commit: all but those that only read. */
function votersOf({ participants }: TransactionInfo, votes: Votes): CommitRecord["voters"] {
  // As long as it will be: a list that grows takes room for seventeen.
  const voters: CommitRecord["voters"] = new Array(countPrepared(votes));
  let count = 0;
  for (const { name, url } of participants) {
    const preparedAt = heardFrom(votes, name)?.preparedAt;
    if (!preparedAt) continue;
    voters[count] = { name, url, preparedAt };
    count += 1;
  }
  return voters;
}

function countPrepared(votes: Votes): number {
  let count = 0;
  for (const { preparedAt } of votes) if (preparedAt) count += 1;
  return count;
}

/** Nothing is forced: no information means abort. Phase two is not sent to who voted `no` or read-only. */
function abort(
  { info, votes }: Preparing,
  reason: Reason | null,
  effects: CoordinatorEffect[],
): CoordinatorState {
  const told = namesOf(info.participants).filter((name) => {
    const vote = heardFrom(votes, name)?.vote;
    return vote === undefined || vote === "yes";
  });
  if (told.length > 0) effects.push({ type: "send-abort", to: told });
  return forget(info, votes, "aborted", reason, effects);
}

function forget(
  info: TransactionInfo,
  votes: Votes,
  outcome: "committed" | "aborted",
  reason: Reason | null,
  effects: CoordinatorEffect[],
): CoordinatorState {
  effects.push({ type: "settle", outcome, reason });
  return { phase: "forgotten", info, votes, outcome, reason };
}

function stepOnePhase(
  state: OnePhase,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): CoordinatorState {
  switch (event.type) {
    case "decided-received": {
      const { from: name, outcome, reason, results } = event.decided;
      if (name !== state.info.participants[0]?.name) return state;
      const vote = outcome === "committed" ? "yes" : "no";
      const votes = [{ name, vote, reason, results, preparedAt: null } as const];
      return forget(state.info, votes, outcome, reason, effects);
    }
    case "vote-received":
      if (event.vote.vote !== "read-only" || event.vote.from !== state.info.participants[0]?.name)
        return state;
      return forget(state.info, [heardOf(event.vote)], "committed", null, effects);
    case "gave-up":
      effects.push({ type: "send-decided-inquiry", to: namesOf(state.info.participants) });
      return { ...state, timedOut: true };
    case "resend-due":
      if (state.timedOut) effects.push({ type: "send-decided-inquiry", to: [event.to] });
      else effects.push({ type: "send-prepare", to: event.to });
      return state;
    case "inquiry-received":
      effects.push({ type: "answer-pending", to: event.from });
      return state;
    case "commit-record-forced":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
      return state;
    default:
      return assertNever(event, "event");
  }
}

/** `commit` is sent from here alone, and only the disk can get us here. */
function stepDeciding(
  state: Deciding,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): CoordinatorState {
  switch (event.type) {
    case "commit-record-forced": {
      const { info, votes, record } = state;
      const awaitingAck = namesOf(record.voters);
      effects.push(COMMIT_ALL, COMMITTED);
      return { phase: "committing", info, votes, record, awaitingAck, refusals: NO_REFUSALS };
    }
    case "inquiry-received":
      effects.push({ type: "answer-pending", to: event.from });
      return state;
    case "vote-received":
    case "decided-received":
    case "gave-up":
    case "ack-received":
    case "refusal-received":
    case "release-forced":
    case "resend-due":
      return state;
    default:
      return assertNever(event, "event");
  }
}

function stepCommitting(
  state: Committing,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): CoordinatorState {
  switch (event.type) {
    case "ack-received":
    case "release-forced": {
      const from = event.type === "ack-received" ? event.from : event.participant;
      const place = state.awaitingAck.indexOf(from);
      if (place < 0) return state;
      const { info, votes, record, refusals } = state;
      if (state.awaitingAck.length > 1) {
        const awaitingAck = state.awaitingAck.filter((name) => name !== from);
        return { phase: "committing", info, votes, record, awaitingAck, refusals };
      }
      effects.push(APPEND_END);
      return { phase: "forgotten", info, votes, outcome: "committed", reason: null };
    }
    case "refusal-received":
      if (!state.awaitingAck.includes(event.from)) return state;
      return { ...state, refusals: { ...state.refusals, [event.from]: event.refusal } };
    case "inquiry-received":
      if (takesPart(state.record.voters, event.from)) effects.push({ type: "send-commit", to: event.from });
      return state;
    case "resend-due":
      if (state.awaitingAck.includes(event.to)) effects.push({ type: "send-commit", to: event.to });
      return state;
    case "vote-received":
    case "decided-received":
    case "gave-up":
    case "commit-record-forced":
      return state;
    default:
      return assertNever(event, "event");
  }
}
