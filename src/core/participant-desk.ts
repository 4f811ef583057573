import type { Floor, PreparedAt, TransactionId } from "../schema/ids.ts";
import type { Prepare } from "../schema/protocol.ts";
import type { Reason, ReasonCode } from "../schema/reasons.ts";
import { shareAddress, shareAddresses } from "./addresses.ts";
import type { Effect } from "./effects.ts";
import { findHeld } from "./held-requests.ts";
import { isBelow, parseTransactionId } from "./ids.ts";
import type { NodeState } from "./node-state.ts";
import { outcomeOf } from "./outcomes.ts";
import { beginWork, stepParticipant } from "./participant.ts";
import { NO_RESULTS, reply, translate, voteNo } from "./participant-effects.ts";
import type {
  Job,
  ParticipantEffect,
  ParticipantEvent,
  ParticipantState,
  ParticipantStep,
} from "./participant-state.ts";
import { enterState, raiseFloor } from "./participant-tables.ts";
import { reasonFor } from "./reasons.ts";

/** A prepare arrives: known, refused, or begun. */
export function receivePrepare(node: NodeState, prepare: Prepare): Effect[] {
  const { transactionId } = prepare;
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  // Never above the transaction itself: it may still be preparing.
  raiseFloor(node, coordinatorId, prepare.floor);
  const state = node.participant.transactions.get(transactionId);
  if (state) {
    return stepState(node, transactionId, state, { type: "prepare-received", onePhase: prepare.onePhase });
  }
  const floor = node.participant.floors.get(coordinatorId);
  if (floor && isBelow({ epoch, counter }, floor)) {
    return refuse(
      node,
      prepare,
      reasonOf(node, "stale-prepare", "its coordinator no longer prepares this transaction"),
    );
  }
  if (prepare.toStore !== node.storeId) {
    const message = `it is for store ${prepare.toStore}, and this is ${node.storeId}`;
    return refuse(node, prepare, reasonOf(node, "restarted", message));
  }
  if (prepare.toEpoch !== node.epoch) {
    return refuse(node, prepare, reasonOf(node, "restarted", "this participant has restarted since"));
  }
  const refusal = checkRequest(node, prepare);
  if (refusal) return refuse(node, prepare, refusal);
  const { requestId, issuedAtMs, digest, onePhase } = prepare;
  const held = { transactionId, issuedAtMs, digest, isCommitted: false, refusal: null };
  node.participant.requests.recent.set(requestId, held);
  const coordinator = shareAddress(prepare.coordinator);
  const participants = shareAddresses(prepare.participants);
  const job: Job = { transactionId, requestId, issuedAtMs, digest, coordinator, participants, onePhase };
  return applyStep(node, transactionId, undefined, beginWork(job, prepare.operations));
}

