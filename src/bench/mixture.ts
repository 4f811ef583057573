/** What becomes of a transaction by plan: all write and commit, all only read, or the first participant refuses. */
export type TransactionKind = "update" | "read" | "abort";

/** Which shares of the transactions are not updates, each from 0 to 1. */
export interface Mixture {
  readonly abortRate: number;
  readonly readOnlyShare: number;
}

/** A transaction's kind, and how many of its kind have lower numbers. */
export interface Place {
  readonly kind: TransactionKind;
  readonly before: number;
}

/** Shares are counted in millionths: with whole numbers no share is ever one transaction short. */
const MILLION = 1_000_000;

/** The transaction with this number: the shares are kept exactly and evenly, and always the same way. */
export function placeOf(index: number, { abortRate, readOnlyShare }: Mixture): Place {
  const abortMillionths = Math.round(abortRate * MILLION);
  const aborts = (count: number) => Math.floor((count * abortMillionths) / MILLION);
  const abortsBefore = aborts(index);
  if (aborts(index + 1) > abortsBefore) return { kind: "abort", before: abortsBefore };
  // Of those that do not abort, so that the two shares never ask for the same transaction.
  const others = index - abortsBefore;
  const readMillionths = Math.round(readOnlyShare * MILLION);
  const reads = (count: number) => Math.floor((count * readMillionths) / (MILLION - abortMillionths));
  const readsBefore = reads(others);
  if (reads(others + 1) > readsBefore) return { kind: "read", before: readsBefore };
  return { kind: "update", before: others - readsBefore };
}
