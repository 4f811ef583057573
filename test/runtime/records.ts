import type { NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";

// One record of each kind, all of the same transaction, by the words that tables of tests use.

export const transactionId = "coordinator-00000000000c.1.1" as TransactionId;
export const request = { requestId: "r1" as RequestId, issuedAtMs: 5, digest: "d" };
export const warehouse = { name: "warehouse" as NodeName, url: "ws://warehouse" };
const coordinator = { name: "coordinator" as NodeName, url: "ws://coordinator" };
const verdict = { by: "ann", reason: "told by phone", atMs: 1 };
const redo = [{ key: "LAMP-01", add: { onHand: "-2", reserved: "-2" } }];
const undo = [{ key: "LAMP-01", add: { reserved: "-2" } }];
const preparedAt = { storeId: "00000000000a" as StoreId, epoch: 1, seq: 2 };

export const RECORDS: Readonly<Record<string, LogRecord>> = {
  prepared: {
    type: "prepared",
    transactionId,
    ...request,
    coordinator,
    participants: [warehouse],
    redo,
    undo,
  },
  committed: { type: "committed", transactionId, onePhase: null },
  aborted: { type: "aborted", transactionId },
  "one-phase": {
    type: "committed",
    transactionId,
    onePhase: { ...request, redo: [{ key: "LAMP-01", add: { onHand: "-2" } }] },
  },
  "heuristic commit": { type: "heuristic", transactionId, decision: "commit", verdict },
  "heuristic abort": { type: "heuristic", transactionId, decision: "abort", verdict },
  agreed: { type: "heuristic-end", transactionId, ending: "agreed", verdict: null },
  hazard: { type: "heuristic-end", transactionId, ending: "hazard", verdict },
  commit: { type: "commit", transactionId, ...request, attempt: 1, voters: [{ ...warehouse, preparedAt }] },
  released: { type: "released", transactionId, participant: warehouse.name, verdict },
  end: { type: "end", transactionId },
};

/** The record of a word; throws for a word that is none. */
export function recordOf(word: string): LogRecord {
  const record = RECORDS[word];
  if (!record) throw new Error(`no record ${word}`);
  return record;
}
