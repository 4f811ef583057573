import Type from "typebox";
import { NodeName, TransactionId } from "./ids.ts";

/** Why a transaction was aborted. Whether trying again can help stands in the core's table. */
export const REASON_CODES = [
  "unknown-item",
  "insufficient-stock",
  "unknown-account",
  "insufficient-funds",
  "invalid-operation",
  "amount-overflow",
  "request-mismatch",
  "request-expired",
  "unknown-participant",
  "stock-reserved",
  "funds-reserved",
  "busy",
  "participant-unreachable",
  "vote-timeout",
  "duplicate-request",
  "stale-prepare",
  "restarted",
  "already-aborted",
  "draining",
  "disk-full",
  "injected-invalid",
  "injected-transient",
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];
export const ReasonCode = Type.Unsafe<ReasonCode>(Type.String({ enum: [...REASON_CODES] }));

/** Which transaction holds a request already, and whether it has committed. */
export const Duplicate = Type.Object(
  { transactionId: TransactionId, committed: Type.Boolean() },
  { additionalProperties: false },
);
export type Duplicate = Type.Static<typeof Duplicate>;

/** Transactions that a refusal names at most. */
export const HOLDERS_NAMED_MAX = 16;

/** The row that others hold, and which of their transactions do: those in doubt, the oldest first. */
export const HeldBy = Type.Object(
  { key: Type.String(), transactionIds: Type.Array(TransactionId, { maxItems: HOLDERS_NAMED_MAX }) },
  { additionalProperties: false },
);
export type HeldBy = Type.Static<typeof HeldBy>;

/** A participant's reason for voting `no`, or the coordinator's for giving up. */
export const Reason = Type.Object(
  {
    participant: Type.Union([NodeName, Type.Null()]),
    code: ReasonCode,
    message: Type.String({ maxLength: 512 }),
    retryable: Type.Boolean(),
    /** With `duplicate-request`. */
    duplicateOf: Type.Optional(Duplicate),
    /** With `stock-reserved` and `funds-reserved`. */
    heldBy: Type.Optional(HeldBy),
  },
  { additionalProperties: false },
);
export type Reason = Type.Static<typeof Reason>;
