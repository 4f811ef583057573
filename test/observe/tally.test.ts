import { describe, expect, test } from "vitest";
import { frameRows } from "../../src/console/frame.ts";
import { plainText } from "../../src/console/row.ts";
import { initialUi } from "../../src/console/ui.ts";
import { emptyModel, type Model } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { lastSeconds } from "../../src/observe/pulse.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import { inDoubtCount, toldOneIn, unfinishedCount } from "../../src/observe/tally.ts";
import { transactionStatus } from "../../src/observe/transaction.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Tally } from "../../src/schema/tally.ts";
import {
  COORDINATOR,
  createStory,
  LEDGER,
  participantView,
  type Story,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "../console/story.ts";

// Goal: where only a share of the transactions is told, what is shown is what the nodes count, and says that it is a share.

/** A console that hears a story, and tallies of its coordinator. */
function heard() {
  const story = createStory();
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  story.begin();
  const sums = { events: 0, begun: 0, committed: 0, aborted: 0, tookMs: 0 };
  const tally = (changes: Partial<Tally>, node: NodeName = COORDINATOR): void => {
    const atMs = story.nowMs();
    const now = { unfinished: 0, inDoubt: 0, forcedSeq: 0, oneIn: 1, ...sums };
    updates.push({ type: "tally", tally: { node, epoch: 4, atMs, ...now, ...changes } });
  };
  const model = (): Model => reduceAll(emptyModel(), updates, story.nowMs());
  return { story, updates, tally, model };
}

function rowsOf(model: Model, story: Story, filter = ""): string {
  const view = {
    model,
    ui: { ...initialUi(), filter },
    nowMs: story.nowMs(),
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
  return frameRows(view, 140, 40)
    .map((row) => plainText(row))
    .join("\n");
}

describe("figures", () => {
  test("are the differences of tallies, and not what is told as well", () => {
    const { story, tally, model } = heard();
    tally({ events: 500, committed: 20, tookMs: 900 });
    tally({}, WAREHOUSE);
    tally({}, LEDGER);
    tellOrder(story, 1, "committed");
    tally({ events: 800, committed: 30, tookMs: 1_400 });
    story.pass(1_000);
    const seconds = lastSeconds(model().pulses, story.nowMs() + 1_000, 5);
    const sum = (figures: readonly number[]) => figures.reduce((all, each) => all + each, 0);
    expect(sum(seconds.map(({ events }) => events))).toBe(300);
    expect(sum(seconds.map(({ committed }) => committed))).toBe(10);
  });

  test("of a node's last run do not go on in its next one", () => {
    const { tally, model } = heard();
    tally({ events: 500 });
    tally({ events: 900, epoch: 5 });
    expect(model().nodes.get(COORDINATOR)?.tally?.events).toBe(500);
  });

  test("unfinished are as many as the coordinator counts; told are only some", () => {
    const { story, tally, model } = heard();
    tellOrder(story, 1, "silent");
    tally({ oneIn: 16, unfinished: 64 });
    expect(unfinishedCount(model())).toBe(64);
    tally({ oneIn: 1, unfinished: 64 });
    expect(unfinishedCount(model())).toBe(1);
  });

  test("in doubt are as many as a participant counts, once the coordinator is away", () => {
    const { updates, tally, model } = heard();
    tally({ oneIn: 16 });
    tally({ oneIn: 16, inDoubt: 40 }, WAREHOUSE);
    expect(inDoubtCount(model())).toBe(0);
    updates.push({ type: "disconnected", node: COORDINATOR, why: "gone" });
    expect(inDoubtCount(model())).toBe(40);
  });

  test("rows come with tallies", () => {
    const { tally, model } = heard();
    const item = { sku: "LAMP-01", name: "Lamp", onHand: "7", reserved: "3", available: "4" };
    tally({ rows: { kind: "warehouse", items: [item] } }, WAREHOUSE);
    expect(model().items.get(WAREHOUSE)?.get("LAMP-01")).toEqual(item);
    expect(model().nodes.get(WAREHOUSE)?.tally).not.toHaveProperty("rows");
  });
});

describe("a share", () => {
  test("is named in the header and above the lists, and afterwards until when it was one", () => {
    const { story, tally, model } = heard();
    tellOrder(story, 1, "committed");
    expect(rowsOf(model(), story)).not.toMatch(/1 in|not all/);
    tally({ oneIn: 16 });
    expect(toldOneIn(model())).toBe(16);
    const busy = rowsOf(model(), story);
    expect(busy).toContain("showing 1 in 16");
    expect(busy).toMatch(/Transactions 1, 1 in 16 shown/);
    expect(busy).toMatch(/Events 1 in 16 shown/);
    story.pass(2_000);
    tally({ oneIn: 1 });
    expect(toldOneIn(model())).toBe(1);
    expect(rowsOf(model(), story)).toMatch(/Transactions 1, not all until \d\d:\d\d:\d\d/);
  });

  test("is said where a filter finds nothing: what is looked for may have been left out", () => {
    const { story, tally, model } = heard();
    tellOrder(story, 1, "committed");
    expect(rowsOf(model(), story, "4.99")).not.toContain("tx show");
    tally({ oneIn: 16 });
    expect(rowsOf(model(), story, "4.99")).toMatch(/nothing matches.*\n.*tx show ID asks the nodes/);
  });

  test("is the largest of those that the connected nodes tell", () => {
    const { updates, tally, model } = heard();
    tally({ oneIn: 4 });
    tally({ oneIn: 64 }, WAREHOUSE);
    expect(toldOneIn(model())).toBe(64);
    updates.push({ type: "disconnected", node: WAREHOUSE, why: "gone" });
    expect(toldOneIn(model())).toBe(4);
  });

  test("leaves nobody in doubt of whom the coordinator, which is there, has not told yet", () => {
    const { story, updates, tally, model } = heard();
    const statusNow = () => {
      const transaction = model().transactions.get(transactionId(7));
      return transaction && transactionStatus(model(), transaction);
    };
    const view = { ...participantView(transactionId(7), story.nowMs()), phase: "prepared" as const };
    tally({ oneIn: 16 });
    story.tell(WAREHOUSE, transactionId(7), { type: "transaction-changed", view });
    expect(statusNow()).toBe("preparing");
    story.pass(4_000);
    tally({ oneIn: 16 });
    expect(statusNow()).toBe("in-doubt");
    expect(updates.length).toBeGreaterThan(0);
  });
});
