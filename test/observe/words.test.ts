import { describe, expect, test } from "vitest";
import { costTable, isAsPromised } from "../../src/observe/cost.ts";
import { describeEvent } from "../../src/observe/describe.ts";
import { age, duration } from "../../src/observe/figures.ts";
import { coordinatorLogged, isBlocked } from "../../src/observe/in-doubt.ts";
import { invariants } from "../../src/observe/invariants.ts";
import { sequenceOf } from "../../src/observe/sequence.ts";
import { coordinatorName, shortId } from "../../src/observe/short-id.ts";
import { transactionStatus, voteLetter, workSummary } from "../../src/observe/transaction.ts";
import { explain, whyLine } from "../../src/observe/why.ts";
import type { EventBody } from "../../src/schema/events.ts";
import { money } from "../../src/schema/money.ts";
import {
  tellCoordinatorDown,
  tellHeuristic,
  tellParticipant,
  tellPeersAsking,
} from "../console/doubt-story.ts";
import {
  COORDINATOR,
  type createStory,
  type Ending,
  LEDGER,
  START_MS,
  tellLedgerDown,
  transactionId,
  WAREHOUSE,
} from "../console/story.ts";
import { only, told } from "./told.ts";

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
  test.each([
    [COORDINATOR, LEDGER],
    [LEDGER, COORDINATOR],
  ])("a link that %s cuts to %s is healed, for waiting does not bring it back", (node, peer) => {
    const cuts = [{ peer, direction: "both" as const }];
    const injected = { faults: [], points: [], cuts, isHolding: false };
    const cut = (ending: Ending) =>
      told(ending, (story) => story.tell(node, null, { type: "injected-changed", injected }));
    const silent = cut("silent");
    expect(whyLine(silent, only(silent))).toBe(
      "needs ledger (cut off): vote; safe: heal the link between coordinator and ledger, or wait: it aborts after the time-out",
    );
    const committing = cut("committing");
    expect(whyLine(committing, only(committing))).toBe(
      "needs ledger (cut off): ack; safe: heal the link between coordinator and ledger: the commit is logged and cannot be lost",
    );
  });

  test("a process that stands still is let go on, not restarted", () => {
    const model = told("silent", (story) => story.process(LEDGER, { state: "paused" }));
    expect(whyLine(model, only(model))).toBe(
      "needs ledger (paused): vote; safe: let ledger go on, or wait: it aborts after the time-out",
    );
  });

  test("a vote that is out names its participant, and that it is down", () => {
    const model = told("silent", tellLedgerDown);
    expect(whyLine(model, only(model))).toBe(
      "needs ledger (down): vote; safe: restart ledger, or wait: it aborts after the time-out",
    );
    expect(explain(model, only(model))).toMatchObject({ blockedBy: [LEDGER], holds: ["LAMP-01"] });
  });

  test("a commit that is not acked can be waited for without risk", () => {
    const model = told("committing", tellLedgerDown);
    expect(whyLine(model, only(model))).toBe(
      "needs ledger (down): ack; safe: restart ledger: the commit is logged and cannot be lost",
    );
    expect(explain(model, only(model))?.safe).toContain("cannot be lost");
  });

  test("in doubt: only the coordinator can tell", () => {
    const model = told("silent", (story) =>
      story.push({ type: "disconnected", node: COORDINATOR, why: "connection refused" }),
    );
    expect(whyLine(model, only(model))).toBe(
      "needs coordinator (not heard): decision, connection refused; safe: restart coordinator: it answers by its log",
    );
    expect(explain(model, only(model))?.safe).toBe("restart coordinator: it answers by its log");
  });

  test("a finished one needs nothing, and a refused one tells the reason", () => {
    const committed = told("committed");
    expect(explain(committed, only(committed))).toBeNull();
    const refused = told("refused");
    expect(whyLine(refused, only(refused))).toBe("warehouse has 0 of BOOK-04 on hand, 1 asked");
  });
});

