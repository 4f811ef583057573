import { expect, test } from "vitest";
import type { RequestOutcome } from "../../src/core/effects.ts";
import type { BeginRequest } from "../../src/core/request-desk.ts";
import { type Clients, createClients } from "../../src/runtime/clients.ts";
import type { ClientLink } from "../../src/runtime/ports.ts";
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

const begin = (id: RequestId, digest: string): BeginRequest => {
  return { requestId: id, issuedAtMs: 1, operations: [], timeoutMs: 1, digest };
};
const waitFor = (clients: Clients, link: ClientLink, request: BeginRequest) => {
  clients.ask(link, request);
  clients.take(request);
};

test("all who wait are answered, with the time that each of them waited", () => {
  const clock = createTestClock();
  const clients = createClients(clock);
  const [one, other] = [createTestLink(), createTestLink()];
  waitFor(clients, one, begin(requestId, "d"));
  clock.advance(10);
  waitFor(clients, other, begin(requestId, "d"));
  clock.advance(5);
  clients.answer("d", outcome);
  clients.answer("d", outcome);
  expect(one.sent).toEqual([{ type: "outcome", ...outcome, durationMs: 15 }]);
  expect(other.sent).toEqual([{ type: "outcome", ...outcome, durationMs: 5 }]);
});

test("an answer about other operations is not theirs", () => {
  const clients = createClients(createTestClock());
  const [one, other] = [createTestLink(), createTestLink()];
  waitFor(clients, one, begin(requestId, "d"));
  waitFor(clients, other, begin(requestId, "e"));
  clients.answer("e", { ...outcome, outcome: "aborted" });
  expect([one.sent.length, other.sent.length, clients.waiting()]).toEqual([0, 1, 1]);
});

test("who has gone waits no more", () => {
  const clients = createClients(createTestClock());
  const link = createTestLink();
  waitFor(clients, link, begin(requestId, "d"));
  waitFor(clients, link, begin("r2" as RequestId, "d"));
  clients.gone(link);
  expect(clients.waiting()).toBe(0);
  clients.answer("d", outcome);
  expect(link.sent).toEqual([]);
});

test("what was asked and not yet taken is not answered, and is gone with its link", () => {
  const clients = createClients(createTestClock());
  const [early, late, gone] = [createTestLink(), createTestLink(), createTestLink()];
  const [again, lost] = [begin(requestId, "d"), begin(requestId, "d")];
  waitFor(clients, early, begin(requestId, "d"));
  clients.ask(late, again);
  clients.ask(gone, lost);
  expect(clients.answer("d", { ...outcome, outcome: "aborted" })).toBe(1);
  clients.gone(gone);
  clients.take(again);
  clients.take(lost);
  expect(clients.answer("d", outcome)).toBe(1);
  expect(
    [early, late, gone].map(({ sent }) => sent.map((message) => "outcome" in message && message.outcome)),
  ).toEqual([["aborted"], ["committed"], []]);
});
