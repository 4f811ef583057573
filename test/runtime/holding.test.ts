import { expect, test } from "vitest";
import { createHolding } from "../../src/runtime/holding.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { ProtocolMessage } from "../../src/schema/protocol.ts";
import { createTestClock, createTestLink, transactionId } from "./fixtures.ts";

// A held node keeps its messages until somebody lets them go; nobody there to do so, nothing is held.

const LEDGER = "ledger" as NodeName;

function abort(counter: number): ProtocolMessage {
  const floor = { epoch: 1, counter };
  return { type: "abort", transactionId: transactionId(counter), runEpoch: 1, floor };
}

function open(startsHeld = false) {
  const clock = createTestClock();
  const told: string[] = [];
  const idOf = (message: ProtocolMessage) => message.transactionId.split(".").at(-1);
  const holding = createHolding({
    clock,
    describe: () => "",
    kept: (held) => told.push(`kept ${held.id}`),
    send: ({ message }, heldId) => told.push(`sent ${idOf(message)} #${heldId}`),
    drop: ({ message }, heldId) => told.push(`dropped ${idOf(message)} #${heldId}`),
    changed: (isHolding) => told.push(isHolding ? "holds" : "goes on"),
    startsHeld,
  });
  const send = (counter: number) => holding.keep({ to: LEDGER, url: null, message: abort(counter) });
  return { clock, told, holding, send };
}

test("nothing is kept until a client holds the node, and then everything is", () => {
  const { told, holding, send } = open();
  expect(send(1)).toBe(false);
  holding.hold(createTestLink());
  expect([send(1), send(2)]).toEqual([true, true]);
  expect(told).toEqual(["holds", "kept 1", "kept 2"]);
  expect(holding.held().map(({ id, to, message }) => [id, to, message])).toEqual([
    [1, LEDGER, "abort"],
    [2, LEDGER, "abort"],
  ]);
});

test("messages go one by one, in any order, or are lost; what is gone cannot go again", () => {
  const { told, holding, send } = open();
  holding.hold(createTestLink());
  for (const counter of [1, 2, 3]) send(counter);
  told.splice(0);
  expect(holding.release([2], false)).toBe(1);
  expect(holding.release([3], true)).toBe(1);
  expect(holding.release([2, 3, 9], false)).toBe(0);
  expect(told).toEqual(["sent 2 #2", "dropped 3 #3"]);
  expect(holding.held().map(({ id }) => id)).toEqual([1]);
});

test("what is sent again while it waits waits once, and again after it has gone", () => {
  const { holding, send } = open();
  holding.hold(createTestLink());
  expect([send(1), send(1)]).toEqual([true, true]);
  expect(holding.held()).toHaveLength(1);
  holding.release([1], false);
  send(1);
  expect(holding.held().map(({ id }) => id)).toEqual([2]);
});

test("the node goes on when the last client that held it is gone, and sends what waited in its order", () => {
  const { told, holding, send } = open();
  const [one, other, stranger] = [createTestLink(), createTestLink(), createTestLink()];
  holding.hold(one);
  holding.hold(other);
  send(1);
  send(2);
  told.splice(0);
  holding.leave(stranger);
  holding.leave(one);
  expect([told, holding.isHolding()]).toEqual([[], true]);
  holding.leave(other);
  expect(told).toEqual(["sent 1 #1", "sent 2 #2", "goes on"]);
  expect([holding.held(), send(3)]).toEqual([[], false]);
});

test("a node that starts held waits for its client, but not for ever", () => {
  const alone = open(true);
  expect(alone.send(1)).toBe(true);
  alone.clock.advance(10_000);
  expect(alone.told).toEqual(["kept 1", "sent 1 #1", "goes on"]);
  const claimed = open(true);
  claimed.send(1);
  claimed.holding.hold(createTestLink());
  claimed.clock.advance(60_000);
  expect(claimed.told).toEqual(["kept 1"]);
});

test("a node that is to end holds nothing back", () => {
  const { told, holding, send } = open();
  holding.hold(createTestLink());
  send(1);
  holding.end();
  expect(told).toEqual(["holds", "kept 1", "sent 1 #1", "goes on"]);
});

test("no more is held than is good for a node", () => {
  const { told, holding, send } = open();
  holding.hold(createTestLink());
  for (let counter = 1; counter <= 2_001; counter += 1) send(counter);
  expect(holding.held()).toHaveLength(2_000);
  expect(told.filter((line) => line.startsWith("sent"))).toEqual(["sent 1 #1"]);
});
