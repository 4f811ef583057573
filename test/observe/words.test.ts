import { describe, expect, test } from "vitest";
import { costTable, isAsPromised } from "../../src/observe/cost.ts";
import { describeEvent } from "../../src/observe/describe.ts";
import { age, duration, money } from "../../src/observe/figures.ts";
import { invariants } from "../../src/observe/invariants.ts";
import { emptyModel, type Model } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import { sequenceOf } from "../../src/observe/sequence.ts";
import { coordinatorName, shortId } from "../../src/observe/short-id.ts";
import { workSummary } from "../../src/observe/transaction.ts";
import { explain, whyLine } from "../../src/observe/why.ts";
import type { EventBody } from "../../src/schema/events.ts";
import {
  COORDINATOR,
  createStory,
  type Ending,
  LEDGER,
  START_MS,
  tellLedgerDown,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "../console/story.ts";

function told(ending: Ending, after?: (story: ReturnType<typeof createStory>) => void): Model {
  const story = createStory();
  story.begin();
  tellOrder(story, 1, ending);
  after?.(story);
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  return reduceAll(emptyModel(), updates, story.nowMs());
}

function only(model: Model) {
  const [transaction] = model.transactions.values();
  if (transaction === undefined) throw new Error("no transaction was told");
  return transaction;
}

describe("one line for one event", () => {
  const line = (body: EventBody, node = COORDINATOR): string =>
    describeEvent({ node, epoch: 4, number: 1, atMs: START_MS, transactionId: transactionId(17), body });

  test.each<[EventBody, string]>([
    [
      { type: "message-sent", to: WAREHOUSE, message: "prepare", text: "" },
      "21:04:11.200 coordinator > warehouse PREPARE 4.17",
    ],
    [
      { type: "message-received", from: LEDGER, message: "vote", text: "vote yes" },
      "21:04:11.200 coordinator < ledger VOTE 4.17 yes",
    ],
    [
      { type: "message-dropped", to: LEDGER, message: "commit", why: "not connected" },
      "21:04:11.200 coordinator x ledger COMMIT 4.17 lost: not connected",
    ],
    [{ type: "record-forced", record: "commit", seq: 881 }, "21:04:11.200 coordinator * commit 4.17 #881"],
    [{ type: "fault-fired", fault: "vote-no" }, "21:04:11.200 coordinator ! fault fired: vote-no 4.17"],
  ])("%j", (body, expected) => {
    expect(line(body)).toBe(expected);
  });
});

describe("why a transaction is not finished", () => {
  test("a vote that is out names its participant, and that it is down", () => {
    const model = told("silent", tellLedgerDown);
    expect(whyLine(model, only(model))).toBe("needs ledger (down): vote");
    expect(explain(model, only(model))).toMatchObject({ blockedBy: [LEDGER], holds: ["LAMP-01"] });
  });

  test("a commit that is not acked can be waited for without risk", () => {
    const model = told("committing", tellLedgerDown);
    expect(whyLine(model, only(model))).toBe("needs ledger (down): ack");
    expect(explain(model, only(model))?.safe).toContain("cannot be lost");
  });

  test("in doubt: only the coordinator can tell", () => {
    const model = told("silent", (story) =>
      story.push({ type: "disconnected", node: COORDINATOR, why: "connection refused" }),
    );
    expect(whyLine(model, only(model))).toBe("needs coordinator (not heard): decision, connection refused");
    expect(explain(model, only(model))?.safe).toBe("restart coordinator: it answers by its log");
  });

  test("a finished one needs nothing, and a refused one tells the reason", () => {
    const committed = told("committed");
    expect(explain(committed, only(committed))).toBeNull();
    const refused = told("refused");
    expect(whyLine(refused, only(refused))).toBe("warehouse has 0 of BOOK-04 on hand, 1 asked");
  });
});

describe("figures", () => {
  test("the cost of a commit without faults is exactly what presumed abort promises", () => {
    const table = costTable(only(told("committed")));
    expect(table.map((cost) => [cost.node, cost.role, isAsPromised(cost)])).toEqual([
      [COORDINATOR, "leads", true],
      [WAREHOUSE, "update", true],
      [LEDGER, "update", true],
    ]);
  });

  test("nothing is promised for what was not committed", () => {
    expect(costTable(only(told("refused"))).every((cost) => cost.promised === null)).toBe(true);
  });

  test("a message told by sender and receiver is one step of the sequence", () => {
    const model = told("committed");
    const steps = sequenceOf(model.log, transactionId(1));
    const messages = steps.filter((step) => step.type === "message");
    expect(messages.map((step) => `${step.from}>${step.to} ${step.label} ${step.fate}`)).toEqual([
      "coordinator>warehouse prepare received",
      "coordinator>ledger prepare received",
      "warehouse>coordinator vote yes received",
      "ledger>coordinator vote yes received",
      "coordinator>warehouse commit received",
      "coordinator>ledger commit received",
      "warehouse>coordinator ack received",
      "ledger>coordinator ack received",
    ]);
    expect(steps.filter((step) => step.type === "write" && step.forced)).toHaveLength(5);
  });

  test("the sequence is causal however the nodes' streams were merged", () => {
    const inOrder = sequenceOf(told("committed").log, transactionId(1));
    for (const first of [COORDINATOR, WAREHOUSE, LEDGER]) {
      const log = told("committed").log;
      const isFirst = (entry: (typeof log)[number]) => entry.type === "event" && entry.event.node === first;
      const merged = [...log.filter(isFirst), ...log.filter((entry) => !isFirst(entry))];
      expect(sequenceOf(merged, transactionId(1))).toEqual(inOrder);
    }
  });

  test("a vote proves that the prepare has arrived, though the participant was not heard", () => {
    const log = told("committed").log.filter(
      (entry) => entry.type === "event" && entry.event.node !== WAREHOUSE,
    );
    const messages = sequenceOf(log, transactionId(1)).filter((step) => step.type === "message");
    expect(messages.filter((step) => step.fate !== "received")).toEqual([]);
  });

  test("the invariants hold on the sample, and a reservation beyond what is on hand breaks one", () => {
    expect(invariants(told("committed")).every((each) => each.holds)).toBe(true);
    const broken = told("committed", (story) =>
      story.tell(WAREHOUSE, null, {
        type: "rows-changed",
        rows: {
          kind: "warehouse",
          items: [{ sku: "LAMP-01", name: "Lamp", onHand: "1", reserved: "2", available: "-1" }],
        },
      }),
    );
    expect(
      invariants(broken)
        .filter((each) => !each.holds)
        .map((each) => each.text),
    ).toEqual(["LAMP-01: on hand 1, reserved 2, available -1"]);
  });

  test("spans, amounts and ids are short and exact", () => {
    expect([age(0), age(59_999), age(240_000), age(7_200_000)]).toEqual(["0s", "59s", "4m", "2h"]);
    expect([duration(0.44), duration(31), duration(1234)]).toEqual(["0.4 ms", "31 ms", "1.2 s"]);
    expect([money("5"), money("-123456"), money("9007199254740993")]).toEqual([
      "0.05",
      "-1,234.56",
      "90,071,992,547,409.93",
    ]);
    expect(shortId(transactionId(17))).toBe("4.17");
    expect(shortId(transactionId(17, "warehouse"), true)).toBe("warehouse:4.17");
    expect(coordinatorName(transactionId(17, "east-1"))).toBe("east-1");
  });

  test("the work of an order is one line", () => {
    expect(workSummary(only(told("committed")))).toBe("ship 2 LAMP-01, 49.80 alice > revenue");
  });
});
