import type { Floor, PreparedAt, TransactionId } from "../schema/ids.ts";
import type { Prepare } from "../schema/protocol.ts";
import type { Reason, ReasonCode } from "../schema/reasons.ts";
import { shareAddress, shareAddresses } from "./addresses.ts";
import type { Effect } from "./effects.ts";
import { emptied } from "./emptied.ts";
import { isBelow, parseTransactionId, runOf } from "./ids.ts";
import type { NodeState } from "./node-state.ts";
import { outcomeOf } from "./outcomes.ts";
import { beginWork, stepParticipant } from "./participant.ts";
import { NO_RESULTS, reply, translate, voteNo } from "./participant-effects.ts";
import { findRequest } from "./participant-requests.ts";
import type { Job, ParticipantEffect, ParticipantEvent, ParticipantState } from "./participant-state.ts";
import { enterState, raiseFloor } from "./participant-tables.ts";
import { reasonFor } from "./reasons.ts";

// What a message or event amounts to is added to `effects`.

const COMMIT_RECEIVED: ParticipantEvent = { type: "commit-received" };

/** A prepare arrives: known, refused, or begun. */
export function receivePrepare(node: NodeState, prepare: Prepare, effects: Effect[]): void {
  const { transactionId } = prepare;
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  // Never above the transaction itself: it may still be preparing.
  const floor = raiseFloor(node, coordinatorId, prepare.floor);
  const state = node.participant.transactions.get(transactionId);
  if (state) {
    const event = { type: "prepare-received", onePhase: prepare.onePhase } as const;
    return stepState(node, transactionId, state, event, effects);
  }
  if (isBelow({ epoch, counter }, floor)) {
    return refuse(
      node,
      prepare,
      reasonOf(node, "stale-prepare", "its coordinator no longer prepares this transaction"),
      effects,
    );
  }
  if (prepare.toStore !== node.storeId) {
    const message = `it is for store ${prepare.toStore}, and this is ${node.storeId}`;
    return refuse(node, prepare, reasonOf(node, "restarted", message), effects);
  }
  if (prepare.toEpoch !== node.epoch) {
    const reason = reasonOf(node, "restarted", "this participant has restarted since");
    return refuse(node, prepare, reason, effects);
  }
  const refusal = checkRequest(node, prepare);
  if (refusal) return refuse(node, prepare, refusal, effects);
  const { requestId, issuedAtMs, digest, operations, onePhase } = prepare;
  const coordinator = shareAddress(prepare.coordinator);
  const participants = shareAddresses(prepare.participants);
  const job: Job = { transactionId, requestId, issuedAtMs, digest, coordinator, participants, onePhase };
  effects.push({ type: "plan-work", transactionId, operations, onePhase });
  enterState(node, transactionId, beginWork(job), undefined);
}

/** One request, one transaction: who else holds this request here? */
function checkRequest(node: NodeState, prepare: Prepare): Reason | null {
  const held = findRequest(node, prepare.requestId);
  if (held) {
    if (held.digest !== prepare.digest) {
      return reasonOf(node, "request-mismatch", `request ${prepare.requestId} was used for other operations`);
    }
    if (held.refusal) return held.refusal;
    const { transactionId, isCommitted, isByHand = false } = held;
    const how = isByHand ? "committed by hand" : isCommitted ? "committed" : "held";
    const message = `request ${prepare.requestId} is ${how} by ${transactionId}`;
    return {
      ...reasonOf(node, "duplicate-request", message),
      duplicateOf: { transactionId, committed: isCommitted && !isByHand },
    };
  }
  if (prepare.issuedAtMs <= node.participant.requestFloorMs) {
    return reasonOf(node, "request-expired", "the request is older than what is remembered here");
  }
  return null;
}

/** A refusal without an entry. For a single participant the refusal is its decision, so it is forced first. */
function refuse(node: NodeState, prepare: Prepare, reason: Reason, effects: Effect[]): void {
  const { transactionId } = prepare;
  if (prepare.onePhase && reason.code !== "stale-prepare") {
    decideAborted(node, transactionId, reason, effects);
  } else {
    effects.push(voteNo(node, transactionId, reason));
  }
}

