import type { Floor, NodeName, TransactionId } from "../schema/ids.ts";
import type { Abort, Inquiry, Prepare, ProtocolMessage } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CommitRecord } from "../schema/records.ts";
import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  heardFrom,
  stepCoordinator,
  type TransactionInfo,
  takesPart,
} from "./coordinator.ts";
import type { Effect } from "./effects.ts";
import { emptied } from "./emptied.ts";
import { assertNever, invariant } from "./errors.ts";
import { counterOf, parseTransactionId } from "./ids.ts";
import { isReachable, type NodeState, type Owed, type Peer } from "./node-state.ts";
import { operationsFor } from "./operations.ts";
import { backoffMs } from "./settings.ts";

/** How a transaction of this node ended: for the request that it was an attempt of. */
export interface Settlement {
  readonly state: CoordinatorState;
  readonly outcome: "committed" | "aborted";
  readonly reason: Reason | null;
}

/** Begins voting on a new transaction. Everybody in `info` must be reachable now. */
export function begin(node: NodeState, info: TransactionInfo, counter: number, effects: Effect[]): void {
  const { transactionId } = info;
  node.coordinator.preparing.push(counter);
  const orders = emptied(lastOrders);
  applyStep(node, undefined, beginTransaction(info, orders), orders, effects);
  const delayMs = node.settings.voteTimeoutMs;
  effects.push({
    type: "start-timer",
    timer: { kind: "vote-timeout", id: transactionId },
    delayMs,
    jitter: false,
  });
}

/**
 * One event of a transaction; without an entry it is late and means nothing. What it amounts to is added to `effects`; what it
 * settles is for the request.
 */
export function stepTransaction(
  node: NodeState,
  transactionId: TransactionId,
  event: CoordinatorEvent,
  effects: Effect[],
): Settlement | null {
  const state = node.coordinator.transactions.get(transactionId);
  if (state === undefined) return null;
  const orders = emptied(lastOrders);
  return applyStep(node, state, stepCoordinator(state, event, orders), orders, effects);
}

/** What a step wants done is carried out before the next one: they have one list. */
const lastOrders: CoordinatorEffect[] = [];

/** `before` is the state that the tables have now. */
function applyStep(
  node: NodeState,
  before: CoordinatorState | undefined,
  state: CoordinatorState,
  orders: readonly CoordinatorEffect[],
  effects: Effect[],
): Settlement | null {
  if (before !== state) {
    enterState(node, state);
    effects.push({ type: "coordinator-changed", state });
    if (before !== undefined && isVoting(before) && !isVoting(state)) endVoting(node, state.info, effects);
  }
  let settlement: Settlement | null = null;
  for (const order of orders) {
    if (order.type === "settle") settlement = { state, outcome: order.outcome, reason: order.reason };
    else translate(node, state, order, effects);
  }
  // Another phase is what makes anybody owe something.
  if (before?.phase !== state.phase && isOwed(state)) {
    for (const { name } of state.info.participants) armResend(node, name, state, effects);
  }
  return settlement;
}

/** Whether a participant may owe it something. */
function isOwed(state: CoordinatorState): boolean {
  return isVoting(state) || state.phase === "committing";
}

function isVoting({ phase }: CoordinatorState): boolean {
  return phase === "preparing" || phase === "one-phase";
}

function endVoting(node: NodeState, { transactionId }: TransactionInfo, effects: Effect[]): void {
  const { preparing } = node.coordinator;
  const counter = counterOf(transactionId);
  if (preparing[0] === counter) preparing.shift();
  else preparing.splice(preparing.indexOf(counter), 1);
  effects.push({ type: "stop-timer", kind: "vote-timeout", id: transactionId });
}

export function enterState(node: NodeState, state: CoordinatorState): void {
  const { transactions } = node.coordinator;
  if (state.phase === "forgotten") transactions.delete(state.info.transactionId);
  else transactions.set(state.info.transactionId, state);
}

