import fc from "fast-check";
import { expect, test } from "vitest";
import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  stepCoordinator,
} from "../../src/core/coordinator.ts";
import { beginWork, stepParticipant } from "../../src/core/participant.ts";
import type { ParticipantEffect, ParticipantEvent } from "../../src/core/participant-state.ts";
import type { NodeName, PreparedAt, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Vote } from "../../src/schema/protocol.ts";
import type { Reason } from "../../src/schema/reasons.ts";

// The write-ahead rule holds by construction: whatever arrives in whatever order, no step that appends a record to be
// forced says anything that depends on it, and what depends on it is said only after the event that it is on disk.

const transactionId = "coordinator-000000000001.1.1" as TransactionId;
const names = ["warehouse", "ledger"] as NodeName[];
const preparedAt: PreparedAt = { storeId: "000000000002" as StoreId, epoch: 1, seq: 2 };
const reason: Reason = { participant: null, code: "busy", message: "busy", retryable: true };
const request = { requestId: "r1" as RequestId, issuedAtMs: 1, digest: "d" };

function voteOf(from: NodeName, vote: Vote["vote"]): Vote {
  const at = vote === "yes" ? preparedAt : null;
  return {
    type: "vote",
    transactionId,
    from,
    vote,
    reason: vote === "no" ? reason : null,
    results: [],
    preparedAt: at,
  };
}

const coordinatorEvent: fc.Arbitrary<CoordinatorEvent> = fc.constantFrom(
  ...names.flatMap((from): CoordinatorEvent[] => [
    { type: "vote-received", vote: voteOf(from, "yes") },
    { type: "vote-received", vote: voteOf(from, "yes") },
    { type: "vote-received", vote: voteOf(from, "read-only") },
    { type: "vote-received", vote: voteOf(from, "no") },
    { type: "ack-received", from },
    { type: "refusal-received", from, refusal: { code: "perform-failed", text: "not yet" } },
    { type: "inquiry-received", from },
    { type: "resend-due", to: from },
  ]),
  { type: "gave-up" as const, reason },
  { type: "commit-record-forced" as const },
);

test("a coordinator tells nobody of a commit before its record is on disk, and nothing turns it after", () => {
  fc.assert(
    fc.property(fc.array(coordinatorEvent, { maxLength: 40 }), (events) => {
      const participants = names.map((name) => ({ name, url: "" }));
      const info = { transactionId, ...request, attempt: 1, operations: [], participants };
      let state = beginTransaction(info, []);
      let isAppended = false;
      let isForced = false;
      let outcome: string | null = null;
      for (const event of events) {
        if (event.type === "commit-record-forced" && !isAppended) continue; // The disk tells only what was appended.
        isForced ||= event.type === "commit-record-forced";
        const effects: CoordinatorEffect[] = [];
        state = stepCoordinator(state, event, effects);
        const said = effects.map(({ type }) => type);
        if (said.includes("append-commit")) {
          expect(said).toEqual(["append-commit"]);
          isAppended = true;
        }
        if (said.includes("send-commit")) expect(isForced).toBe(true);
        for (const effect of effects) {
          if (effect.type !== "settle") continue;
          expect(outcome).toBeNull();
          outcome = effect.outcome;
          if (outcome === "committed" && isAppended) expect(isForced).toBe(true);
          if (outcome === "aborted") expect(isAppended).toBe(false);
        }
        if (isAppended) expect(said).not.toContain("send-abort");
      }
    }),
    { numRuns: 3_000 },
  );
});

const work = { redo: [], undo: [], results: [] };
const participantEvent: fc.Arbitrary<ParticipantEvent> = fc.constantFrom<ParticipantEvent>(
  { type: "prepare-received", onePhase: false },
  { type: "prepare-received", onePhase: true },
  { type: "work-planned", plan: { verdict: "yes", ...work } },
  { type: "work-planned", plan: { verdict: "no", reason } },
  { type: "work-planned", plan: { verdict: "read-only", results: [] } },
  { type: "prepared-forced", at: preparedAt },
  { type: "committed-forced" },
  { type: "aborted-forced" },
  { type: "commit-received" },
  { type: "abort-received" },
  { type: "decided-inquiry-received" },
  { type: "work-performed" },
  { type: "work-failed", text: "no" },
  { type: "work-finished" },
  { type: "finish-failed", text: "no" },
  { type: "finish-due" },
  { type: "peer-inquiry-received", from: names[1] as NodeName },
  { type: "answer-received", from: names[1] as NodeName, answer: "commit" },
  { type: "answer-received", from: names[1] as NodeName, answer: "abort" },
  { type: "answer-received", from: names[1] as NodeName, answer: "unknown" },
);

const FORCED_BY = {
  "prepared-forced": "append-prepared",
  "committed-forced": "append-committed",
  "aborted-forced": "append-aborted",
} as const;

test.each([false, true])("a participant says nothing that is not on disk (one-phase: %s)", (onePhase) => {
  fc.assert(
    fc.property(fc.array(participantEvent, { maxLength: 40 }), (events) => {
      const job = {
        transactionId,
        ...request,
        coordinator: { name: names[0] as NodeName, url: "" },
        participants: [],
        onePhase,
      };
      let state = beginWork(job);
      const onItsWay = new Set<string>();
      const forced = new Set<string>();
      let heardAbort = false;
      for (const event of events) {
        heardAbort ||= event.type === "abort-received";
        if (event.type in FORCED_BY) {
          const record = FORCED_BY[event.type as keyof typeof FORCED_BY];
          if (!onItsWay.delete(record)) continue; // The disk tells only what was appended.
          forced.add(record);
        }
        const effects: ParticipantEffect[] = [];
        state = stepParticipant(state, event, effects);
        for (const effect of effects) {
          if (effect.type === "append-prepared" || effect.type === "append-committed")
            onItsWay.add(effect.type);
          if (effect.type === "append-aborted" && effect.force) onItsWay.add(effect.type);
          if (effect.type === "vote-yes") expect(forced).toContain("append-prepared");
          if (effect.type === "answer-peer" && effect.answer === "abort") {
            expect(forced.has("append-aborted") || heardAbort).toBe(true);
          }
          if (effect.type === "send-ack") expect(forced).toContain("append-committed");
          if (effect.type === "tell-decided") {
            expect(forced).toContain(effect.outcome === "committed" ? "append-committed" : "append-aborted");
          }
        }
        const appends = effects.some(
          (effect) => effect.type.startsWith("append-") && (!("force" in effect) || effect.force),
        );
        const quiet = ["append-prepared", "append-committed", "append-aborted", "undo-work"];
        if (appends) for (const { type } of effects) expect(quiet).toContain(type);
      }
    }),
    { numRuns: 3_000 },
  );
});
