import { expect, test } from "vitest";
import { createHistory } from "../../src/runtime/history.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import { coordinated, transactionId } from "./fixtures.ts";

// The history shows the newest finished transactions and every unfinished one, and stays bounded whatever arrives.

/** The newest that are shown in any case, and how many there may be of them before the oldest leave together. */
const KEPT = 5_000;
const KEPT_MAX = 7_500;
const ABORTED = { phase: "aborted", job: null, reason: null, isForced: false, isDecided: true } as const;

function historyOf() {
  const ended: string[] = [];
  return {
    history: createHistory(
      () => 7,
      (id) => ended.push(id),
    ),
    ended,
  };
}

test("the oldest finished transactions leave, unfinished ones never do", () => {
  const { history } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  const finish = (counter: number) => {
    history.change({ type: "coordinator-changed", state: coordinated(counter, "preparing") });
    history.change({ type: "coordinator-changed", state: coordinated(counter, "forgotten") });
  };
  for (let counter = 2; counter <= KEPT_MAX + 1; counter += 1) finish(counter);
  expect(history.list(2 * KEPT_MAX)).toHaveLength(KEPT_MAX + 1);
  finish(KEPT_MAX + 2);
  expect(history.list(2 * KEPT_MAX)).toHaveLength(KEPT + 2);
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", endedAtMs: null }]);
  const oldest = KEPT_MAX - KEPT + 2;
  expect(history.find(transactionId(oldest - 1))).toEqual([]);
  expect(history.find(transactionId(oldest))).toMatchObject([{ phase: "forgotten", endedAtMs: 7 }]);
  // The newest, and whatever is not finished, however old it is.
  expect(history.list(1).map((view) => view.transactionId)).toEqual([
    transactionId(KEPT_MAX + 2),
    transactionId(1),
  ]);
});

test("what is in use again stays, and is finished again after that", () => {
  const { history, ended } = historyOf();
  const change = (counter: number, phase: "preparing" | "forgotten") =>
    history.change({ type: "coordinator-changed", state: coordinated(counter, phase) });
  change(1, "forgotten");
  change(1, "preparing");
  for (let counter = 2; counter <= KEPT_MAX + 2; counter += 1) change(counter, "forgotten");
  expect(history.unfinished().map((begun) => begun.transactionId)).toEqual([transactionId(1)]);
  change(1, "forgotten");
  expect(history.unfinished()).toEqual([]);
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "forgotten" }]);
  expect(ended.filter((id) => id === transactionId(1))).toHaveLength(1);
});

test("messages about what is forgotten leave nothing behind", () => {
  const { history } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "forgotten") });
  for (let counter = 2; counter <= KEPT_MAX + 1; counter += 1)
    history.count("participant", transactionId(counter), "messagesSent");
  // The last of them has pushed out the first, and what only messages touched shows nothing.
  expect(history.list(2 * KEPT_MAX)).toEqual([]);
});

test("what was counted before it was first shown is not finished for that", () => {
  const { history } = historyOf();
  history.count("coordinator", transactionId(1), "messagesSent");
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  for (let counter = 2; counter <= KEPT_MAX + 2; counter += 1)
    history.change({ type: "coordinator-changed", state: coordinated(counter, "forgotten") });
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", counts: { messagesSent: 1 } }]);
});

test("each change is taken once, and an end is told once", () => {
  const { history, ended } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  history.count("coordinator", transactionId(1), "recordsForced");
  expect([...history.takeChanged()]).toMatchObject([{ counts: { recordsForced: 1 } }]);
  expect([...history.takeChanged()]).toEqual([]);
  history.change({ type: "coordinator-changed", state: coordinated(1, "forgotten") });
  history.change({ type: "coordinator-changed", state: coordinated(1, "forgotten") });
  expect(ended).toEqual([transactionId(1)]);
});

test("a transaction has one entry, in whatever order its coordinator's come", () => {
  const { history } = historyOf();
  const run = (epoch: number, counter: number) =>
    transactionId(counter).replace(/\.\d+\.(?=\d+$)/, `.${epoch}.`) as TransactionId;
  const met = [
    run(1, 5),
    run(1, 3),
    run(1, 5),
    run(2, 1),
    run(1, 9),
    run(1, 3),
    run(2, 2),
    run(2, 1),
    run(1, 9),
  ];
  for (const id of met) {
    history.count("participant", id, "messagesSent");
    history.change({ type: "participant-changed", transactionId: id, state: ABORTED });
  }
  for (const id of met) {
    const times = met.filter((other) => other === id).length;
    expect(history.find(id)).toMatchObject([{ counts: { messagesSent: times } }]);
  }
  expect(history.list(99)).toHaveLength(new Set(met).size);
});
