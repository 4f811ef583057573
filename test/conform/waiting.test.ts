import { expect, test } from "vitest";
import { createMonitor } from "../../src/conform/monitor.ts";
import type { EventBody, NodeEvent } from "../../src/schema/events.ts";
import { type Tampering, tamperWith } from "./tampering.ts";

// Goal: in step mode a message is held against what stood when its node said it and kept it, not when it was let go.

type Sent = Extract<EventBody, { type: "message-sent" }>;

const letGo = (event: NodeEvent): NodeEvent => ({ ...event, body: { ...(event.body as Sent), heldId: 1 } });

const keep =
  (isWithFacts: boolean) =>
  (event: NodeEvent): NodeEvent => {
    const { to, message, text, facts = {} } = event.body as Sent;
    const { transactionId, atMs } = event;
    if (transactionId === null) throw new Error("a message is of a transaction");
    const held = { id: 1, to, message, text, transactionId, atMs };
    return { ...event, body: { type: "message-held", held, ...(isWithFacts && { facts }) } };
  };

function judge(told: Tampering): string | null {
  const monitor = createMonitor();
  for (const heard of told.heard()) expect(monitor.hear(heard)).toBeNull();
  return monitor.result().violation?.rule ?? null;
}

const VOTE = /^ledger > coordinator VOTE/;

/** The ledger's vote leaves only after an operator has settled its transaction there. */
function votedLate(change: (event: NodeEvent) => NodeEvent): Tampering {
  const told = tamperWith("heuristic-agrees.txt");
  told.addAfter(/^ledger \* heuristic/, VOTE, change);
  return told;
}

test("a vote that waited is judged as of when it was kept, and what is done meanwhile does not stand against it", () => {
  expect(judge(votedLate((event) => event)), "said only now").toBe("who has aborted does not vote yes");
  const told = votedLate(letGo);
  told.edit(VOTE, keep(true));
  expect(judge(told)).toBeNull();
});

test("keeping it is where it is found wrong, and what it promised counts from there", () => {
  const early = tamperWith("commit.txt");
  early.addBefore(/^ledger \* prepared/, VOTE, keep(true));
  early.edit(VOTE, letGo);
  expect(judge(early)).toBe("a yes follows its record");

  const turned = tamperWith("commit.txt");
  turned.edit(VOTE, keep(true));
  turned.addAfter(/^ledger = coordinator VOTE/, /^ledger \+ prepared/, (event) => {
    const body = event.body as Extract<EventBody, { type: "record-appended" }>;
    return { ...event, body: { ...body, record: "aborted", seq: body.seq + 1 } };
  });
  expect(judge(turned)).toBe("who has promised aborts only when told");
});

test("where its keeping was told without its facts, letting it go is not judged", () => {
  const told = votedLate(letGo);
  told.edit(VOTE, keep(false));
  expect(judge(told)).toBeNull();
});