/** One request, one transaction: who else holds this request here? */
function checkRequest(node: NodeState, prepare: Prepare): Reason | null {
  const held = findHeld(node.participant.requests, prepare.requestId);
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
function refuse(node: NodeState, prepare: Prepare, reason: Reason): Effect[] {
  const { transactionId } = prepare;
  if (prepare.onePhase && reason.code !== "stale-prepare") {
    const effect: ParticipantEffect = { type: "append-aborted", force: true };
    return applyStep(node, transactionId, undefined, {
      state: { phase: "aborting", job: null, reason, tells: "decided", askers: [] },
      effects: [effect],
    });
  }
  return [voteNo(node, transactionId, reason)];
}

/** A node that keeps nothing never commits anything: it says so at once, and durably by what it is. */
export function refusePrepare(node: NodeState, prepare: Prepare): Effect[] {
  const { transactionId, onePhase } = prepare;
  const reason = reasonOf(node, "unknown-participant", `${node.self.name} keeps nothing`);
  if (!onePhase) return [voteNo(node, transactionId, reason)];
  const from = node.self.name;
  return [
    reply(node, { type: "decided", transactionId, from, outcome: "aborted", reason, results: NO_RESULTS }),
  ];
}

export function reasonOf(node: NodeState, code: ReasonCode, message: string): Reason {
  return reasonFor(node.self.name, code, message);
}

/** The decision to commit: performed, acked again, or refused because something is missing here. */
export function receiveCommit(
  node: NodeState,
  commit: { readonly transactionId: TransactionId; readonly preparedAt: PreparedAt; readonly floor: Floor },
): Effect[] {
  const { transactionId, preparedAt } = commit;
  const { coordinatorId } = parseTransactionId(transactionId);
  const state = node.participant.transactions.get(transactionId);
  const effects = state
    ? stepState(node, transactionId, state, { type: "commit-received" })
    : answerForgottenCommit(node, transactionId, preparedAt);
  raiseFloor(node, coordinatorId, commit.floor);
  return effects;
}

/** What is not remembered was committed and forgotten, unless the store is another or its log has lost the record. */
function answerForgottenCommit(
  node: NodeState,
  transactionId: TransactionId,
  preparedAt: PreparedAt,
): Effect[] {
  const from = node.self.name;
  const refuseWith = (code: "other-store" | "log-lost", message: string): Effect[] => [
    { type: "raise-alarm", transactionId, text: `${transactionId} is committed, but ${message}` },
    reply(node, { type: "commit-refused", transactionId, from, code, message }),
  ];
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
  return [reply(node, { type: "ack", transactionId, from })];
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
export function receiveAbort(node: NodeState, transactionId: TransactionId, floor: Floor | null): Effect[] {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const before = node.participant.transactions.get(transactionId);
  let effects: Effect[] = [];
  if (before) {
    effects = stepState(node, transactionId, before, { type: "abort-received" });
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
      effects = applyStep(node, transactionId, undefined, { state, effects: [] });
    }
  }
  if (floor) raiseFloor(node, coordinatorId, floor);
  return effects;
}

/** A coordinator asks for a one-phase decision; what is not known here is aborted, durably, before it is said. */
export function receiveDecidedInquiry(node: NodeState, transactionId: TransactionId, floor: Floor): Effect[] {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  raiseFloor(node, coordinatorId, floor);
  const state = node.participant.transactions.get(transactionId);
  if (state) return stepState(node, transactionId, state, { type: "decided-inquiry-received" });
  const passed = node.participant.floors.get(coordinatorId);
  if (passed && isBelow({ epoch, counter }, passed)) return tellAgain(node, transactionId);
  const effect: ParticipantEffect = { type: "append-aborted", force: true };
  const reason = reasonOf(
    node,
    "already-aborted",
    "its prepare had not arrived when its decision was asked for",
  );
  return applyStep(node, transactionId, undefined, {
    state: { phase: "aborting", job: null, reason, tells: "decided", askers: [] },
    effects: [effect],
  });
}

/** Answered before, and over: what is still known of it is said once more. */
function tellAgain(node: NodeState, transactionId: TransactionId): Effect[] {
  const known = outcomeOf(node.participant.outcomes, transactionId);
  if (known === undefined) return [];
  const message = {
    type: "decided",
    transactionId,
    from: node.self.name,
    results: NO_RESULTS,
  } as const;
  if (known === "commit") return [reply(node, { ...message, outcome: "committed", reason: null })];
  const reason = reasonOf(node, "already-aborted", "it was aborted here before");
  return [reply(node, { ...message, outcome: "aborted", reason })];
}

/** One event of a transaction that has an entry; without one it is late and means nothing. */
export function stepEntry(node: NodeState, transactionId: TransactionId, event: ParticipantEvent): Effect[] {
  const state = node.participant.transactions.get(transactionId);
  return state ? stepState(node, transactionId, state, event) : [];
}

function stepState(
  node: NodeState,
  named: TransactionId,
  state: ParticipantState,
  event: ParticipantEvent,
): Effect[] {
  // Of an id that many messages bring, one text is kept, and is soon found to be the same.
  const transactionId = state.job?.transactionId ?? named;
  return applyStep(node, transactionId, state, stepParticipant(state, event));
}

/** `before` is the state that the tables have now. */
function applyStep(
  node: NodeState,
  transactionId: TransactionId,
  before: ParticipantState | undefined,
  { state, effects: orders }: ParticipantStep,
): Effect[] {
  const isChanged = before !== state;
  // As long as it will be: a list that grows takes room for seventeen, and most steps bring about two.
  const effects = new Array<Effect>(orders.length + (isChanged ? 1 : 0));
  let at = 0;
  let hasVoted = false;
  for (const order of orders) {
    effects[at] = translate(node, transactionId, state, order);
    at += 1;
    hasVoted ||= order.type === "vote-yes";
  }
  if (isChanged) {
    enterState(node, transactionId, state, before);
    effects[at] = { type: "participant-changed", transactionId, state };
  }
  if (hasVoted) armInquiry(node, transactionId, effects);
  return effects;
}

/** Starts the inquiry rounds of its coordinator unless they are running. */
function armInquiry(node: NodeState, transactionId: TransactionId, effects: Effect[]): void {
  const coordinator = parseTransactionId(transactionId).coordinatorName;
  if (node.participant.inquiryRounds.has(coordinator)) return;
  node.participant.inquiryRounds.set(coordinator, 1);
  const delayMs = node.settings.inquiryFirstMs;
  effects.push({ type: "start-timer", timer: { kind: "inquire", id: coordinator }, delayMs, jitter: true });
}
