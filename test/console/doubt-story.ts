import type { NodeName, RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { Reason } from "../../src/schema/reasons.ts";
import type { ParticipantView } from "../../src/schema/views.ts";
import {
  branch,
  COORDINATOR,
  LEDGER,
  LEDGER_REDO,
  participantView,
  type Story,
  shipOf,
  transactionId,
  WAREHOUSE,
  WAREHOUSE_REDO,
} from "./story.ts";

// What the hand-made cluster tells of a transaction in doubt, and of one that was settled by hand.

/** The coordinator is gone, undecided as far as anybody heard. */
export function tellCoordinatorDown(story: Story): void {
  story.pass(200);
  story.process(COORDINATOR, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
  story.push({ type: "disconnected", node: COORDINATOR, why: "connection closed" });
}

/** Both participants of an order ask each other, and neither can help. */
export function tellPeersAsking(story: Story, id: TransactionId): void {
  for (const [name, other] of [
    [WAREHOUSE, LEDGER],
    [LEDGER, WAREHOUSE],
  ] as const) {
    const answer = { message: "inquiry-answer", text: "in-doubt" } as const;
    story.tell(name, id, { type: "message-sent", to: other, message: "inquiry", text: "" });
    story.tell(other, id, { type: "message-received", from: name, message: "inquiry", text: "" });
    story.tell(other, id, { type: "message-sent", to: name, ...answer });
    story.tell(name, id, { type: "message-received", from: other, ...answer });
    tellParticipant(story, name, id, { answers: { [other]: "in-doubt" } });
  }
}

/** An operator has aborted at the ledger; `truth` is the coordinator's decision, once the ledger has heard it. */
export function tellHeuristic(
  story: Story,
  id: TransactionId,
  truth: "commit" | "abort" | null,
  endedAtMs: number | null = null,
): void {
  const ending = truth === null ? "hazard" : truth === "abort" ? "agreed" : "mixed";
  const verdict = { by: "ann", reason: "goods are back", atMs: story.nowMs() };
  tellParticipant(story, LEDGER, id, {
    phase: "heuristic",
    heuristic: { decision: "abort", truth, ending, ...verdict },
    endedAtMs,
  });
}

/** Why an order does not get the lamps that `holder` keeps. */
export function reservedBy(holder: TransactionId): Reason {
  return {
    participant: WAREHOUSE,
    code: "stock-reserved",
    message: "warehouse has 40 of LAMP-01 on hand, 2 reserved by others, 39 asked",
    retryable: true,
    heldBy: { key: "LAMP-01", transactionIds: [holder] },
  };
}

/** An order that finds the lamps reserved by the first one. */
export function tellRefusedForLock(story: Story, counter: number): void {
  const id = transactionId(counter);
  const reason = reservedBy(transactionId(1));
  story.tell(COORDINATOR, id, {
    type: "transaction-changed",
    view: {
      role: "coordinator",
      transactionId: id,
      requestId: `order-${counter}` as RequestId,
      attempt: 1,
      phase: "forgotten",
      outcome: "aborted",
      reason,
      branches: [{ ...branch(WAREHOUSE), vote: "no", reason }],
      operations: [shipOf("LAMP-01", 39)],
      results: [],
      startedAtMs: story.nowMs(),
      endedAtMs: story.nowMs(),
      counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 1 },
    },
  });
}

/** A prepared participant's view, changed as told. */
export function tellParticipant(
  story: Story,
  name: NodeName,
  id: TransactionId,
  change: Partial<ParticipantView>,
): void {
  const redo = name === LEDGER ? LEDGER_REDO : WAREHOUSE_REDO;
  const prepared = { ...participantView(id, story.nowMs()), phase: "prepared", vote: "yes", redo } as const;
  story.tell(name, id, { type: "transaction-changed", view: { ...prepared, ...change } });
}
