import { describe, expect, test } from "vitest";
import { cellWidth } from "../../src/console/cell-width.ts";
import { frameRows } from "../../src/console/frame.ts";
import { plainText } from "../../src/console/row.ts";
import { costRows } from "../../src/console/tabs/cost.ts";
import { lanesHead, stepRow } from "../../src/console/tabs/diagram.ts";
import { layLanes } from "../../src/console/tabs/lanes.ts";
import { DETAIL_TABS, initialUi, type Ui } from "../../src/console/ui.ts";
import type { View } from "../../src/console/view.ts";
import type { SequenceStep } from "../../src/observe/sequence.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { tellAttempt } from "./attempt-story.ts";
import { tellParticipant } from "./doubt-story.ts";
import { hearCluster } from "./heard-story.ts";
import {
  COORDINATOR,
  LEDGER,
  type Story,
  tellLedgerBack,
  tellLedgerDown,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "./story.ts";

// Goal: a transaction's tabs say what happened, at every width.

function viewOf(tell: (story: Story) => void, ui: Partial<Ui> = {}, laterMs = 0): View {
  const { model, nowMs } = hearCluster(tell);
  return {
    model,
    ui: { ...initialUi(), detail: transactionId(1), ...ui },
    nowMs: nowMs + laterMs,
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
}

function text(view: View, width = 80, height = 40): string {
  return frameRows(view, width, height).map(plainText).join("\n");
}

/** The ledger dies before its vote, and comes back to be asked again. */
function tellCrash(story: Story): void {
  tellOrder(story, 1, "silent");
  tellLedgerDown(story);
  story.pass(1_300);
  tellLedgerBack(story);
  story.tell(COORDINATOR, transactionId(1), {
    type: "message-dropped",
    to: LEDGER,
    message: "prepare",
    why: "",
  });
  story.tell(COORDINATOR, transactionId(1), {
    type: "message-sent",
    to: LEDGER,
    message: "prepare",
    text: "",
  });
}

describe("every tab is exactly as wide as its terminal", () => {
  test.each(DETAIL_TABS)("%s from 40 to 220 columns", (detailTab) => {
    for (const view of [
      viewOf(tellCrash, { detailTab }),
      viewOf((story) => tellOrder(story, 1, "committed"), { detailTab }),
    ]) {
      for (let width = 40; width <= 220; width += 1) {
        for (const row of frameRows(view, width, 24)) expect(cellWidth(plainText(row))).toBe(width);
      }
    }
  });

  test.each([
    [200, 50],
    [120, 40],
    [80, 24],
    [60, 15],
    [40, 10],
  ])("at %i×%i the chosen tab is named and shows something", (width, height) => {
    const names = ["Sequence", "Votes", "Log records", "Effects", "Cost", "Raw"];
    const telling = ["commit", "warehouse", "prepared", "ship 2 LAMP-01", "2 of 2", '"transactionId"'];
    DETAIL_TABS.forEach((detailTab, index) => {
      const shown = text(
        viewOf((story) => tellOrder(story, 1, "committed"), { detailTab }),
        width,
        height,
      );
      expect(shown).toContain(names[index]);
      // The lowest screens show the end of a sequence and the beginning of the rest.
      if (height > 10) expect(shown).toContain(telling[index]);
    });
  });
});

/** The transaction has committed, and then the ledger starts anew. */
function tellRestart(story: Story): void {
  tellOrder(story, 1, "committed");
  tellLedgerDown(story);
  tellLedgerBack(story);
}

describe("a node that has started anew", () => {
  test("is not said to have spent what only its present run has", () => {
    const shown = text(viewOf(tellRestart, { detailTab: "cost" }));
    expect(shown).toMatch(/ledger .* this run/);
    expect(shown).toMatch(/warehouse .* as promised/);
    expect(shown).toMatch(/all .* this run/);
    expect(shown).toMatch(/What\s+ledger\s+spent\s+before\s+the\s+last\s+start/);
  });

  test("may have written what nobody was told", () => {
    const shown = text(viewOf(tellRestart, { detailTab: "records" }));
    expect(shown).toContain("ledger started anew: what was written before it was heard again is not told");
    const whole = text(viewOf((story) => tellOrder(story, 1, "committed"), { detailTab: "records" }));
    expect(whole).not.toContain("started anew");
  });
});

test("what has been sent thousands of times is counted whole on a narrow screen", () => {
  const view = viewOf((story) => tellOrder(story, 1, "committed"), { detailTab: "cost" });
  const [transaction] = view.model.transactions.values();
  const leader = transaction?.coordinatorView;
  if (transaction === undefined || leader === undefined || leader === null)
    throw new Error("nothing was told");
  const counts = { ...leader.counts, messagesSent: 123_456 };
  const many = { ...transaction, coordinatorView: { ...leader, counts } };
  expect(costRows(view.model, many, 60).map(plainText).join("\n")).toContain("123456 of 4");
});

describe("the sequence", () => {
  test("tells crash, restart, loss, retry and the time that passed, each by a mark of its own", () => {
    const shown = text(viewOf(tellCrash, {}, 3_000), 100, 50);
    expect(shown).toMatch(/crashed: SIGKILL X/);
    expect(shown).toMatch(/restarted: epoch 5 O/);
    expect(shown).toMatch(/╌ prepare #2 ╌+x/);
    expect(shown).toMatch(/╌ prepare #3 ╌+>/);
    expect(shown).toMatch(/2\.1 s ·/);
    expect(shown).toMatch(/2s ·|3s ·/);
    const down = shown.split("\n").filter((line) => line.includes("┊"));
    expect(down.length).toBeGreaterThan(0);
  });

  test("tells that a process stood still meanwhile", () => {
    const shown = text(
      viewOf((story) => {
        tellOrder(story, 1, "silent");
        story.process(LEDGER, { state: "paused" });
        story.pass(2_000);
        story.process(LEDGER, { state: "up" });
      }),
      100,
      50,
    );
    expect(shown).toMatch(/paused: SIGSTOP =/);
    expect(shown).toMatch(/goes on: SIGCONT O/);
  });

  test("of what was not told does not say that nothing was sent", () => {
    const silent = (story: Story): void => {
      story.tell(LEDGER, null, { type: "note", text: "what comes now is kept" });
      tellParticipant(story, WAREHOUSE, transactionId(1), {});
    };
    expect(text(viewOf(silent))).toContain("no message was sent for it");
    const missed = (story: Story): void => {
      silent(story);
      story.snapshot(LEDGER, { epoch: 4 });
    };
    expect(text(viewOf(missed))).toContain("its events were not told");
  });

  test("is a list below 60 columns, with the same words", () => {
    const shown = text(viewOf(tellCrash), 59, 50);
    expect(shown).toContain("ledger X crashed: SIGKILL");
    expect(shown).toContain("coordinator > ledger prepare #2 x lost");
    expect(shown).toContain("warehouse * prepared");
    expect(shown).not.toContain("│─");
  });

  /** The ledger's vote, with what fault injection does to it, and what comes of it. */
  function tellVote(story: Story, fault: string, arrivals: number): void {
    const id = transactionId(1);
    tellOrder(story, 1, "silent");
    story.tell(LEDGER, id, { type: "message-sent", to: COORDINATOR, message: "vote", text: "yes" });
    story.tell(LEDGER, null, { type: "fault-fired", fault });
    for (let count = 0; count < arrivals; count += 1) {
      story.pass(2_000);
      story.tell(COORDINATOR, id, { type: "message-received", from: LEDGER, message: "vote", text: "yes" });
    }
  }

  test("shows that fault injection holds a message up, and when it comes", () => {
    const waits = text(
      viewOf((story) => tellVote(story, "delay-message", 0)),
      100,
      50,
    );
    expect(waits).toMatch(/~~+ vote yes ~+│/);
    const came = text(
      viewOf((story) => tellVote(story, "delay-message", 1)),
      100,
      50,
    );
    expect(came).toMatch(/~~+ vote yes ~+│/);
    expect(came).toMatch(/2\.0 s ·/);
    expect(came).toMatch(/<~+┼~* vote yes late ~+│/);
    const list = text(
      viewOf((story) => tellVote(story, "delay-message", 1)),
      55,
      40,
    );
    expect(list).toMatch(/ledger > coordinator vote yes \(delayed\)/);
    expect(list).toMatch(/ledger > coordinator vote yes late/);
  });

  test("shows as lost what a node held back when it crashed, whatever number its next run holds under", () => {
    const hold = (story: Story): void => {
      const id = transactionId(1);
      const held = { id: 1, to: COORDINATOR, message: "vote", text: "yes", transactionId: id, atMs: 0 };
      story.tell(LEDGER, id, { type: "message-held", held });
    };
    const tell = (story: Story): void => {
      tellOrder(story, 1, "silent");
      hold(story);
      tellLedgerDown(story);
      tellLedgerBack(story);
      hold(story);
    };
    const shown = text(viewOf(tell), 100, 50);
    expect(shown).toMatch(/x╌+┼╌+ vote yes ╌+│/);
    expect(shown).toMatch(/=·+┼·+ vote yes #2 ·+│/);
    const released = text(
      viewOf((story) => {
        tell(story);
        const sent = {
          type: "message-sent",
          to: COORDINATOR,
          message: "vote",
          text: "yes",
          heldId: 1,
        } as const;
        story.tell(LEDGER, transactionId(1), sent);
      }),
      100,
      50,
    );
    expect(released).toMatch(/x╌+┼╌+ vote yes ╌+│/);
    expect(released).toMatch(/<╌+┼╌+ vote yes #2 ╌+│/);
    expect(released).not.toContain("=·");
  });

  test("shows that fault injection doubled a message, which is no retry", () => {
    const shown = text(
      viewOf((story) => tellVote(story, "duplicate-message", 2)),
      100,
      50,
    );
    expect(shown).toMatch(/─ vote yes ─+│/);
    expect(shown).toMatch(/─ vote yes twice ─+│/);
    expect(shown).not.toContain("vote yes #2");
  });

  test("follows its end, until it is scrolled", () => {
    const tell = (story: Story) => tellOrder(story, 1, "committed");
    expect(text(viewOf(tell), 80, 16)).toMatch(/\+ end/);
    const scrolled = text(viewOf(tell, { detailOffset: 0 }), 80, 16);
    expect(scrolled).not.toMatch(/\+ end/);
    expect(scrolled).toMatch(/rows 1-\d+ of 14/);
  });

  const names = ["coordinator", ..."abcdefghijk"].map((name) => name as NodeName);
  const steps = names.slice(1).map(
    (to): SequenceStep => ({
      type: "message",
      atMs: 1,
      from: COORDINATOR,
      to,
      label: "prepare",
      fate: "received",
    }),
  );
  const transaction = {
    id: transactionId(1),
    coordinator: COORDINATOR,
    coordinatorView: null,
    forgottenByRestart: false,
    participants: new Map(),
    startedAtMs: 0,
    changedAtMs: 0,
  };

  test("has lanes of nine columns, and pans with the coordinator pinned where not all fit", () => {
    const lanes = layLanes(transaction, steps, 80, 4);
    expect(lanes.spacing).toBe(10);
    expect(lanes.names).toEqual([COORDINATOR, "e", "f", "g", "h", "i", "j"]);
    expect(plainText(lanesHead(lanes))).toMatch(/^ +coordina… +e +f +g/);
    const [step] = steps.slice(4);
    if (step === undefined) throw new Error("there are eleven steps");
    expect(plainText(stepRow(lanes, step, "", new Set()))).toMatch(/│─?prepare─?>│/);
    expect(layLanes(transaction, steps, 80, 99).names.at(-1)).toBe("k");
  });
});

describe("a request that was tried several times", () => {
  const tell = (story: Story): void => {
    tellAttempt(story, 1, 1);
    tellAttempt(story, 2, 2);
  };

  test("is one row that says it is retrying, and counts as unfinished", () => {
    const shown = text(viewOf(tell, { detail: null }), 120, 40);
    expect(shown).toMatch(/4\.2 +~ retrying/);
    expect(shown).not.toMatch(/4\.1 +- aborted/);
    expect(shown.split("\n")[0]).toMatch(/unfinished 1/);
  });

  test("says until when, where it was sent from here", () => {
    const until = new Date(2026, 7, 14, 21, 4, 41).getTime();
    const waiting = [{ requestId: "order-again", untilMs: until }];
    expect(text(viewOf(tell, { detail: transactionId(2), waiting }), 100)).toMatch(
      /tries .*attempt 2 failed, .*given up at 21:04:41/,
    );
    expect(text(viewOf(tell, { detail: transactionId(2) }), 100)).not.toContain("given up");
    const inDoubt = viewOf(
      (story) => {
        tellOrder(story, 1, "prepared");
        tellLedgerDown(story);
      },
      { waiting: [{ requestId: "order-1", untilMs: until }] },
    );
    expect(text(inDoubt, 100)).toContain("tries ");
    expect(text(inDoubt, 100)).not.toContain("given up");
  });

  test("opens with its newest attempt, and the votes list them all", () => {
    const shown = text(viewOf(tell, { detailTab: "votes" }));
    expect(shown).toContain("Transaction 4.2");
    expect(shown).toContain("> 4.2 > votes");
    expect(shown).toContain("2 attempts of request order-again");
    expect(shown).toMatch(/> 2 {2}4\.2 {2}~ retrying/);
    expect(shown).toMatch(/ 1 {2}4\.1 {2}- aborted/);
  });
});

test("what was there before its coordinator's run is older than its nodes can tell, and said to be", () => {
  const tell = (story: Story): void => {
    tellParticipant(story, WAREHOUSE, transactionId(1), {});
    tellParticipant(story, WAREHOUSE, transactionId(2), { phase: "committed", endedAtMs: story.nowMs() });
  };
  const known = viewOf(tell, {}, 8_000);
  expect(text(known)).toMatch(/began \d/);
  const list = (view: View): string => text({ ...view, ui: { ...view.ui, detail: null } });
  expect(list(known)).toMatch(/> 4\.1 .* 8s /);
  const [before, leader] = [known.model, known.model.nodes.get(COORDINATOR)];
  if (leader?.view == null) throw new TypeError("the story has a coordinator");
  const later = { ...leader, epoch: 5, view: { ...leader.view, epoch: 5 } };
  const older = { ...known, model: { ...before, nodes: new Map(before.nodes).set(COORDINATOR, later) } };
  expect(text(older)).toMatch(/began before \d/);
  expect(list(older)).toMatch(/> 4\.1 .* >8s /);
  expect(list(older)).toMatch(/4\.2 .* - /);
  expect(list(older)).toMatch(/4\.2 +\+ committed +A +\. /);
  expect(text(older)).not.toContain("no message was sent");
});

test("the votes of a refused order say who and why", () => {
  const shown = text(viewOf((story) => tellOrder(story, 1, "refused"), { detailTab: "votes" }));
  expect(shown).toMatch(new RegExp(`N {2}${WAREHOUSE}`));
  expect(shown).toContain("has 0 of BOOK-04 on hand");
});
