import type { RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { Reason } from "../../src/schema/reasons.ts";
import { branch, COORDINATOR, LEDGER, ORDER, type Story, transactionId, WAREHOUSE } from "./story.ts";

const UNREACHABLE: Reason = {
  participant: LEDGER,
  code: "participant-unreachable",
  message: "ledger is not connected",
  retryable: true,
};

/** An attempt of one request that failed, since the ledger was away where nothing else is said; the next one is announced. */
export function tellAttempt(
  story: Story,
  counter: number,
  attempt: number,
  reason: Reason = UNREACHABLE,
): TransactionId {
  const id = transactionId(counter);
  story.tell(COORDINATOR, id, {
    type: "transaction-changed",
    view: {
      role: "coordinator",
      transactionId: id,
      requestId: "order-again" as RequestId,
      attempt,
      phase: "forgotten",
      outcome: "aborted",
      reason,
      branches: [WAREHOUSE, LEDGER].map(branch),
      operations: [...ORDER],
      results: [],
      startedAtMs: story.nowMs(),
      endedAtMs: story.nowMs(),
      counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 0 },
    },
  });
  const retry = { requestId: "order-again", attempt: attempt + 1, delayMs: 400 };
  story.tell(COORDINATOR, null, { type: "retry-scheduled", ...retry });
  return id;
}
