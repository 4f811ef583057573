import { expect, test } from "vitest";
import { createHistory } from "../../src/runtime/history.ts";
import { coordinated, transactionId } from "./fixtures.ts";

// The history shows the newest finished transactions and every unfinished one, and stays bounded whatever arrives.

const KEPT = 5_000;

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
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "preparing") });
  for (let counter = 2; counter <= KEPT + 11; counter += 1) {
    history.change(transactionId(counter), { role: "coordinator", state: coordinated(counter, "preparing") });
    history.change(transactionId(counter), { role: "coordinator", state: coordinated(counter, "forgotten") });
  }
  expect(history.list(2 * KEPT)).toHaveLength(KEPT + 1);
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", endedAtMs: null }]);
  expect(history.find(transactionId(11))).toEqual([]);
  expect(history.find(transactionId(12))).toMatchObject([{ phase: "forgotten", endedAtMs: 7 }]);
  // The newest, and whatever is not finished, however old it is.
  expect(history.list(1).map((view) => view.transactionId)).toEqual([
    transactionId(KEPT + 11),
    transactionId(1),
  ]);
});

test("messages about what is forgotten leave nothing behind", () => {
  const { history } = historyOf();
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "forgotten") });
  for (let counter = 2; counter <= KEPT + 1; counter += 1)
    history.count("participant", transactionId(counter), "messagesSent");
  // The last of them has pushed out the first, and what only messages touched shows nothing.
  expect(history.list(2 * KEPT)).toEqual([]);
});

test("what was counted before it was first shown is not finished for that", () => {
  const { history } = historyOf();
  history.count("coordinator", transactionId(1), "messagesSent");
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "preparing") });
  for (let counter = 2; counter <= KEPT + 2; counter += 1)
    history.change(transactionId(counter), { role: "coordinator", state: coordinated(counter, "forgotten") });
  expect(history.find(transactionId(1))).toMatchObject([{ phase: "preparing", counts: { messagesSent: 1 } }]);
});

test("each change is taken once, and an end is told once", () => {
  const { history, ended } = historyOf();
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "preparing") });
  history.count("coordinator", transactionId(1), "recordsForced");
  expect([...history.takeChanged()]).toMatchObject([{ counts: { recordsForced: 1 } }]);
  expect([...history.takeChanged()]).toEqual([]);
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "forgotten") });
  history.change(transactionId(1), { role: "coordinator", state: coordinated(1, "forgotten") });
  expect(ended).toEqual([transactionId(1)]);
});
