import type { NodeName, StoreId, TransactionId } from "../../schema/ids.ts";
import type { Operation } from "../../schema/operations.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { LogRecord } from "../../schema/records.ts";
import type { Begin, OutcomeMessage } from "../../schema/session.ts";
import { planTransaction, type Stock } from "../plan.ts";

type MessageType = (ProtocolMessage | Begin | OutcomeMessage)["type"];
/** What a node of the floor logs. `refused` stands for an `aborted` record that has a refusal. */
export type FloorRecordType = "prepared" | "refused" | "committed" | "aborted" | "commit" | "end";

const STORE = "0123456789ab" as StoreId;
const RUN = { epoch: 1, counter: 123_456 };
const COORDINATOR = { name: "coordinator" as NodeName, url: "ws://127.0.0.1:40000" };
const TRANSACTION = `${COORDINATOR.name}-${STORE}.1.123456` as TransactionId;
const REQUEST = { requestId: "bench-01234567-123456" as Begin["requestId"], issuedAtMs: 1_700_000_000_000 };
const DIGEST = "0123456789abcdef0123456789abcdef0123456789a";
const PREPARED_AT = { storeId: STORE, epoch: 1, seq: 123_456 };

/**
 * How many bytes of JSON the real messages of a load are, from one of each that is built as the protocol builds it for an
 * update of these participants.
 */
export function messageSizes(names: readonly NodeName[]): Partial<Record<MessageType, number>> {
  const { operations } = planTransaction(names.map(sampleStock), { abortRate: 0, readOnlyShare: 0 }, 0);
  return Object.fromEntries(messagesOf(names, operations).map((sample) => [sample.type, lengthOf(sample)]));
}

/** The same of the real records; what is refused is a row that the first participant does not keep. */
export function recordSizes(names: readonly NodeName[]): Record<FloorRecordType, number> {
  const { prepared, refused, committed, aborted, commit, end } = recordsOf(names);
  return {
    prepared: lengthOf(prepared),
    refused: lengthOf(refused),
    committed: lengthOf(committed),
    aborted: lengthOf(aborted),
    commit: lengthOf(commit),
    end: lengthOf(end),
  };
}

function lengthOf(sample: ProtocolMessage | LogRecord | Begin | OutcomeMessage): number {
  return JSON.stringify(sample).length;
}

/** Warehouses and ledgers in turn, as a benchmark's cluster has them. */
function sampleStock(name: NodeName, place: number): Stock {
  if (place % 2 === 0) return { name, kind: "warehouse", skus: ["ITEM-0001"] };
  return { name, kind: "ledger", pairs: [{ debit: "cash-0001", credit: "customer-0001" }] };
}

function messagesOf(
  names: readonly NodeName[],
  operations: Operation[],
): readonly (ProtocolMessage | Begin | OutcomeMessage)[] {
  const [from = COORDINATOR.name] = names;
  const transactionId = TRANSACTION;
  return [
    { type: "begin", ...REQUEST, operations, timeoutMs: 30_000, isFirstSend: true },
    {
      type: "prepare",
      transactionId,
      ...REQUEST,
      digest: DIGEST,
      operations: operations.slice(0, 1),
      onePhase: false,
      coordinator: COORDINATOR,
      participants: addressesOf(names),
      floor: RUN,
      toStore: PREPARED_AT.storeId,
      toEpoch: 1,
    },
    { type: "vote", transactionId, from, vote: "yes", reason: null, results: [], preparedAt: PREPARED_AT },
    { type: "commit", transactionId, runEpoch: 1, floor: RUN, preparedAt: PREPARED_AT },
    { type: "abort", transactionId, runEpoch: 1, floor: RUN },
    { type: "ack", transactionId, from },
    {
      type: "outcome",
      requestId: REQUEST.requestId,
      transactionId,
      outcome: "committed",
      attempts: 1,
      reason: null,
      votes: Object.fromEntries(names.map((name) => [name, "yes"])),
      results: [],
      durationMs: 12.345,
    },
  ];
}

function recordsOf(names: readonly NodeName[]): Record<FloorRecordType, LogRecord> {
  const transactionId = TRANSACTION;
  const request = { ...REQUEST, digest: DIGEST };
  const [refuser = COORDINATOR.name] = names;
  const message = `${refuser} has no item no-such-row`;
  const reason = { participant: refuser, code: "unknown-item", message, retryable: false } as const;
  return {
    prepared: {
      type: "prepared",
      transactionId,
      ...request,
      coordinator: COORDINATOR,
      participants: addressesOf(names),
      redo: [{ key: "ITEM-0001", add: { onHand: "1", incoming: "-1" } }],
      undo: [{ key: "ITEM-0001", add: { incoming: "-1" } }],
      floor: RUN,
    },
    refused: { type: "aborted", transactionId, refusal: { ...request, reason } },
    committed: { type: "committed", transactionId, onePhase: null },
    aborted: { type: "aborted", transactionId },
    commit: {
      type: "commit",
      transactionId,
      ...request,
      attempt: 1,
      voters: addressesOf(names).map((address) => ({ ...address, preparedAt: PREPARED_AT })),
    },
    end: { type: "end", transactionId },
  };
}

function addressesOf(names: readonly NodeName[]) {
  return names.map((name) => ({ name, url: COORDINATOR.url }));
}