describe("in doubt, blocked, and decided by hand", () => {
  const id = transactionId(1);
  const blocked = (story: ReturnType<typeof createStory>): void => {
    tellCoordinatorDown(story);
    tellPeersAsking(story, id);
  };

  test("nobody can tell: who is away, and what the others say", () => {
    const model = told("prepared", blocked);
    expect(isBlocked(model, only(model))).toBe(true);
    expect(whyLine(model, only(model))).toBe(
      "blocked: coordinator down; warehouse in doubt, ledger in doubt; safe: restart coordinator: it answers by its log",
    );
  });

  test("one that does not know it helps nobody, and one that was not asked yet may help", () => {
    const unknown = told("prepared", (story) => {
      tellCoordinatorDown(story);
      tellParticipant(story, WAREHOUSE, id, { answers: { ledger: "unknown" } });
      tellParticipant(story, LEDGER, id, { phase: "forgotten" });
    });
    expect(whyLine(unknown, only(unknown))).toBe(
      "blocked: coordinator down; warehouse in doubt, ledger unknown; safe: restart coordinator: it answers by its log",
    );
    const early = told("prepared", tellCoordinatorDown);
    expect(isBlocked(early, only(early))).toBe(false);
    expect(whyLine(early, only(early))).toBe(
      "needs coordinator (down): decision, connection closed; safe: restart coordinator: it answers by its log",
    );
  });

  test("it stays in doubt while the coordinator is on its way back, until that is heard", () => {
    const model = told("prepared", (story) => {
      tellCoordinatorDown(story);
      story.process(COORDINATOR, { state: "starting", pid: 4_008 });
    });
    expect(transactionStatus(model, only(model))).toBe("in-doubt");
    expect(whyLine(model, only(model))).toBe(
      "needs coordinator (starting): decision, connection closed; safe: wait for coordinator to start: it answers by its log",
    );
  });

  test("a commit that a peer knew is no longer in doubt, though the coordinator is still away", () => {
    const model = told("prepared", (story) => {
      tellCoordinatorDown(story);
      for (const name of [WAREHOUSE, LEDGER]) tellParticipant(story, name, id, { phase: "committed" });
    });
    expect(transactionStatus(model, only(model))).toBe("committing");
  });

  test("what the coordinator has logged is told as far as it was heard", () => {
    const logged = (ending: Ending, after: (story: ReturnType<typeof createStory>) => void): string => {
      const model = told(ending, after);
      return coordinatorLogged(model, only(model));
    };
    expect(logged("prepared", tellCoordinatorDown)).toBe("nothing when last heard; may have decided since");
    expect(logged("committing", tellCoordinatorDown)).toBe("commit");
    const appending = (story: ReturnType<typeof createStory>): void => {
      story.tell(COORDINATOR, id, { type: "record-appended", record: "commit", seq: 13, force: true });
      tellCoordinatorDown(story);
    };
    expect(logged("prepared", appending)).toContain("on its way to the disk");
  });

  test("a decision by hand is a hazard until it can be compared, and mixed when it differs", () => {
    const hazard = told("prepared", (story) => {
      tellCoordinatorDown(story);
      tellParticipant(story, WAREHOUSE, id, { phase: "aborted" });
      tellHeuristic(story, id, null);
    });
    expect(transactionStatus(hazard, only(hazard))).toBe("heuristic");
    expect(whyLine(hazard, only(hazard))).toBe("hazard: ledger abort by ann, coordinator's decision unknown");
    expect(explain(hazard, only(hazard))?.safe).toMatch(/^restart coordinator: the decisions are compared/);
    const mixed = told("committing", (story) => tellHeuristic(story, id, "commit"));
    expect(transactionStatus(mixed, only(mixed))).toBe("mixed");
    expect(whyLine(mixed, only(mixed))).toBe("mixed: ledger abort by ann, coordinator commit");
    expect(voteLetter(mixed, only(mixed), LEDGER)).toBe("M");
  });

  test("mixed is told for good, but is over when an operator has taken note", () => {
    const model = told("committed", (story) => tellHeuristic(story, id, "commit", story.nowMs()));
    expect(transactionStatus(model, only(model))).toBe("committed");
    expect(whyLine(model, only(model))).toBe("mixed: ledger abort by ann, coordinator commit, taken note of");
    expect(voteLetter(model, only(model), LEDGER)).toBe("M");
  });

  test("an alarm about a transaction goes when that is over at its node, and no other", () => {
    const alarms = (endedAtMs: number | null): readonly string[] => {
      const model = told("committed", (story) => {
        for (const other of [id, transactionId(11)])
          story.tell(LEDGER, other, {
            type: "alarm",
            text: `heuristic mixed: abort of ${other}, told commit`,
          });
        tellHeuristic(story, id, "commit", endedAtMs);
      });
      return model.nodes.get(LEDGER)?.view?.alarms ?? [];
    };
    expect(alarms(null)).toHaveLength(2);
    expect(alarms(START_MS)).toEqual([`heuristic mixed: abort of ${transactionId(11)}, told commit`]);
  });

  test("operators who have decided differently have mixed it already, and each is named with what he did", () => {
    const line = (decision: "commit" | "abort"): string => {
      const model = told("prepared", (story) => {
        const id = transactionId(1);
        tellHeuristic(story, id, null);
        const verdict = { by: "ben", reason: "goods have left", atMs: story.nowMs() };
        const heuristic = { decision, truth: null, ending: "hazard", ...verdict } as const;
        tellParticipant(story, WAREHOUSE, id, { phase: "heuristic", heuristic });
        tellCoordinatorDown(story);
      });
      return whyLine(model, only(model));
    };
    expect(line("commit")).toBe(
      "mixed already: warehouse commit by ben, ledger abort by ann, coordinator's decision unknown",
    );
    expect(line("abort")).toBe(
      "hazard: warehouse abort by ben, ledger abort by ann, coordinator's decision unknown",
    );
  });

  test("an alarm about a node goes when the node says so, and no other", () => {
    const model = told("committed", (story) => {
      for (const text of ["the disk is nearly full", "something else"])
        story.tell(LEDGER, null, { type: "alarm", text });
      story.tell(LEDGER, null, { type: "alarm-cleared", text: "the disk is nearly full" });
    });
    expect(model.nodes.get(LEDGER)?.view?.alarms).toEqual(["something else"]);
  });

  test("no word of a way out is a key of the console", () => {
    const model = told("prepared", tellCoordinatorDown);
    const found = explain(model, only(model));
    expect(found?.resolutions).toEqual(["commit", "abort"]);
    expect(`${found?.safe} ${found?.unsafe}`).not.toMatch(/\bR\b|\}/);
  });

  test("the same question asked again and again is one step with a number", () => {
    const model = told("prepared", (story) => {
      tellCoordinatorDown(story);
      for (let round = 0; round < 3; round += 1) tellPeersAsking(story, id);
    });
    const steps = sequenceOf(model.log, id).flatMap((step) =>
      step.type === "message" && step.nth !== undefined
        ? [`${step.from} ${step.label} ${step.nth} ${step.fate}`]
        : [],
    );
    expect(steps).toEqual([
      "warehouse inquiry 3 received",
      "ledger in-doubt 3 received",
      "ledger inquiry 3 received",
      "warehouse in-doubt 3 received",
    ]);
  });
});

describe("figures", () => {
  test("the cost of a commit without faults is exactly what presumed abort promises", () => {
    const committed = told("committed");
    const table = costTable(committed, only(committed));
    expect(table.map((cost) => [cost.node, cost.role, isAsPromised(cost)])).toEqual([
      [COORDINATOR, "leads", true],
      [WAREHOUSE, "update", true],
      [LEDGER, "update", true],
    ]);
  });

  test("nothing is promised for what was not committed", () => {
    const refused = told("refused");
    expect(costTable(refused, only(refused)).every((cost) => cost.promised === null)).toBe(true);
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
