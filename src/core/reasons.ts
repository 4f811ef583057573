import type { NodeName } from "../schema/ids.ts";
import type { Reason, ReasonCode } from "../schema/reasons.ts";

/**
 * Whether trying again can help. An *invalid* request is never retried; a *transient* failure is, as a new
 * transaction of the same request.
 */
export const RETRYABLE = {
  "unknown-item": false,
  "insufficient-stock": false,
  "unknown-account": false,
  "insufficient-funds": false,
  "invalid-operation": false,
  "amount-overflow": false,
  "request-mismatch": false,
  "request-expired": false,
  "unknown-participant": false,
  "stock-reserved": true,
  "funds-reserved": true,
  busy: true,
  "participant-unreachable": true,
  "vote-timeout": true,
  "duplicate-request": true,
  "stale-prepare": true,
  restarted: true,
  "already-aborted": true,
  draining: true,
  "disk-full": true,
  "injected-invalid": false,
  "injected-transient": true,
} as const satisfies Record<ReasonCode, boolean>;

/** What the schema allows for the words of a reason, in characters. */
const REASON_TEXT_MAX = 512;

/** A reason with what the table says about it. `participant` is null where it is nobody's in particular. */
export function reasonFor(participant: NodeName | null, code: ReasonCode, message: string): Reason {
  return { participant, code, message: message.slice(0, REASON_TEXT_MAX), retryable: RETRYABLE[code] };
}

/** A refusal for want of what others hold of one row. Which transactions hold it, the node knows and not its store. */
export function reservedReason(
  participant: NodeName,
  code: "stock-reserved" | "funds-reserved",
  message: string,
  key: string,
): Reason {
  return { ...reasonFor(participant, code, message), heldBy: { key, transactionIds: [] } };
}

/** Why a participant cannot take part any more: another attempt may. */
export function alreadyAborted(message: string): Reason {
  return reasonFor(null, "already-aborted", message);
}
