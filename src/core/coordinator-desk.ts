import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Abort, Inquiry, Prepare, ProtocolMessage } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  type CoordinatorStep,
  stepCoordinator,
  type TransactionInfo,
} from "./coordinator.ts";
import type { Effect } from "./effects.ts";
import { assertNever } from "./errors.ts";
import { parseTransactionId, storeOf } from "./ids.ts";
import { lookUp } from "./look-up.ts";
import { isReachable, type NodeState, tableOf } from "./node-state.ts";
import { backoffMs } from "./settings.ts";

/** How a transaction of this node ended: for the request that it was an attempt of. */
export interface Settlement {
  readonly state: CoordinatorState;
  readonly outcome: "committed" | "aborted";
  readonly reason: Reason | null;
}

/** What a step of one transaction amounts to. */
export interface DeskStep {
  readonly effects: Effect[];
  readonly settlement: Settlement | null;
}

const nothing = (): DeskStep => ({ effects: [], settlement: null });

/** Begins voting on a new transaction. Everybody in `info` must be reachable now. */
export function begin(node: NodeState, info: TransactionInfo): DeskStep {
  const { transactionId } = info;
  node.coordinator.preparing.set(transactionId, parseTransactionId(transactionId).counter);
  const step = applyStep(node, transactionId, undefined, beginTransaction(info));
  const delayMs = node.settings.voteTimeoutMs;
  step.effects.push({
    type: "start-timer",
    timer: { kind: "vote-timeout", id: transactionId },
    delayMs,
    jitter: false,
  });
  return step;
}

/** One event of a transaction; without an entry it is late and means nothing. */
export function stepTransaction(
  node: NodeState,
  transactionId: TransactionId,
  event: CoordinatorEvent,
): DeskStep {
  const state = node.coordinator.transactions.get(transactionId);
  return state ? applyStep(node, transactionId, state, stepCoordinator(state, event)) : nothing();
}

/** `before` is the state that the tables have now. */
function applyStep(
  node: NodeState,
  transactionId: TransactionId,
  before: CoordinatorState | undefined,
  step: CoordinatorStep,
): DeskStep {
  const { state } = step;
  const effects: Effect[] = [];
  if (before !== state) {
    enterState(node, transactionId, state, before);
    effects.push({ type: "coordinator-changed", state });
    if (before !== undefined && isVoting(before) && !isVoting(state))
      effects.push({ type: "stop-timer", timer: { kind: "vote-timeout", id: transactionId } });
  }
  let settlement: Settlement | null = null;
  for (const effect of step.effects) {
    if (effect.type === "settle") settlement = { state, outcome: effect.outcome, reason: effect.reason };
    else translate(node, transactionId, state, effect, effects);
  }
  for (const { name } of state.info.participants) if (isOwedBy(state, name)) armResend(node, name, effects);
  return { effects, settlement };
}

function isVoting({ phase }: CoordinatorState): boolean {
  return phase === "preparing" || phase === "one-phase";
}

/** Keeps the tables beside the entry true: what may still be preparing, and who owes an answer. */
export function enterState(
  node: NodeState,
  transactionId: TransactionId,
  state: CoordinatorState,
  before: CoordinatorState | undefined = node.coordinator.transactions.get(transactionId),
): void {
  const tables = node.coordinator;
  if (!isVoting(state)) tables.preparing.delete(transactionId);
  for (const { name } of state.info.participants) {
    const isOwed = isOwedBy(state, name);
    if (isOwed === (before !== undefined && isOwedBy(before, name))) continue;
    if (isOwed) tableOf(tables.awaiting, name).set(transactionId, 0);
    else tableOf(tables.awaiting, name).delete(transactionId);
  }
  if (state.phase === "forgotten") tables.transactions.delete(transactionId);
  else tables.transactions.set(transactionId, state);
}

/** Whether a participant owes this transaction a vote or an ack. */
function isOwedBy(state: CoordinatorState, name: NodeName): boolean {
  switch (state.phase) {
    case "preparing":
    case "one-phase":
      return !lookUp(state.votes, name);
    case "committing":
      return state.awaitingAck.includes(name);
    case "deciding":
    case "forgotten":
      return false;
    default:
      return assertNever(state, "phase");
  }
}

function translate(
  node: NodeState,
  transactionId: TransactionId,
  state: CoordinatorState,
  effect: Exclude<CoordinatorEffect, { type: "settle" }>,
  effects: Effect[],
): void {
  switch (effect.type) {
    case "append-commit":
      effects.push({ type: "append-record", record: effect.record, force: true });
      return;
    case "append-end":
      effects.push({ type: "append-record", record: { type: "end", transactionId }, force: false });
      return;
    case "answer-pending":
      return answerInquiry(node, effect.to, transactionId, "pending", effects);
    case "send-prepare":
      return sendPrepare(node, effect.to, state.info, effects);
    case "send-abort":
      return sendTo(node, effect.to, abortOf(node, transactionId), effects);
    case "send-decided-inquiry": {
      const message = { type: "decided-inquiry", transactionId, floor: floorOf(node) } as const;
      return sendTo(node, effect.to, message, effects);
    }
    case "send-commit":
      return sendCommit(node, effect.to, state, effects);
    default:
      return assertNever(effect, "effect");
  }
}