/** The only participant aborts what it has no entry of. */
function decideAborted(
  node: NodeState,
  transactionId: TransactionId,
  reason: Reason,
  effects: Effect[],
): void {
  const state = { phase: "aborting", job: null, reason, tells: "decided", askers: [] } as const;
  applyStep(node, transactionId, undefined, state, [{ type: "append-aborted", force: true }], effects);
}

/** A node that keeps nothing never commits anything: it says so at once, and durably by what it is. */
export function refusePrepare(node: NodeState, prepare: Prepare, effects: Effect[]): void {
  const { transactionId, onePhase } = prepare;
  const reason = reasonOf(node, "unknown-participant", `${node.self.name} keeps nothing`);
  const from = node.self.name;
  effects.push(
    onePhase
      ? reply(node, { type: "decided", transactionId, from, outcome: "aborted", reason, results: NO_RESULTS })
      : voteNo(node, transactionId, reason),
  );
}

export function reasonOf(node: NodeState, code: ReasonCode, message: string): Reason {
  return reasonFor(node.self.name, code, message);
}

/** The decision to commit: performed, acked again, or refused because something is missing here. */
export function receiveCommit(
  node: NodeState,
  commit: { readonly transactionId: TransactionId; readonly preparedAt: PreparedAt; readonly floor: Floor },
  effects: Effect[],
): void {
  const { transactionId, preparedAt } = commit;
  const { coordinatorId } = runOf(transactionId);
  const state = node.participant.transactions.get(transactionId);
  if (state) stepState(node, transactionId, state, COMMIT_RECEIVED, effects);
  else answerForgottenCommit(node, transactionId, preparedAt, effects);
  raiseFloor(node, coordinatorId, commit.floor);
}

/** What is not remembered was committed and forgotten, unless the store is another or its log has lost the record. */
function answerForgottenCommit(
  node: NodeState,
  transactionId: TransactionId,
  preparedAt: PreparedAt,
  effects: Effect[],
): void {
  const from = node.self.name;
  const refuseWith = (code: "other-store" | "log-lost", message: string): void => {
    const text = `${transactionId} is committed, but ${message}`;
    effects.push({ type: "raise-alarm", transactionId, text });
    effects.push(reply(node, { type: "commit-refused", transactionId, from, code, message }));
  };
  if (preparedAt.storeId !== node.storeId) {
    return refuseWith(
      "other-store",
      `${from} prepared it in store ${preparedAt.storeId}, and this is ${node.storeId}`,
    );
  }
  if (isLost(node, preparedAt)) {
    const place = `${preparedAt.epoch}:${preparedAt.seq}`;
    return refuseWith("log-lost", `the log of ${from} ends before its prepared record at ${place}`);
  }
  effects.push(reply(node, { type: "ack", transactionId, from }));
}

/** True when the run of the place ended, as far as this log knows, before the place. */
function isLost(node: NodeState, at: PreparedAt): boolean {
  if (at.epoch > node.epoch) return true;
  if (at.epoch === node.epoch) return false;
  const later = node.runStarts.find(({ epoch }) => epoch > at.epoch);
  const oldest = node.runStarts[0];
  if (!later || !oldest || oldest.epoch > at.epoch) return true; // Too old to tell: say so, rather than ack.
  return at.seq >= later.seq;
}

/** The decision to abort; before its prepare it leaves a tombstone. */
export function receiveAbort(
  node: NodeState,
  transactionId: TransactionId,
  floor: Floor | null,
  effects: Effect[],
): void {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const before = node.participant.transactions.get(transactionId);
  if (before) {
    stepState(node, transactionId, before, { type: "abort-received" }, effects);
  } else {
    const passed = node.participant.floors.get(coordinatorId);
    if (!passed || !isBelow({ epoch, counter }, passed)) {
      const state: ParticipantState = {
        phase: "aborted",
        job: null,
        reason: null,
        isForced: false,
        isDecided: true,
      };
      applyStep(node, transactionId, undefined, state, [], effects);
    }
  }
  if (floor) raiseFloor(node, coordinatorId, floor);
}

