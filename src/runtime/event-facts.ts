import { assertNever } from "../core/errors.ts";
import type { MessageFacts, RecordFacts } from "../schema/events.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { LogRecord } from "../schema/records.ts";

/** What a line about a message says beyond its type. */
export function describeMessage(message: ProtocolMessage): string {
  switch (message.type) {
    case "prepare":
      return message.operations.map(({ op }) => op).join(" ") + (message.onePhase ? " one-phase" : "");
    case "vote":
      return message.reason ? `${message.vote}: ${message.reason.message}` : message.vote;
    case "decided":
      return message.reason ? `${message.outcome}: ${message.reason.message}` : message.outcome;
    case "commit-refused":
      return message.message;
    case "inquiry-answer":
      return message.answer;
    case "commit":
    case "abort":
    case "ack":
    case "inquiry":
    case "decided-inquiry":
      return "";
    default:
      return assertNever(message, "message");
  }
}

/** What a watcher must know of a message to judge it; null where its type and transaction say it all. */
export function messageFacts(message: ProtocolMessage): MessageFacts | null {
  switch (message.type) {
    case "prepare": {
      const { requestId, onePhase, toStore, toEpoch, floor } = message;
      return {
        requestId,
        onePhase,
        participants: message.participants.map(({ name }) => name),
        toStore,
        toEpoch,
        floor,
      };
    }
    case "vote": {
      const { vote, preparedAt, reason } = message;
      return { vote, ...(preparedAt && { preparedAt }), ...refusalOf(reason) };
    }
    case "commit":
      return { preparedAt: message.preparedAt, floor: message.floor };
    case "abort":
    case "decided-inquiry":
      return { floor: message.floor };
    case "decided":
      return { outcome: message.outcome, ...refusalOf(message.reason) };
    case "inquiry-answer":
      return { answer: message.answer };
    case "commit-refused":
      return { refusal: message.code };
    case "ack":
    case "inquiry":
      return null;
    default:
      return assertNever(message, "message");
  }
}

function refusalOf(reason: Reason | null): Pick<MessageFacts, "code" | "duplicateOf"> {
  if (!reason) return {};
  const { code, duplicateOf } = reason;
  return duplicateOf ? { code, duplicateOf } : { code };
}

/** What a watcher must know of a record to judge it. */
export function recordFacts(record: LogRecord): RecordFacts | null {
  switch (record.type) {
    case "commit":
      return { requestId: record.requestId, voters: record.voters.map(({ name }) => name) };
    case "prepared":
      return { requestId: record.requestId };
    case "committed":
      return record.onePhase ? { onePhase: true, requestId: record.onePhase.requestId } : { onePhase: false };
    case "heuristic":
      return { decision: record.decision };
    case "heuristic-end":
      return { ending: record.ending };
    case "released":
      return { participant: record.participant };
    case "aborted":
    case "end":
    case "run-start":
      return null;
    default:
      return assertNever(record, "record");
  }
}

/** What watchers are told of a message; made only for somebody who reads it. */
export function wordsOf(message: ProtocolMessage) {
  const facts = messageFacts(message);
  return { message: message.type, text: describeMessage(message), ...(facts && { facts }) };
}
