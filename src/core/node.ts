import type { NodeId, NodeName, TransactionId } from "../schema/ids.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { LogRecord } from "../schema/records.ts";
import type { CoordinatorEvent } from "./coordinator.ts";
import { receiveInquiry, resend, resendAll } from "./coordinator-desk.ts";
import { isCoordinatorsWord } from "./coordinators-words.ts";
import type { Effect, Timer } from "./effects.ts";
import { assertNever } from "./errors.ts";
import { runOf, storeOf } from "./ids.ts";
import { interned } from "./interned.ts";
import { lowSpaceAlarm, lowSpaceText } from "./low-space.ts";
import type { NodeState } from "./node-state.ts";
import {
  receiveAbort,
  receiveCommit,
  receiveDecidedInquiry,
  receivePrepare,
  refusePrepare,
  stepEntry,
} from "./participant-desk.ts";
import { askPeer, inquire, inquireAll, receiveAnswer, receivePeerInquiry } from "./participant-inquiry.ts";
import type { ParticipantEvent, PlannedWork } from "./participant-state.ts";
import { supersedeStores } from "./participant-stores.ts";
import { raiseFloor } from "./participant-tables.ts";
import {
  type BeginRequest,
  expire,
  lateReason,
  receiveBegin,
  retry,
  retryFor,
  stepAttempt,
} from "./request-desk.ts";
import { type ResolveRequest, resolveByHand } from "./resolve-desk.ts";

/** Everything that can happen to a node. */
export type NodeInput =
  | { readonly type: "begin-received"; readonly request: BeginRequest }
  | { readonly type: "message-received"; readonly from: NodeName; readonly message: ProtocolMessage }
  /** `seq` is the record's place in the log of this run. */
  | { readonly type: "record-forced"; readonly record: LogRecord; readonly seq: number }
  | { readonly type: "work-planned"; readonly transactionId: TransactionId; readonly plan: PlannedWork }
  | { readonly type: "work-performed"; readonly transactionId: TransactionId }
  | { readonly type: "work-failed"; readonly transactionId: TransactionId; readonly text: string }
  | { readonly type: "work-finished"; readonly transactionId: TransactionId }
  | { readonly type: "finish-failed"; readonly transactionId: TransactionId; readonly text: string }
  | {
      readonly type: "peer-connected";
      readonly name: NodeName;
      readonly url: string;
      readonly nodeId: NodeId;
      readonly epoch: number;
    }
  | { readonly type: "peer-disconnected"; readonly name: NodeName }
  | { readonly type: "peer-learned"; readonly name: NodeName; readonly url: string }
  | { readonly type: "timer-fired"; readonly timer: Timer }
  | { readonly type: "resolve-asked"; readonly request: ResolveRequest }
  | { readonly type: "drain-started" }
  /** Less than the reserve is free on the log's disk; both in bytes. */
  | { readonly type: "space-low"; readonly freeBytes: number; readonly reserveBytes: number }
  | { readonly type: "space-back" };

/** One input of one node: changes its tables, and adds what the world shall do to `effects`, which it returns. */
export function stepNode(node: NodeState, input: NodeInput, effects: Effect[] = []): Effect[] {
  takeInput(node, input, effects);
  return effects;
}