/** What a participant owes this transaction, if anything. */
export function owedBy(name: NodeName, state: CoordinatorState): Owed | null {
  switch (state.phase) {
    case "preparing":
    case "one-phase":
      return takesPart(state.info.participants, name) && !heardFrom(state.votes, name) ? "vote" : null;
    case "committing":
      return state.awaitingAck.includes(name) ? "ack" : null;
    case "deciding":
    case "forgotten":
      return null;
    default:
      return assertNever(state, "phase");
  }
}

/** The transactions that a participant owes something to, those begun first before the others. */
export function* owedTo(node: NodeState, name: NodeName): Generator<[CoordinatorState, Owed]> {
  for (const state of node.coordinator.transactions.values()) {
    const owed = owedBy(name, state);
    if (owed !== null) yield [state, owed];
  }
}

function translate(
  node: NodeState,
  state: CoordinatorState,
  effect: Exclude<CoordinatorEffect, { type: "settle" }>,
  effects: Effect[],
): void {
  const { transactionId } = state.info;
  switch (effect.type) {
    case "append-commit":
      invariant(state.phase === "deciding", "a commit record is that of a transaction that is being decided");
      effects.push({ type: "append-record", record: state.record, force: true });
      return;
    case "append-end":
      effects.push({ type: "append-record", record: { type: "end", transactionId }, force: false });
      return;
    case "answer-pending":
      return answerInquiry(node, effect.to, transactionId, "pending", effects);
    case "send-prepare":
      for (const { name } of state.info.participants)
        if (effect.to === null || effect.to === name) sendPrepare(node, name, state.info, effects);
      return;
    case "send-abort":
      for (const to of effect.to) sendTo(node, to, abortOf(node, transactionId), effects);
      return;
    case "send-decided-inquiry":
      for (const to of effect.to)
        sendTo(node, to, { type: "decided-inquiry", transactionId, floor: floorOf(node) }, effects);
      return;
    case "send-commit":
      invariant(state.phase === "committing", "a commit is sent of what the log has as committed");
      for (const voter of state.record.voters)
        if (effect.to === null || effect.to === voter.name) sendCommit(node, voter, transactionId, effects);
      return;
    default:
      return assertNever(effect, "effect");
  }
}

function sendCommit(
  node: NodeState,
  { name, preparedAt }: CommitRecord["voters"][number],
  transactionId: TransactionId,
  effects: Effect[],
): void {
  const runEpoch = node.epoch;
  sendTo(node, name, { type: "commit", transactionId, runEpoch, floor: floorOf(node), preparedAt }, effects);
}

function abortOf(node: NodeState, transactionId: TransactionId): Abort {
  return { type: "abort", transactionId, runEpoch: node.epoch, floor: floorOf(node) };
}

const NEVER_MET = { storeId: null, epoch: null };

function sendPrepare(node: NodeState, to: NodeName, info: TransactionInfo, effects: Effect[]): void {
  const { transactionId, requestId, issuedAtMs, digest, operations } = info;
  const peer = node.peers.get(to);
  const { storeId, epoch } = to === node.self.name ? node : (peer ?? NEVER_MET);
  if (storeId === null || epoch === null) return;
  const message: Prepare = {
    type: "prepare",
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    operations: operationsFor(to, operations ?? []),
    onePhase: info.participants.length === 1,
    coordinator: node.self,
    participants: info.participants,
    floor: floorOf(node),
    toStore: storeId,
    toEpoch: epoch,
  };
  sendTo(node, to, message, effects, peer);
}

/** Sends where somebody listens; what is owed is sent again when a connection is back. */
function sendTo(
  node: NodeState,
  to: NodeName,
  message: ProtocolMessage,
  effects: Effect[],
  peer: Peer | undefined = node.peers.get(to),
): void {
  if (to !== node.self.name && !peer?.isConnected) return;
  effects.push({ type: "send", to, url: peer?.url ?? null, message });
}

