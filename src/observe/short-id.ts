import type { NodeName, TransactionId } from "../schema/ids.ts";

const parts = /^([a-z][a-z0-9-]*)-[0-9a-f]{12}\.([0-9]+\.[0-9]+)$/;

/** The name of the node that coordinates the transaction, read from its id; null when the id has another form. */
export function coordinatorName(transactionId: TransactionId): NodeName | null {
  // The pattern of a transaction id holds the pattern of a node name.
  return (parts.exec(transactionId)?.[1] as NodeName | undefined) ?? null;
}

/** The run of its coordinator in which the transaction began; null when the id has another form. */
export function runOf(transactionId: TransactionId): number | null {
  const match = parts.exec(transactionId);
  return match === null ? null : Number.parseInt(match[2] ?? "", 10);
}

/** `EPOCH.COUNTER`, with `NAME:` before it when `named`, for people; the whole id stays the identity. */
export function shortId(transactionId: TransactionId, named = false): string {
  const match = parts.exec(transactionId);
  if (match === null) return transactionId;
  return named ? `${match[1]}:${match[2]}` : `${match[2]}`;
}