/** A coordinator asks for a one-phase decision; what is not known here is aborted, durably, before it is said. */
export function receiveDecidedInquiry(
  node: NodeState,
  transactionId: TransactionId,
  floor: Floor,
  effects: Effect[],
): void {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const passed = raiseFloor(node, coordinatorId, floor);
  const state = node.participant.transactions.get(transactionId);
  if (state) return stepState(node, transactionId, state, { type: "decided-inquiry-received" }, effects);
  if (isBelow({ epoch, counter }, passed)) return tellAgain(node, transactionId, effects);
  const reason = reasonOf(
    node,
    "already-aborted",
    "its prepare had not arrived when its decision was asked for",
  );
  decideAborted(node, transactionId, reason, effects);
}

/** Answered before, and over: what is still known of it is said once more. */
function tellAgain(node: NodeState, transactionId: TransactionId, effects: Effect[]): void {
  const known = outcomeOf(node.participant.outcomes, transactionId);
  if (known === undefined) return;
  const message = {
    type: "decided",
    transactionId,
    from: node.self.name,
    results: NO_RESULTS,
  } as const;
  if (known === "commit") {
    effects.push(reply(node, { ...message, outcome: "committed", reason: null }));
  } else {
    const reason = reasonOf(node, "already-aborted", "it was aborted here before");
    effects.push(reply(node, { ...message, outcome: "aborted", reason }));
  }
}

/** One event of a transaction that has an entry; without one it is late and means nothing. */
export function stepEntry(
  node: NodeState,
  transactionId: TransactionId,
  event: ParticipantEvent,
  effects: Effect[],
): void {
  const state = node.participant.transactions.get(transactionId);
  if (state) stepState(node, transactionId, state, event, effects);
}

function stepState(
  node: NodeState,
  named: TransactionId,
  state: ParticipantState,
  event: ParticipantEvent,
  effects: Effect[],
): void {
  // Of an id that many messages bring, one text is kept, and is soon found to be the same.
  const transactionId = state.job?.transactionId ?? named;
  const orders = emptied(lastOrders);
  applyStep(node, transactionId, state, stepParticipant(state, event, orders), orders, effects);
}

/** What a step wants done is carried out before the next one: they have one list. */
const lastOrders: ParticipantEffect[] = [];

/** `before` is the state that the tables have now. */
function applyStep(
  node: NodeState,
  transactionId: TransactionId,
  before: ParticipantState | undefined,
  state: ParticipantState,
  orders: readonly ParticipantEffect[],
  effects: Effect[],
): void {
  let hasVoted = false;
  let asksStore = false;
  for (const order of orders) {
    effects.push(translate(node, transactionId, state, order));
    hasVoted ||= order.type === "vote-yes";
    asksStore ||= order.type === "perform-work" || order.type === "finish-work";
  }
  if (before !== state) {
    enterState(node, transactionId, state, before);
    // The store answers at once, and nobody sees the state before its answer.
    if (!asksStore) effects.push({ type: "participant-changed", transactionId, state });
  }
  if (hasVoted) armInquiry(node, transactionId, effects);
}

/** Starts the inquiry rounds of its coordinator unless they are running. */
function armInquiry(node: NodeState, transactionId: TransactionId, effects: Effect[]): void {
  const coordinator = runOf(transactionId).coordinatorName;
  if (node.participant.inquiryRounds.has(coordinator)) return;
  node.participant.inquiryRounds.set(coordinator, 1);
  const delayMs = node.settings.inquiryFirstMs;
  effects.push({ type: "start-timer", timer: { kind: "inquire", id: coordinator }, delayMs, jitter: true });
}
