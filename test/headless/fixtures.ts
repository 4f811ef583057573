import type { Cast } from "../../src/headless/ports.ts";
import type { TransactionReport } from "../../src/headless/report.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { AccountView, ItemView } from "../../src/schema/views.ts";

export const CAST: Cast = {
  coordinator: "coordinator" as NodeName,
  warehouse: "warehouse" as NodeName,
  ledger: "ledger" as NodeName,
};

export function item(sku: string, onHand: bigint, reserved = 0n): ItemView {
  return {
    sku,
    name: sku,
    onHand: String(onHand),
    reserved: String(reserved),
    available: String(onHand - reserved),
    priceMinor: "10",
  };
}

export function account(id: string, type: AccountView["type"], debits: bigint, credits: bigint): AccountView {
  const balance = type === "asset" || type === "expense" ? debits - credits : credits - debits;
  return {
    id,
    name: id,
    type,
    debitsPosted: String(debits),
    creditsPosted: String(credits),
    debitsPending: "0",
    creditsPending: "0",
    balance: String(balance),
    overdraft: false,
  };
}

/** A committed order as its nodes counted it. */
export function committedReport(): TransactionReport {
  const participant = {
    vote: "yes",
    outcome: "committed",
    recordsAppended: 2,
    recordsForced: 2,
    messagesSent: 2,
  } as const;
  return {
    transactionId: "coordinator-0123456789ab.1.1",
    requestId: "r-1",
    outcome: "committed",
    reason: null,
    attempts: 1,
    durationMs: 1.5,
    results: [],
    coordinator: { id: "coordinator-0123456789ab", recordsAppended: 2, recordsForced: 1, messagesSent: 4 },
    participants: { warehouse: participant, ledger: participant },
  };
}
