import { expect, test } from "vitest";
import type { RequestOutcome } from "../../src/core/effects.ts";
import { createClients } from "../../src/runtime/clients.ts";
import type { RequestId } from "../../src/schema/ids.ts";
import { createTestClock, createTestLink } from "./fixtures.ts";

// Everybody who asked for the same operations hears their outcome, once, and nobody else does.

const requestId = "r1" as RequestId;
const outcome: RequestOutcome = {
  requestId,
  transactionId: null,
  outcome: "committed",
  attempts: 1,
  reason: null,
  votes: {},
  results: [],
};

test("all who wait are answered, with the time that each of them waited", () => {
  const clock = createTestClock();
  const clients = createClients(clock);
  const [one, other] = [createTestLink(), createTestLink()];
  clients.wait(one, requestId, "d");
  clock.advance(10);
  clients.wait(other, requestId, "d");
  clock.advance(5);
  clients.answer("d", outcome);
  clients.answer("d", outcome);
  expect(one.sent).toEqual([{ type: "outcome", ...outcome, durationMs: 15 }]);
  expect(other.sent).toEqual([{ type: "outcome", ...outcome, durationMs: 5 }]);
});

test("an answer about other operations is not theirs", () => {
  const clients = createClients(createTestClock());
  const [one, other] = [createTestLink(), createTestLink()];
  clients.wait(one, requestId, "d");
  clients.wait(other, requestId, "e");
  clients.answer("e", { ...outcome, outcome: "aborted" });
  expect([one.sent.length, other.sent.length, clients.waiting()]).toEqual([0, 1, 1]);
});

test("who has gone waits no more", () => {
  const clients = createClients(createTestClock());
  const link = createTestLink();
  clients.wait(link, requestId, "d");
  clients.wait(link, "r2" as RequestId, "d");
  clients.gone(link);
  expect(clients.waiting()).toBe(0);
  clients.answer("d", outcome);
  expect(link.sent).toEqual([]);
});
