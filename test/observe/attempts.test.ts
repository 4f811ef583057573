import { describe, expect, test } from "vitest";
import { attemptsOf } from "../../src/observe/attempts.ts";
import { effectsOf } from "../../src/observe/effects.ts";
import type { Model, Transaction } from "../../src/observe/model.ts";
import { recordsOf } from "../../src/observe/records.ts";
import { sequenceOf } from "../../src/observe/sequence.ts";
import { transactionStatus, unfinishedTransactions } from "../../src/observe/transaction.ts";
import { triesText } from "../../src/observe/tries.ts";
import { explain, whyLine } from "../../src/observe/why.ts";
import type { RequestId } from "../../src/schema/ids.ts";
import { tellAttempt } from "../console/attempt-story.ts";
import { tellCoordinatorDown, tellParticipant } from "../console/doubt-story.ts";
import { hearCluster } from "../console/heard-story.ts";
import {
  COORDINATOR,
  LEDGER,
  type Story,
  tellLedgerBack,
  tellLedgerDown,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "../console/story.ts";

// Goal: a request is one thing however often it is tried, and what became of nodes and records is told with it.

function get(model: Model, counter: number): Transaction {
  const transaction = model.transactions.get(transactionId(counter));
  if (transaction === undefined) throw new Error(`nobody told of ${counter}`);
  return transaction;
}

describe("a request that is tried again", () => {
  test("is unfinished between two attempts, and says what it waits for and when the next one comes", () => {
    const { model, nowMs } = hearCluster((story) => {
      tellAttempt(story, 1, 1);
      tellAttempt(story, 2, 2);
    });
    expect(transactionStatus(model, get(model, 1))).toBe("aborted");
    expect(transactionStatus(model, get(model, 2))).toBe("retrying");
    expect(unfinishedTransactions(model)).toHaveLength(1);
    const explanation = explain(model, get(model, 2));
    expect(explanation).toMatchObject({
      waitsFor: "attempt 3 of its request, which needs ledger",
      lastError: "ledger is not connected",
      safe: "wait: nothing is held, and it is tried again until its time is over",
    });
    if (!explanation?.tries) throw new Error("it is being tried");
    expect(triesText(explanation.tries, nowMs)).toBe("attempt 2 failed, the next within 400 ms");
  });

  test("of which another attempt was committed by hand cannot succeed, and says what to see to", () => {
    const { model } = hearCluster((story) => {
      const first = tellOrder(story, 1, "prepared");
      const verdict = { by: "ann", reason: "goods have left", atMs: story.nowMs() };
      tellParticipant(story, LEDGER, first, {
        phase: "heuristic",
        heuristic: { decision: "commit", truth: "abort", ending: "mixed", ...verdict },
      });
      tellAttempt(story, 2, 2, {
        participant: LEDGER,
        code: "duplicate-request",
        message: `request order-again is committed by hand by ${first}`,
        retryable: true,
        duplicateOf: { transactionId: first, committed: false },
      });
    });
    expect(transactionStatus(model, get(model, 2))).toBe("retrying");
    expect(explain(model, get(model, 2))).toMatchObject({
      waitsFor:
        "attempt 3 of its request, which will be refused: 4.1 was committed by hand with the same request",
      blockedBy: [],
      safe: "see to 4.1, which has done this work; no attempt does it twice, and its client is told unknown when its time is over",
    });
    expect(whyLine(model, get(model, 2))).toContain("nothing more: 4.1 was committed by hand");
  });

  test("is over when its client is told so, though another attempt had been announced", () => {
    const { model } = hearCluster((story) => {
      tellAttempt(story, 1, 1);
      story.tell(COORDINATOR, transactionId(1), {
        type: "client-answered",
        requestId: "order-again" as RequestId,
        outcome: "aborted",
      });
    });
    expect(transactionStatus(model, get(model, 1))).toBe("aborted");
    expect(unfinishedTransactions(model)).toHaveLength(0);
  });

  test("has its attempts in order, and those of another request apart", () => {
    const { model } = hearCluster((story) => {
      tellAttempt(story, 2, 2);
      tellAttempt(story, 1, 1);
      tellOrder(story, 3, "committed");
    });
    expect(attemptsOf(model, get(model, 1)).map(({ id }) => id)).toEqual([
      transactionId(1),
      transactionId(2),
    ]);
    expect(attemptsOf(model, get(model, 3))).toHaveLength(1);
  });

  test.each<[string, (story: Story) => void]>([
    ["its coordinator is gone", tellCoordinatorDown],
    [
      "its coordinator has started anew",
      (story) => {
        tellCoordinatorDown(story);
        story.process(COORDINATOR, { state: "up", pid: 5_000 });
        story.snapshot(COORDINATOR);
      },
    ],
    [
      "its time was over",
      (story) => {
        story.pass(5_000);
        story.tell(WAREHOUSE, null, { type: "note", text: "later" });
      },
    ],
  ])("is over when %s", (_, after) => {
    const { model } = hearCluster((story) => {
      tellAttempt(story, 1, 1);
      after(story);
    });
    expect(transactionStatus(model, get(model, 1))).toBe("aborted");
    expect(unfinishedTransactions(model)).toEqual([]);
  });
});

describe("crashes and restarts in a sequence", () => {
  const lives = (model: Model, isOver = false): readonly string[] =>
    sequenceOf(model.log, transactionId(1), isOver).flatMap((step) =>
      step.type === "life" ? [`${step.node} ${step.label} ${step.text}`] : [],
    );

  test("a node that dies and comes back is told twice, not four times", () => {
    const { model } = hearCluster((story) => {
      tellOrder(story, 1, "silent");
      tellLedgerDown(story);
      tellLedgerBack(story);
    });
    expect(lives(model)).toEqual(["ledger crashed SIGKILL", "ledger restarted epoch 5"]);
  });

  test("a restart that is heard late stands before what the node said first, though all is over by then", () => {
    const { model } = hearCluster((story) => {
      tellOrder(story, 1, "prepared");
      tellCoordinatorDown(story);
      story.pass(1_000);
      const id = transactionId(1);
      story.tell(LEDGER, id, { type: "message-received", from: COORDINATOR, message: "commit", text: "" });
      story.pass(2_000);
      story.process(COORDINATOR, { state: "up", pid: 5_000 });
      story.snapshot(COORDINATOR);
    });
    const labels = sequenceOf(model.log, transactionId(1), true).map(({ label }) => label);
    expect(labels.slice(-3)).toEqual(["crashed", "restarted", "commit"]);
  });

  test("what happens to its nodes after it is over is not part of it", () => {
    const { model } = hearCluster((story) => {
      tellOrder(story, 1, "committed");
      tellLedgerDown(story);
    });
    expect(lives(model, true)).toEqual([]);
    expect(lives(model, false)).toEqual(["ledger crashed SIGKILL"]);
  });

  test("a connection that was lost only is neither a crash nor a restart", () => {
    const { model } = hearCluster((story) => {
      tellOrder(story, 1, "silent");
      story.push({ type: "disconnected", node: LEDGER, why: "closed with 1006" });
      story.push({ type: "connected", node: LEDGER });
    });
    expect(lives(model)).toEqual(["ledger not heard closed with 1006", "ledger heard again heard again"]);
  });
});

describe("log records", () => {
  test("each says whether it was forced, and since when it is on disk", () => {
    const { model } = hearCluster((story) => tellOrder(story, 1, "committed"));
    expect(
      recordsOf(model, transactionId(1)).map(({ node, record, seq, forced, onDisk }) => [
        node,
        record,
        seq,
        forced,
        onDisk.type,
      ]),
    ).toEqual([
      [WAREHOUSE, "prepared", 13, true, "at"],
      [LEDGER, "prepared", 13, true, "at"],
      [COORDINATOR, "commit", 13, true, "at"],
      [WAREHOUSE, "committed", 14, true, "at"],
      [LEDGER, "committed", 14, true, "at"],
      [COORDINATOR, "end", 14, false, "not-yet"],
    ]);
  });

  test("a later forced record takes an earlier one along", () => {
    const { model } = hearCluster((story) => {
      tellOrder(story, 1, "committed");
      story.tell(COORDINATOR, transactionId(2), { type: "record-forced", record: "commit", seq: 15 });
    });
    expect(recordsOf(model, transactionId(1)).at(-1)?.onDisk.type).toBe("later");
  });
});

test("the effects name rows, figures, and what commit and abort would add", () => {
  const { model } = hearCluster((story) => tellOrder(story, 1, "prepared"));
  const [warehouse, ledger] = effectsOf(model, get(model, 1));
  expect(warehouse).toMatchObject({ node: WAREHOUSE, phase: "prepared", holds: true });
  expect(warehouse?.fields).toEqual([
    { key: "LAMP-01", field: "onHand", now: "40", redo: "-2", undo: null },
    { key: "LAMP-01", field: "reserved", now: "2", redo: "-2", undo: "-2" },
  ]);
  expect(ledger?.fields[0]).toEqual({
    key: "alice",
    field: "debitsPosted",
    now: "0.00",
    redo: "+49.80",
    undo: null,
  });
});
