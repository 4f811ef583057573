import { expect, test } from "vitest";
import { createHistory } from "../../src/runtime/history.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import { coordinated, transactionId } from "./fixtures.ts";

// The history shows the newest finished transactions and every unfinished one, and stays bounded whatever arrives.

/** Of those that finished last, so many are shown. */
const KEPT = 5_000;
const ABORTED = { phase: "aborted", job: null, reason: null, isForced: false, isDecided: true } as const;

function historyOf() {
  const ended: string[] = [];
  let nowMs = 7;
  const history = createHistory(
    () => nowMs,
    (id) => ended.push(id),
  );
  /** Ends a turn; the next one is so much later that there is room for one more. */
  const endTurn = () => {
    nowMs += 10;
    history.takeChanged();
  };
  return { history, ended, endTurn };
}

test("the oldest finished transactions leave, unfinished ones never do", () => {
  const { history, endTurn } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  const finish = (counter: number) => {
    // As a step says it; a record that is counted before its transaction is shown takes no place of its own.
    history.countRecord("coordinator", transactionId(counter), true);
    history.change({ type: "coordinator-changed", state: coordinated(counter, "preparing") });
    history.change({ type: "coordinator-changed", state: coordinated(counter, "forgotten") });
    endTurn();
  };
  const newest = KEPT + 9;
  for (let counter = 2; counter <= newest; counter += 1) finish(counter);
  expect(history.list(2 * KEPT)).toHaveLength(KEPT + 1);
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", endedAtMs: null }]);
  const oldest = newest - KEPT + 1;
  expect(history.find(transactionId(oldest - 1))).toEqual([]);
  expect(history.find(transactionId(oldest))).toMatchObject([
    { phase: "forgotten", endedAtMs: 7 + 10 * (oldest - 2) },
  ]);
  // The newest, and whatever is not finished, however old it is.
  expect(history.list(1).map((view) => view.transactionId)).toEqual([
    transactionId(newest),
    transactionId(1),
  ]);
});

test("what is in use again stays, and is finished again after that", () => {
  const { history, ended, endTurn } = historyOf();
  const change = (counter: number, phase: "preparing" | "forgotten") => {
    history.change({ type: "coordinator-changed", state: coordinated(counter, phase) });
    endTurn();
  };
  change(1, "forgotten");
  change(1, "preparing");
  for (let counter = 2; counter <= KEPT + 2; counter += 1) change(counter, "forgotten");
  expect(history.unfinished().map((begun) => begun.transactionId)).toEqual([transactionId(1)]);
  change(1, "forgotten");
  expect(history.unfinished()).toEqual([]);
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "forgotten" }]);
  expect(ended.filter((id) => id === transactionId(1))).toHaveLength(1);
});

test("what is finished a second time is kept from then on", () => {
  const { history, endTurn } = historyOf();
  const change = (counter: number, phase: "preparing" | "forgotten") => {
    history.change({ type: "coordinator-changed", state: coordinated(counter, phase) });
    endTurn();
  };
  change(1, "forgotten");
  for (let counter = 2; counter <= KEPT; counter += 1) change(counter, "forgotten");
  change(1, "preparing");
  change(1, "forgotten");
  for (let counter = KEPT + 1; counter < 2 * KEPT; counter += 1) change(counter, "forgotten");
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "forgotten" }]);
  change(2 * KEPT, "forgotten");
  expect(history.find(transactionId(1))).toEqual([]);
});

test("what has left in the turn that touched it last is begun anew", () => {
  const { history } = historyOf();
  const change = (counter: number, phase: "preparing" | "forgotten") =>
    history.change({ type: "coordinator-changed", state: coordinated(counter, phase) });
  // So many at one time that there is no room for the last.
  const touched = 2_000;
  for (let counter = 1; counter <= touched; counter += 1) change(counter, "forgotten");
  history.countMessage("coordinator", transactionId(touched));
  history.takeChanged();
  expect(history.find(transactionId(touched))).toEqual([]);
  change(touched, "preparing");
  expect(history.find(transactionId(touched))).toMatchObject([{ phase: "preparing" }]);
});

test("messages about what is forgotten leave nothing behind", () => {
  const { history, endTurn } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "forgotten") });
  for (let counter = 2; counter <= KEPT + 1; counter += 1) {
    history.countMessage("participant", transactionId(counter));
    endTurn();
  }
  // The last of them has pushed out the first, and what only messages touched shows nothing.
  expect(history.list(2 * KEPT)).toEqual([]);
});

test("what was counted before it was first shown is not finished for that", () => {
  const { history } = historyOf();
  history.countMessage("coordinator", transactionId(1));
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  for (let counter = 2; counter <= KEPT + 2; counter += 1)
    history.change({ type: "coordinator-changed", state: coordinated(counter, "forgotten") });
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", counts: { messagesSent: 1 } }]);
});

test("each change is taken once, and an end is told once", () => {
  const { history, ended } = historyOf();
  history.change({ type: "coordinator-changed", state: coordinated(1, "preparing") });
  history.countRecord("coordinator", transactionId(1), true);
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
    history.countMessage("participant", id);
    history.change({ type: "participant-changed", transactionId: id, state: ABORTED });
  }
  for (const id of met) {
    const times = met.filter((other) => other === id).length;
    expect(history.find(id)).toMatchObject([{ counts: { messagesSent: times } }]);
  }
  expect(history.list(99)).toHaveLength(new Set(met).size);
});
