import { expect, test } from "vitest";
import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  stepCoordinator,
} from "../../src/core/coordinator.ts";
import type { NodeName, PreparedAt, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Decided, Vote } from "../../src/schema/protocol.ts";

// A word counts only from who was asked, once, and only when it says all that it must.

const transactionId = "coordinator-000000000001.1.1" as TransactionId;
const preparedAt: PreparedAt = { storeId: "000000000002" as StoreId, epoch: 1, seq: 2 };
const [warehouse, ledger, stranger] = ["warehouse", "ledger", "stranger"] as [NodeName, NodeName, NodeName];

function beginWith(...names: NodeName[]): CoordinatorState {
  const request = { requestId: "r1" as RequestId, issuedAtMs: 1, digest: "d" };
  const participants = names.map((name) => ({ name, url: "" }));
  return beginTransaction({ transactionId, ...request, attempt: 1, operations: [], participants }, []);
}

function step(state: CoordinatorState, event: CoordinatorEvent) {
  const effects: CoordinatorEffect[] = [];
  return { state: stepCoordinator(state, event, effects), effects };
}

function vote(from: NodeName, word: Vote["vote"], at: PreparedAt | null = null): Vote {
  return { type: "vote", transactionId, from, vote: word, reason: null, results: [], preparedAt: at };
}

function decided(from: NodeName): Decided {
  return { type: "decided", transactionId, from, outcome: "committed", reason: null, results: [] };
}

function hear(state: CoordinatorState, ...votes: Vote[]): CoordinatorState {
  return votes.reduce((before, each) => step(before, { type: "vote-received", vote: each }).state, state);
}

test("a yes that does not say where its record stands is not counted, and the real one is", () => {
  const state = beginWith(warehouse, ledger);
  const waiting = hear(state, vote(warehouse, "yes"), vote(ledger, "yes", preparedAt));
  expect(waiting).toMatchObject({ phase: "preparing", votes: [{ name: ledger, vote: "yes" }] });
  const deciding = hear(waiting, vote(warehouse, "yes", preparedAt));
  expect(deciding).toMatchObject({
    phase: "deciding",
    record: { voters: [{ name: warehouse }, { name: ledger }] },
  });
});

test("a stranger's vote is not counted, nor is a second one", () => {
  const state = beginWith(warehouse, ledger);
  const heard = hear(state, vote(stranger, "no"), vote(warehouse, "yes", preparedAt), vote(warehouse, "no"));
  expect(heard).toMatchObject({ phase: "preparing", votes: [{ name: warehouse, vote: "yes" }] });
});

test("who is named like what every object has votes like the others", () => {
  const likeAny = "constructor" as NodeName;
  const state = beginWith(likeAny, ledger);
  const waiting = hear(state, vote(ledger, "yes", preparedAt));
  expect(waiting.phase).toBe("preparing");
  expect(hear(waiting, vote(likeAny, "yes", preparedAt)).phase).toBe("deciding");
});

test("only the only participant decides in one phase", () => {
  const state = beginWith(warehouse);
  for (const event of [
    { type: "decided-received", decided: decided(stranger) },
    { type: "vote-received", vote: vote(stranger, "read-only") },
    { type: "vote-received", vote: vote(warehouse, "yes", preparedAt) },
  ] as const) {
    expect(step(state, event)).toEqual({ state, effects: [] });
  }
  const settle = { type: "settle", outcome: "committed", reason: null };
  expect(step(state, { type: "decided-received", decided: decided(warehouse) }).effects).toEqual([settle]);
  expect(step(state, { type: "vote-received", vote: vote(warehouse, "read-only") }).effects).toEqual([
    settle,
  ]);
});

test("a one-phase transaction whose time is over asks, and is not aborted by that", () => {
  const state = beginWith(warehouse);
  const reason = { participant: warehouse, code: "vote-timeout", message: "late", retryable: true } as const;
  const asked = step(state, { type: "gave-up", reason });
  expect(asked.effects).toEqual([{ type: "send-decided-inquiry", to: [warehouse] }]);
  expect(step(asked.state, { type: "resend-due", to: warehouse }).effects).toEqual(asked.effects);
  expect(step(asked.state, { type: "decided-received", decided: decided(warehouse) }).state).toMatchObject({
    phase: "forgotten",
    outcome: "committed",
  });
});
