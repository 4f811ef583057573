import type { NodeName, StoreId, TransactionId } from "../../schema/ids.ts";
import type { Operation } from "../../schema/operations.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { LogRecord } from "../../schema/records.ts";
import type { Begin, OutcomeMessage } from "../../schema/session.ts";
import { planTransaction, type Stock } from "../plan.ts";

type Sized = ProtocolMessage["type"] | LogRecord["type"] | "begin" | "outcome";
/** The bytes of the JSON of a message or record. */
export type Sizes = Readonly<Record<string, number>>;

const STORE = "0123456789ab" as StoreId;
const RUN = { epoch: 1, counter: 123_456 };
const COORDINATOR = { name: "coordinator" as NodeName, url: "ws://127.0.0.1:40000" };
const TRANSACTION = `${COORDINATOR.name}-${STORE}.1.123456` as TransactionId;
const REQUEST = { requestId: "bench-01234567-123456" as Begin["requestId"], issuedAtMs: 1_700_000_000_000 };
const DIGEST = "0123456789abcdef0123456789abcdef0123456789a";
const PREPARED_AT = { storeId: STORE, epoch: 1, seq: 123_456 };

/**
 * How long the real messages and records of a load are, from one of each that is built as the protocol builds it for an
 * update of these participants.
 */
export function floorSizes(names: readonly NodeName[]): Sizes {
  const { operations } = planTransaction(names.map(sampleStock), { abortRate: 0, readOnlyShare: 0 }, 0);
  const samples = [...messagesOf(names, operations), ...recordsOf(names)];
  return Object.fromEntries(
    samples.map((sample): [Sized, number] => [sample.type, JSON.stringify(sample).length]),
  );
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

function recordsOf(names: readonly NodeName[]): readonly Exclude<LogRecord, { type: "commit" | "abort" }>[] {
  const transactionId = TRANSACTION;
  return [
    {
      type: "prepared",
      transactionId,
      ...REQUEST,
      digest: DIGEST,
      coordinator: COORDINATOR,
      participants: addressesOf(names),
      redo: [{ key: "ITEM-0001", add: { onHand: "1", incoming: "-1" } }],
      undo: [{ key: "ITEM-0001", add: { incoming: "-1" } }],
    },
    { type: "committed", transactionId, onePhase: null },
    { type: "aborted", transactionId },
    { type: "end", transactionId },
  ];
}

/** The coordinator's forced record, which has the name of a message. */
export function commitRecordBytes(names: readonly NodeName[]): number {
  const record: LogRecord = {
    type: "commit",
    transactionId: TRANSACTION,
    ...REQUEST,
    digest: DIGEST,
    attempt: 1,
    voters: addressesOf(names).map((address) => ({ ...address, preparedAt: PREPARED_AT })),
  };
  return JSON.stringify(record).length;
}

function addressesOf(names: readonly NodeName[]) {
  return names.map((name) => ({ name, url: COORDINATOR.url }));
}