function takeInput(node: NodeState, input: NodeInput, effects: Effect[]): void {
  switch (input.type) {
    case "begin-received":
      return receiveBegin(node, input.request, effects);
    case "message-received":
      return receiveMessage(node, input.from, input.message, effects);
    case "record-forced":
      return receiveForced(node, input.record, input.seq, effects);
    case "work-planned":
    case "work-performed":
    case "work-failed":
    case "work-finished":
    case "finish-failed":
      return stepEntry(node, input.transactionId, input, effects);
    case "peer-connected":
      return connectPeer(node, input, effects);
    case "peer-disconnected": {
      const peer = node.peers.get(input.name);
      if (peer) node.peers.set(input.name, { ...peer, isConnected: false });
      return;
    }
    case "peer-learned": {
      const peer = node.peers.get(input.name);
      if (input.name === node.self.name || peer?.isConnected) return;
      const { name, url } = input;
      node.peers.set(name, {
        name,
        url,
        nodeId: peer?.nodeId ?? null,
        storeId: peer?.storeId ?? null,
        isConnected: false,
        epoch: peer?.epoch ?? null,
      });
      return;
    }
    case "timer-fired":
      return fireTimer(node, input.timer, effects);
    case "resolve-asked":
      return resolveByHand(node, input.request, effects);
    case "drain-started":
      node.isDraining = true;
      return;
    case "space-low":
      return noteLowSpace(node, input.freeBytes, input.reserveBytes, effects);
    case "space-back": {
      const text = node.lowSpace;
      node.lowSpace = null;
      if (text !== null) effects.push({ type: "clear-alarm", text: lowSpaceAlarm(text) });
      return;
    }
    default:
      return assertNever(input, "input");
  }
}

/** New work is refused while what is left still holds the rest of the work under way. */
function noteLowSpace(node: NodeState, freeBytes: number, reserveBytes: number, effects: Effect[]): void {
  if (node.lowSpace !== null) return;
  node.lowSpace = lowSpaceText(node.self.name, freeBytes, reserveBytes);
  effects.push({ type: "raise-alarm", transactionId: null, text: lowSpaceAlarm(node.lowSpace) });
}

/** Who must have sent the message: a participant is known by its name, a coordinator by its name and its store. */
function isSpeakers(node: NodeState, from: NodeName, message: ProtocolMessage): boolean {
  if (!isCoordinatorsWord(message)) return message.from === from;
  const { coordinatorId } = runOf(message.transactionId);
  return coordinatorId === (from === node.self.name ? node.nodeId : node.peers.get(from)?.nodeId);
}

/** A peer speaks for itself alone: a participant's words name it, a coordinator's are about its own transactions. */
function receiveMessage(node: NodeState, from: NodeName, message: ProtocolMessage, effects: Effect[]): void {
  if (!isSpeakers(node, from, message)) {
    const text = `${from} sent ${message.type} of ${message.transactionId}, which is not its to say: refused`;
    effects.push({ type: "raise-alarm", transactionId: message.transactionId, text });
    return;
  }
  const { transactionId } = message;
  switch (message.type) {
    case "prepare":
      return node.isParticipant
        ? receivePrepare(node, message, effects)
        : refusePrepare(node, message, effects);
    case "commit":
      if (node.isParticipant) receiveCommit(node, message, effects);
      return;
    case "abort":
      if (node.isParticipant) receiveAbort(node, transactionId, message.floor, effects);
      return;
    case "decided-inquiry":
      if (node.isParticipant) receiveDecidedInquiry(node, transactionId, message.floor, effects);
      return;
    case "inquiry":
      if (runOf(transactionId).coordinatorName !== node.self.name)
        return receivePeerInquiry(node, message, effects);
      return receiveInquiry(node, message, effects);
    case "inquiry-answer":
      return receiveAnswer(node, message, effects);
    case "vote":
      return receiveVote(node, message, effects);
    case "decided":
      return stepAttempt(node, transactionId, { type: "decided-received", decided: message }, effects);
    case "ack":
      return stepAttempt(node, transactionId, { type: "ack-received", from }, effects);
    case "commit-refused": {
      const refusal = { code: message.code, text: message.message };
      stepAttempt(node, transactionId, { type: "refusal-received", from, refusal }, effects);
      if (message.code !== "perform-failed" && awaitsAck(node, transactionId, from)) {
        const text = `${from} refuses the commit of ${transactionId}: ${message.message}`;
        effects.push({ type: "raise-alarm", transactionId, text });
      }
      return;
    }
    default:
      return assertNever(message, "message");
  }
}

