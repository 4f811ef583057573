import type { NodeName, PreparedAt, TransactionId } from "../schema/ids.ts";
import type { ReadResult } from "../schema/operations.ts";
import type { ProtocolMessage, Vote } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { AbortedRecord } from "../schema/records.ts";
import type { Effect } from "./effects.ts";
import { assertNever, invariant } from "./errors.ts";
import { runOf } from "./ids.ts";
import type { NodeState } from "./node-state.ts";
import type { ParticipantEffect, ParticipantState, Work } from "./participant-state.ts";

export const NO_RESULTS: readonly ReadResult[] = [];

/** An effect of one transaction as what the node does: its records and messages are made here. */
export function translate(
  node: NodeState,
  transactionId: TransactionId,
  state: ParticipantState,
  effect: ParticipantEffect,
): Effect {
  const from = node.self.name;
  switch (effect.type) {
    case "perform-work":
      return { type: "perform-work", transactionId, redo: workOf(state).redo };
    case "undo-work":
      return { type: "undo-work", transactionId, undo: effect.undo };
    case "finish-work":
      return { type: "finish-work", transactionId };
    case "retry-finish": {
      const delayMs = node.settings.finishRetryMs;
      return { type: "start-timer", timer: { kind: "finish", id: transactionId }, delayMs, jitter: false };
    }
    case "append-prepared":
    case "append-committed":
    case "append-aborted":
      return appendOf(node, transactionId, state, effect);
    case "vote-yes":
      invariant(state.phase === "prepared", "a vote of yes on what is not prepared");
      return voteOf(node, transactionId, "yes", null, state.work.results, state.preparedAt);
    case "vote-no":
      return voteNo(node, transactionId, own(node, effect.reason));
    case "vote-read-only":
      invariant(state.phase === "read-only", "a vote of read-only on what is not");
      return voteOf(node, transactionId, "read-only", null, state.results, null);
    case "append-heuristic": {
      const { decision, verdict } = effect;
      const record = { type: "heuristic", transactionId, decision, verdict } as const;
      return { type: "append-record", record, force: true };
    }
    case "append-heuristic-end": {
      const { ending, verdict } = effect;
      const record = { type: "heuristic-end", transactionId, ending, verdict } as const;
      return { type: "append-record", record, force: true };
    }
    case "report-mixed": {
      const message = effect.text.slice(0, 500);
      return reply(node, { type: "commit-refused", transactionId, from, code: "heuristic", message });
    }
    case "answer-peer": {
      const { answer } = effect;
      return send(node, effect.to, { type: "inquiry-answer", transactionId, from, answer });
    }
    case "send-ack":
      return reply(node, { type: "ack", transactionId, from });
    case "refuse-commit": {
      const message = effect.text.slice(0, 500);
      return reply(node, { type: "commit-refused", transactionId, from, code: "perform-failed", message });
    }
    case "tell-decided": {
      const { outcome, results } = effect;
      const reason = effect.reason ? own(node, effect.reason) : null;
      return reply(node, { type: "decided", transactionId, from, outcome, reason, results });
    }
    case "contradicted":
      return { type: "raise-alarm", transactionId, text: effect.text };
    default:
      return assertNever(effect, "effect");
  }
}

function appendOf(
  node: NodeState,
  transactionId: TransactionId,
  state: ParticipantState,
  effect: Extract<ParticipantEffect, { type: "append-prepared" | "append-committed" | "append-aborted" }>,
): Effect {
  if (effect.type === "append-aborted") {
    const refusal = refusalOf(node, state);
    const record = { type: "aborted", transactionId, ...(refusal && { refusal }) } as const;
    return { type: "append-record", record, force: effect.force };
  }
  invariant(
    state.phase === "working" || state.phase === "performing",
    "a record of work that is not under way",
  );
  const { job } = state;
  const { requestId, issuedAtMs, digest, coordinator, participants } = job;
  const { redo, undo } = workOf(state);
  if (effect.type === "append-prepared") {
    const floor = node.participant.floors.get(runOf(transactionId).coordinatorId);
    return {
      type: "append-record",
      record: {
        type: "prepared",
        transactionId,
        requestId,
        issuedAtMs,
        digest,
        coordinator,
        participants,
        redo,
        undo,
        floor,
      },
      force: true,
    };
  }
  const onePhase = job.onePhase ? { requestId, issuedAtMs, digest, redo } : null;
  return { type: "append-record", record: { type: "committed", transactionId, onePhase }, force: true };
}

/** A reason says whose it is. */
export function own(node: NodeState, reason: Reason): Reason {
  return reason.participant ? reason : { ...reason, participant: node.self.name };
}

function workOf(state: ParticipantState): Work {
  invariant("work" in state && state.work, "work is spoken of before it was planned");
  return state.work;
}

/** What outlives a crash with its abort, once that is on disk: that the request is invalid here. */
export function refusalOf(node: NodeState, state: ParticipantState): AbortedRecord["refusal"] | null {
  if (state.phase !== "aborting" || !state.job || !state.reason || state.reason.retryable) return null;
  const { requestId, issuedAtMs, digest } = state.job;
  return { requestId, issuedAtMs, digest, reason: own(node, state.reason) };
}

export function voteNo(node: NodeState, transactionId: TransactionId, reason: Reason): Effect {
  return voteOf(node, transactionId, "no", reason, NO_RESULTS, null);
}

function voteOf(
  node: NodeState,
  transactionId: TransactionId,
  vote: Vote["vote"],
  reason: Reason | null,
  results: readonly ReadResult[],
  preparedAt: PreparedAt | null,
): Effect {
  const from = node.self.name;
  return reply(node, { type: "vote", transactionId, from, vote, reason, results, preparedAt });
}

/** What its coordinator is told of a transaction. */
export function reply(node: NodeState, message: ProtocolMessage): Effect {
  return send(node, runOf(message.transactionId).coordinatorName, message);
}

function send(node: NodeState, to: NodeName, message: ProtocolMessage): Effect {
  return { type: "send", to, url: node.peers.get(to)?.url ?? null, message };
}