function answerInquiry(
  node: NodeState,
  to: NodeName,
  transactionId: TransactionId,
  answer: "pending" | "try-later" | "not-mine",
  effects: Effect[],
): void {
  sendTo(node, to, { type: "inquiry-answer", transactionId, from: node.self.name, answer }, effects);
}

/** Mostly it has not risen since the message before. */
let lastFloor: Floor = { epoch: 0, counter: 0 };

/** The lowest counter of this run that may still be preparing. */
function floorOf({ epoch, coordinator: { preparing, nextCounter } }: NodeState): Floor {
  const counter = preparing[0] ?? nextCounter;
  if (lastFloor.counter !== counter || lastFloor.epoch !== epoch) lastFloor = { epoch, counter };
  return lastFloor;
}

/** Answers a participant that asks. No information means abort, but only from the one who would have the information. */
export function receiveInquiry(node: NodeState, inquiry: Inquiry, effects: Effect[]): void {
  const { transactionId, from } = inquiry;
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const answer = (word: "try-later" | "not-mine") => answerInquiry(node, from, transactionId, word, effects);
  if (coordinatorId !== node.nodeId) return answer("not-mine");
  if (!node.isRecovered) return answer("try-later");
  if (node.coordinator.transactions.has(transactionId)) {
    stepTransaction(node, transactionId, { type: "inquiry-received", from }, effects);
    return;
  }
  if (epoch > node.epoch || (epoch === node.epoch && counter >= node.coordinator.nextCounter)) {
    const text = `${from} asks about ${transactionId}, which this store has not reached: its log has lost records`;
    effects.push({ type: "raise-alarm", transactionId, text });
    return;
  }
  sendTo(node, from, abortOf(node, transactionId), effects);
}

function armResend(node: NodeState, to: NodeName, state: CoordinatorState, effects: Effect[]): void {
  if (node.coordinator.resendRounds.has(to) || owedBy(to, state) === null) return;
  node.coordinator.resendRounds.set(to, 1);
  const delayMs = node.settings.resendFirstMs;
  effects.push({ type: "start-timer", timer: { kind: "resend", id: to }, delayMs, jitter: true });
}

/** A round for one participant: what it has owed since the last one is sent again. Each participant has rounds of its own. */
export function resend(node: NodeState, to: NodeName, effects: Effect[]): void {
  const tables = node.coordinator;
  if (owedTo(node, to).next().done) {
    tables.resendRounds.delete(to);
    tables.overdue.delete(to);
    return;
  }
  resendAll(node, to, "overdue", effects);
  const round = (tables.resendRounds.get(to) ?? 0) + 1;
  tables.resendRounds.set(to, round);
  const { resendFirstMs, resendCapMs } = node.settings;
  const delayMs = backoffMs(round, resendFirstMs, resendCapMs);
  effects.push({ type: "start-timer", timer: { kind: "resend", id: to }, delayMs, jitter: true });
}

/** Sends again what was owed at the last round already, or all that is; a participant that is away is dialled instead. */
export function resendAll(node: NodeState, to: NodeName, which: "overdue" | "all", effects: Effect[]): void {
  if (!isReachable(node, to)) return dialFor(node, to, effects);
  const { overdue } = node.coordinator;
  const before = overdue.get(to);
  const now = new Map<TransactionId, Owed>();
  for (const [{ info }, owed] of owedTo(node, to)) {
    const { transactionId } = info;
    now.set(transactionId, owed);
    if (which === "all" || before?.get(transactionId) === owed)
      stepTransaction(node, transactionId, { type: "resend-due", to }, effects);
  }
  overdue.set(to, now);
}

function dialFor(node: NodeState, to: NodeName, effects: Effect[]): void {
  const [first] = owedTo(node, to);
  const url = node.peers.get(to)?.url ?? first?.[0].info.participants.find(({ name }) => name === to)?.url;
  if (url) effects.push({ type: "connect", to, url });
}