function awaitsAck(node: NodeState, transactionId: TransactionId, from: NodeName): boolean {
  const state = node.coordinator.transactions.get(transactionId);
  return state?.phase === "committing" && state.awaitingAck.includes(from);
}

/** A `yes` for what is no longer known here comes from a prepared participant: it is answered like its inquiry. */
function receiveVote(
  node: NodeState,
  vote: Extract<ProtocolMessage, { type: "vote" }>,
  effects: Effect[],
): void {
  const { transactionId, from } = vote;
  if (vote.vote === "yes" && !node.coordinator.transactions.has(transactionId)) {
    return receiveInquiry(node, { type: "inquiry", transactionId, from }, effects);
  }
  stepAttempt(node, transactionId, { type: "vote-received", vote }, effects);
}

const COMMITTED_FORCED: ParticipantEvent = { type: "committed-forced" };
const COMMIT_RECORD_FORCED: CoordinatorEvent = { type: "commit-record-forced" };

/** Only the disk gets us here: what depends on a forced record happens in this step. */
function receiveForced(node: NodeState, record: LogRecord, seq: number, effects: Effect[]): void {
  switch (record.type) {
    case "commit":
      return stepAttempt(node, record.transactionId, COMMIT_RECORD_FORCED, effects);
    case "prepared": {
      const at = { storeId: node.storeId, epoch: node.epoch, seq };
      return stepEntry(node, record.transactionId, { type: "prepared-forced", at }, effects);
    }
    case "committed":
      return stepEntry(node, record.transactionId, COMMITTED_FORCED, effects);
    case "aborted":
      return stepEntry(node, record.transactionId, { type: "aborted-forced" }, effects);
    case "heuristic":
      return stepEntry(node, record.transactionId, { type: "heuristic-forced" }, effects);
    case "heuristic-end":
      return stepEntry(node, record.transactionId, { type: "heuristic-end-forced" }, effects);
    case "released": {
      const event = { type: "release-forced", participant: record.participant } as const;
      return stepAttempt(node, record.transactionId, event, effects);
    }
    case "end":
    case "run-start":
      return;
    default:
      return assertNever(record, "record");
  }
}

/** A connection is up: owed messages are sent again, inquiries are made, waiting requests go on. */
function connectPeer(
  node: NodeState,
  input: Extract<NodeInput, { type: "peer-connected" }>,
  effects: Effect[],
): void {
  const { url, epoch } = input;
  const name = interned(input.name);
  const nodeId = interned(input.nodeId);
  node.peers.set(name, { name, url, nodeId, storeId: storeOf(nodeId), epoch, isConnected: true });
  // The fence: a coordinator's earlier runs prepare nothing any more.
  raiseFloor(node, nodeId, { epoch, counter: 0 });
  supersedeStores(node, name, nodeId);
  if (node.coordinator.resendRounds.has(name)) node.coordinator.resendRounds.set(name, 1);
  if (node.participant.inquiryRounds.has(name)) node.participant.inquiryRounds.set(name, 1);
  resendAll(node, name, "all", effects);
  inquireAll(node, name, "all", effects);
  askPeer(node, name, effects);
  retryFor(node, name, effects);
}

function fireTimer(node: NodeState, timer: Timer, effects: Effect[]): void {
  switch (timer.kind) {
    case "vote-timeout": {
      const state = node.coordinator.transactions.get(timer.id);
      const reason = lateReason(state, `none within ${node.settings.voteTimeoutMs} ms`);
      return stepAttempt(node, timer.id, { type: "gave-up", reason }, effects);
    }
    case "resend":
      return resend(node, timer.id, effects);
    case "inquire":
      return inquire(node, timer.id, effects);
    case "retry":
      return retry(node, timer.id, effects);
    case "deadline":
      return expire(node, timer.id, effects);
    case "finish":
      return stepEntry(node, timer.id, { type: "finish-due" }, effects);
    default:
      return assertNever(timer, "timer");
  }
}
