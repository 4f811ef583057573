import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Inquiry, ProtocolMessage } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  type CoordinatorStep,
  stepCoordinator,
  type TransactionInfo,
  type Votes,
} from "./coordinator.ts";
import type { Effect } from "./effects.ts";
import { assertNever } from "./errors.ts";
import { parseTransactionId } from "./ids.ts";
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

const nothing: DeskStep = { effects: [], settlement: null };

/** Begins voting on a new transaction. Everybody in `info` must be reachable now. */
export function begin(node: NodeState, info: TransactionInfo): DeskStep {
  const { transactionId } = info;
  node.coordinator.preparing.set(transactionId, parseTransactionId(transactionId).counter);
  const step = applyStep(node, transactionId, beginTransaction(info));
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
  return state ? applyStep(node, transactionId, stepCoordinator(state, event)) : nothing;
}

function applyStep(node: NodeState, transactionId: TransactionId, step: CoordinatorStep): DeskStep {
  const before = node.coordinator.transactions.get(transactionId);
  const effects: Effect[] = [];
  const owed = owedBy(step.state);
  if (before !== step.state) {
    enterState(node, transactionId, step.state, owed);
    effects.push({ type: "coordinator-changed", state: step.state });
    const wasVoting = before?.phase === "preparing" || before?.phase === "one-phase";
    const isVoting = step.state.phase === "preparing" || step.state.phase === "one-phase";
    if (wasVoting && !isVoting)
      effects.push({ type: "stop-timer", timer: { kind: "vote-timeout", id: transactionId } });
  }
  let settlement: Settlement | null = null;
  for (const effect of step.effects) {
    if (effect.type === "settle")
      settlement = { state: step.state, outcome: effect.outcome, reason: effect.reason };
    else effects.push(...translate(node, transactionId, step.state, effect));
  }
  for (const to of owed) armResend(node, to, effects);
  return { effects, settlement };
}

/** Keeps the tables beside the entry true: what may still be preparing, and who owes an answer. */
export function enterState(
  node: NodeState,
  transactionId: TransactionId,
  state: CoordinatorState,
  owed = owedBy(state),
): void {
  const tables = node.coordinator;
  if (state.phase !== "preparing" && state.phase !== "one-phase") tables.preparing.delete(transactionId);
  for (const { name } of state.info.participants) {
    const awaiting = tableOf(tables.awaiting, name);
    if (!owed.includes(name)) awaiting.delete(transactionId);
    else if (!awaiting.has(transactionId)) awaiting.set(transactionId, 0);
  }
  if (state.phase === "forgotten") tables.transactions.delete(transactionId);
  else tables.transactions.set(transactionId, state);
}

/** Who owes this transaction a vote or an ack. */
function owedBy(state: CoordinatorState): readonly NodeName[] {
  switch (state.phase) {
    case "preparing":
    case "one-phase":
      return withoutVote(state.info, state.votes);
    case "committing":
      return state.awaitingAck;
    case "deciding":
    case "forgotten":
      return [];
    default:
      return assertNever(state, "phase");
  }
}

function withoutVote({ participants }: TransactionInfo, votes: Votes): readonly NodeName[] {
  const names: NodeName[] = [];
  for (const { name } of participants) if (!lookUp(votes, name)) names.push(name);
  return names;
}

function translate(
  node: NodeState,
  transactionId: TransactionId,
  state: CoordinatorState,
  effect: Exclude<CoordinatorEffect, { type: "settle" }>,
): Effect[] {
  switch (effect.type) {
    case "append-commit":
      return [{ type: "append-record", record: effect.record, force: true }];
    case "append-end":
      return [{ type: "append-record", record: { type: "end", transactionId }, force: false }];
    case "answer-pending":
      return sendTo(node, effect.to, {
        type: "inquiry-answer",
        transactionId,
        from: node.self.name,
        answer: "pending",
      });
    case "send-prepare":
      return sendPrepare(node, effect.to, state.info);
    case "send-abort":
      return sendTo(node, effect.to, {
        type: "abort",
        transactionId,
        runEpoch: node.epoch,
        floor: floorOf(node),
      });
    case "send-decided-inquiry":
      return sendTo(node, effect.to, { type: "decided-inquiry", transactionId, floor: floorOf(node) });
    case "send-commit": {
      if (state.phase !== "committing") return [];
      const preparedAt = state.record.voters.find(({ name }) => name === effect.to)?.preparedAt;
      if (!preparedAt) return [];
      const message = {
        type: "commit",
        transactionId,
        runEpoch: node.epoch,
        floor: floorOf(node),
        preparedAt,
      } as const;
      return sendTo(node, effect.to, message);
    }
    default:
      return assertNever(effect, "effect");
  }
}

function sendPrepare(node: NodeState, to: NodeName, info: TransactionInfo): Effect[] {
  const { transactionId, requestId, issuedAtMs, digest, operations } = info;
  const own = (operations ?? []).filter(({ participant }) => participant === to);
  const toEpoch = to === node.self.name ? node.epoch : node.peers.get(to)?.epoch;
  if (toEpoch === undefined || toEpoch === null) return [];
  return sendTo(node, to, {
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
    toEpoch,
  });
}

/** Sends where somebody listens; what is owed is sent again when a connection is back. */
function sendTo(node: NodeState, to: NodeName, message: ProtocolMessage): Effect[] {
  if (!isReachable(node, to)) return [];
  return [{ type: "send", to, url: node.peers.get(to)?.url ?? null, message }];
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
  const answer = (word: "try-later" | "not-mine"): DeskStep => ({
    effects: sendTo(node, from, {
      type: "inquiry-answer",
      transactionId,
      from: node.self.name,
      answer: word,
    }),
    settlement: null,
  });
  if (coordinatorId !== node.nodeId) return answer("not-mine");
  if (!node.isRecovered) return answer("try-later");
  if (node.coordinator.transactions.has(transactionId)) {
    return stepTransaction(node, transactionId, { type: "inquiry-received", from });
  }
  if (epoch > node.epoch || (epoch === node.epoch && counter >= node.coordinator.nextCounter)) {
    const text = `${from} asks about ${transactionId}, which this store has not reached: its log has lost records`;
    return { effects: [{ type: "raise-alarm", transactionId, text }], settlement: null };
  }
  const message = { type: "abort", transactionId, runEpoch: node.epoch, floor: floorOf(node) } as const;
  return { effects: sendTo(node, from, message), settlement: null };
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
