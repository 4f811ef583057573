import Type from "typebox";
import { NodeName, TransactionId } from "./ids.ts";

/**
 * Why a transaction was aborted, and whether trying again can help.
 * An *invalid* request is never retried; a *transient* failure is, as a new transaction of the same request.
 */
export const REASONS = {
  "unknown-item": { retryable: false },
  "insufficient-stock": { retryable: false },
  "unknown-account": { retryable: false },
  "insufficient-funds": { retryable: false },
  "invalid-operation": { retryable: false },
  "amount-overflow": { retryable: false },
  "request-mismatch": { retryable: false },
  "request-expired": { retryable: false },
  "unknown-participant": { retryable: false },
  "stock-reserved": { retryable: true },
  "funds-reserved": { retryable: true },
  busy: { retryable: true },
  "participant-unreachable": { retryable: true },
  "vote-timeout": { retryable: true },
  "duplicate-request": { retryable: true },
  "stale-prepare": { retryable: true },
  restarted: { retryable: true },
  "already-aborted": { retryable: true },
  draining: { retryable: true },
  "injected-invalid": { retryable: false },
  "injected-transient": { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

export type ReasonCode = keyof typeof REASONS;
const codes = Object.keys(REASONS) as ReasonCode[];
export const ReasonCode = Type.Unsafe<ReasonCode>(Type.String({ enum: codes }));

/** A participant's reason for voting `no`, or the coordinator's for giving up. */
export const Reason = Type.Object(
  {
    participant: Type.Union([NodeName, Type.Null()]),
    code: ReasonCode,
    message: Type.String({ maxLength: 512 }),
    retryable: Type.Boolean(),
    /** With `duplicate-request`: the transaction that already holds the request, and whether it has committed. */
    duplicateOf: Type.Optional(
      Type.Object(
        { transactionId: TransactionId, committed: Type.Boolean() },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Reason = Type.Static<typeof Reason>;