function sendCommit(node: NodeState, to: NodeName, state: CoordinatorState, effects: Effect[]): void {
  if (state.phase !== "committing") return;
  const voter = state.record.voters.find(({ name }) => name === to);
  if (!voter) return;
  const { transactionId } = state.info;
  const { preparedAt } = voter;
  const message = {
    type: "commit",
    transactionId,
    runEpoch: node.epoch,
    floor: floorOf(node),
    preparedAt,
  } as const;
  sendTo(node, to, message, effects);
}

function abortOf(node: NodeState, transactionId: TransactionId): Abort {
  return { type: "abort", transactionId, runEpoch: node.epoch, floor: floorOf(node) };
}

const NEVER_MET = { nodeId: null, epoch: null };

function sendPrepare(node: NodeState, to: NodeName, info: TransactionInfo, effects: Effect[]): void {
  const { transactionId, requestId, issuedAtMs, digest, operations } = info;
  const own = (operations ?? []).filter(({ participant }) => participant === to);
  const { nodeId, epoch } = to === node.self.name ? node : (node.peers.get(to) ?? NEVER_MET);
  if (nodeId === null || epoch === null) return;
  const message: Prepare = {
    type: "prepare",
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    operations: own,
    onePhase: info.participants.length === 1,
    coordinator: node.self,
    participants: [...info.participants],
    floor: floorOf(node),
    toStore: storeOf(nodeId),
    toEpoch: epoch,
  };
  sendTo(node, to, message, effects);
}

/** Sends where somebody listens; what is owed is sent again when a connection is back. */
function sendTo(node: NodeState, to: NodeName, message: ProtocolMessage, effects: Effect[]): void {
  const peer = node.peers.get(to);
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

/** The lowest counter of this run that may still be preparing. */
function floorOf(node: NodeState): { epoch: number; counter: number } {
  const lowest = node.coordinator.preparing.values().next();
  return { epoch: node.epoch, counter: lowest.done ? node.coordinator.nextCounter : lowest.value };
}

/** Answers a participant that asks. No information means abort, but only from the one who would have the information. */
export function receiveInquiry(node: NodeState, inquiry: Inquiry): DeskStep {
  const { transactionId, from } = inquiry;
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const effects: Effect[] = [];
  const answer = (word: "try-later" | "not-mine"): DeskStep => {
    answerInquiry(node, from, transactionId, word, effects);
    return { effects, settlement: null };
  };
  if (coordinatorId !== node.nodeId) return answer("not-mine");
  if (!node.isRecovered) return answer("try-later");
  if (node.coordinator.transactions.has(transactionId)) {
    return stepTransaction(node, transactionId, { type: "inquiry-received", from });
  }
  if (epoch > node.epoch || (epoch === node.epoch && counter >= node.coordinator.nextCounter)) {
    const text = `${from} asks about ${transactionId}, which this store has not reached: its log has lost records`;
    effects.push({ type: "raise-alarm", transactionId, text });
    return { effects, settlement: null };
  }
  sendTo(node, from, abortOf(node, transactionId), effects);
  return { effects, settlement: null };
}

function armResend(node: NodeState, to: NodeName, effects: Effect[]): void {
  if (node.coordinator.resendRounds.has(to)) return;
  node.coordinator.resendRounds.set(to, 1);
  const delayMs = node.settings.resendFirstMs;
  effects.push({ type: "start-timer", timer: { kind: "resend", id: to }, delayMs, jitter: true });
}

/** A round for one participant: what it has owed since the last one is sent again. Each participant has rounds of its own. */
export function resend(node: NodeState, to: NodeName): Effect[] {
  const tables = node.coordinator;
  if (tableOf(tables.awaiting, to).size === 0) {
    tables.resendRounds.delete(to);
    return [];
  }
  const effects = resendAll(node, to, 1);
  const round = (tables.resendRounds.get(to) ?? 0) + 1;
  tables.resendRounds.set(to, round);
  const { resendFirstMs, resendCapMs } = node.settings;
  const delayMs = backoffMs(round, resendFirstMs, resendCapMs);
  effects.push({ type: "start-timer", timer: { kind: "resend", id: to }, delayMs, jitter: true });
  return effects;
}

/** Sends again what has seen at least `roundsMin` rounds; a participant that is away is dialled instead. */
export function resendAll(node: NodeState, to: NodeName, roundsMin: number): Effect[] {
  const awaiting = tableOf(node.coordinator.awaiting, to);
  if (!isReachable(node, to)) return dialFor(node, to);
  const effects: Effect[] = [];
  for (const [transactionId, rounds] of awaiting) {
    awaiting.set(transactionId, rounds + 1);
    if (rounds >= roundsMin)
      effects.push(...stepTransaction(node, transactionId, { type: "resend-due", to }).effects);
  }
  return effects;
}

function dialFor(node: NodeState, to: NodeName): Effect[] {
  const first = tableOf(node.coordinator.awaiting, to).keys().next();
  const state = first.done ? undefined : node.coordinator.transactions.get(first.value);
  const url = node.peers.get(to)?.url ?? state?.info.participants.find(({ name }) => name === to)?.url;
  return url ? [{ type: "connect", to, url }] : [];
}
