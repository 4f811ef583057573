import { expect, test } from "vitest";
import type { NodeInput } from "../../src/core/node.ts";
import { createAdmission } from "../../src/runtime/admission.ts";
import { createInbox } from "../../src/runtime/inbox.ts";
import type { NodeName, TransactionId } from "../../src/schema/ids.ts";
import type { LogRecord } from "../../src/schema/records.ts";
import { createTestClock } from "./fixtures.ts";

// The order in which a node handles what has happened to it, and what a turn leaves to the next one.

const FROM = "warehouse" as NodeName;
const ID = "coordinator-000000000001.1.1" as TransactionId;

const received = (type: "vote" | "ack") =>
  ({ type: "message-received", from: FROM, message: { type, transactionId: ID } }) as NodeInput;
const forced = (type: LogRecord["type"], onePhase: object | null = null) =>
  ({ type: "record-forced", record: { type, transactionId: ID, onePhase }, seq: 1 }) as NodeInput;
const vote = received("vote");
const ack = received("ack");
const request = { type: "begin-received", request: { requestId: "r1" } } as NodeInput;
const late = { type: "timer-fired", timer: { kind: "resend", id: FROM } } as NodeInput;
/** More acks than a turn takes along. */
const manyAcks = Array.from({ length: 65 }, () => ack);
const answered: NodeInput = { type: "work-performed", transactionId: ID };

/** An inbox, and the turns that it asks for, each with what it handled: called before each turn, and for each input. */
function inboxOf({
  before,
  handle,
}: {
  before?(turn: number): unknown;
  handle?(input: NodeInput): unknown;
} = {}) {
  const clock = createTestClock();
  const turns: NodeInput[][] = [];
  let isWoken = false;
  const wake = () => {
    if (isWoken) return;
    isWoken = true;
    clock.defer(() => {
      before?.(turns.length);
      isWoken = false;
      const taken: NodeInput[] = [];
      for (let next = inbox.take(); next; next = inbox.take()) {
        taken.push(next);
        handle?.(next);
      }
      inbox.turnEnded();
      turns.push(taken);
    });
  };
  const inbox = createInbox(createAdmission({ atOnceMax: 8, togetherMs: 1 }, clock, wake), wake);
  return { inbox, turns, run: clock.run };
}

test("what somebody waits for goes first, and much that nobody waits for is left to a turn of its own", () => {
  const { inbox, turns, run } = inboxOf();
  for (const input of [...manyAcks, vote, forced("committed"), request, forced("prepared")]) inbox.add(input);
  run();
  expect(turns).toEqual([
    [vote, forced("prepared"), request],
    [...manyAcks, forced("committed")],
  ]);
});

test("what nobody waits for goes along while it is little", () => {
  const { inbox, turns, run } = inboxOf();
  for (const input of [...manyAcks.slice(1), vote]) inbox.add(input);
  run();
  expect(turns).toEqual([[vote, ...manyAcks.slice(1)]]);
});

test("what nobody waits for makes no turn more where it is alone", () => {
  const { inbox, turns, run } = inboxOf();
  for (const input of [...manyAcks, forced("committed")]) inbox.add(input);
  run();
  expect(turns).toEqual([[...manyAcks, forced("committed")]]);
});

test("a commit in one phase is its client's answer, and goes first as well", () => {
  const { inbox, turns, run } = inboxOf();
  for (const input of [...manyAcks, forced("committed", {})]) inbox.add(input);
  run();
  expect(turns).toEqual([[forced("committed", {})], manyAcks]);
});

test("however much comes that somebody waits for, nothing is left behind by two turns", () => {
  const { inbox, turns, run } = inboxOf({ before: (turn) => turn < 2 && inbox.add(vote) });
  for (const input of manyAcks) inbox.add(input);
  inbox.addLate(late);
  run();
  expect(turns).toEqual([[vote], [vote, ...manyAcks, late]]);
});

test("what has become late waits for all that has arrived, and follows it into the next turn", () => {
  const { inbox, turns, run } = inboxOf();
  inbox.addLate(late);
  for (const input of [...manyAcks, vote]) inbox.add(input);
  run();
  expect(turns).toEqual([[vote], [...manyAcks, late]]);
});

test("the store's answer comes before everything else", () => {
  const { inbox, turns, run } = inboxOf({
    handle: (input) => input === vote && inbox.answer(answered),
  });
  for (const input of [vote, request]) inbox.add(input);
  run();
  expect(turns).toEqual([[vote, answered, request]]);
});
