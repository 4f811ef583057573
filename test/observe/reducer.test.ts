import { describe, expect, test } from "vitest";
import { EVENTS_MAX, emptyModel, type Model } from "../../src/observe/model.ts";
import { isAway, nodeStatus, participantNodes } from "../../src/observe/node-status.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduce, reduceAll } from "../../src/observe/reducer.ts";
import { transactionStatus, unfinishedTransactions, voteLetter } from "../../src/observe/transaction.ts";
import type { NodeEvent } from "../../src/schema/events.ts";
import { tellParticipant } from "../console/doubt-story.ts";
import {
  COORDINATOR,
  createStory,
  LEDGER,
  type Story,
  tellLedgerBack,
  tellLedgerDown,
  tellOrder,
  transactionId,
  WAREHOUSE,
} from "../console/story.ts";

/** The model after everything that the story tells. */
function modelOf(story: Story): Model {
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  return reduceAll(emptyModel(), updates, story.nowMs());
}

function begun(): Story {
  const story = createStory();
  story.begin();
  return story;
}

function statusOf(model: Model, counter: number) {
  const transaction = model.transactions.get(transactionId(counter));
  return transaction === undefined ? undefined : transactionStatus(model, transaction);
}

function lettersOf(model: Model, counter: number): string {
  const transaction = model.transactions.get(transactionId(counter));
  if (transaction === undefined) return "";
  return [WAREHOUSE, LEDGER].map((name) => voteLetter(model, transaction, name)).join("");
}

describe("the views of all nodes become one row a transaction", () => {
  test.each([
    ["preparing", "preparing", "??"],
    ["silent", "preparing", "Y?"],
    ["committing", "committing", "AY"],
    ["committed", "committed", "AA"],
    ["refused", "aborted", "N-"],
  ] as const)("an order told as %s is %s with votes %s", (ending, status, letters) => {
    const story = begun();
    tellOrder(story, 1, ending);
    const model = modelOf(story);
    expect(model.transactions.size).toBe(1);
    expect(statusOf(model, 1)).toBe(status);
    expect(lettersOf(model, 1)).toBe(letters);
  });

  test("a participant that goes away while its vote is out is shown as not reachable", () => {
    const story = begun();
    tellOrder(story, 1, "silent");
    tellLedgerDown(story);
    const model = modelOf(story);
    expect(lettersOf(model, 1)).toBe("YX");
    expect(isAway(model, LEDGER)).toBe(true);
  });

  test("a coordinator that goes away leaves what is prepared in doubt", () => {
    const story = begun();
    tellOrder(story, 1, "silent");
    story.push({ type: "disconnected", node: COORDINATOR, why: "connection closed" });
    const model = modelOf(story);
    expect(statusOf(model, 1)).toBe("in-doubt");
    expect(lettersOf(model, 1)).toBe("P?");
  });

  test("a coordinator that comes back without the transaction will presume abort", () => {
    const story = begun();
    tellOrder(story, 1, "silent");
    story.push({ type: "disconnected", node: COORDINATOR, why: "connection closed" });
    story.snapshot(COORDINATOR);
    const model = modelOf(story);
    expect(model.transactions.get(transactionId(1))?.forgottenByRestart).toBe(true);
    expect(statusOf(model, 1)).toBe("in-doubt");
  });
});

describe("what was not told", () => {
  test("a coordinator's word may come after its participants': until then they are not in doubt", () => {
    const story = begun();
    const id = transactionId(1);
    tellParticipant(story, WAREHOUSE, id, {});
    expect(statusOf(modelOf(story), 1)).toBe("preparing");
    story.pass(4_000);
    story.tell(LEDGER, null, { type: "note", text: "time has passed" });
    expect(statusOf(modelOf(story), 1)).toBe("in-doubt");
  });

  test("what a node does not mention any more after a gap in the same run has ended", () => {
    const story = begun();
    tellOrder(story, 1, "committing");
    tellOrder(story, 2, "silent");
    expect(unfinishedTransactions(modelOf(story))).toHaveLength(2);
    for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) story.snapshot(name, { epoch: 4 });
    const model = modelOf(story);
    expect([statusOf(model, 1), statusOf(model, 2)]).toEqual(["committed", "unknown"]);
    expect(model.transactions.get(transactionId(2))?.forgottenByRestart).toBe(false);
  });

  test("a second snapshot of one connection stands for what was missed before it, and that is a line", () => {
    const story = begun();
    tellOrder(story, 1, "committing");
    story.snapshot(LEDGER, { epoch: 4 });
    const model = modelOf(story);
    expect(model.log.at(-1)).toMatchObject({ type: "life", node: LEDGER, change: "missed" });
    expect(model.untold).toEqual({ events: story.nowMs(), transactions: story.nowMs() });
  });

  test("what happened while a node was not heard is not all known, which the lost connection says", () => {
    const story = begun();
    story.push({ type: "disconnected", node: LEDGER, why: "cut" });
    story.push({ type: "connected", node: LEDGER });
    story.snapshot(LEDGER, { epoch: 4 });
    const model = modelOf(story);
    const lives = model.log.flatMap((entry) => (entry.type === "life" ? [entry.change] : []));
    expect(lives).toEqual(["lost", "back"]);
    expect(model.untold).toEqual({ events: story.nowMs(), transactions: null });
  });
});

describe("the streams of events", () => {
  test("an event that was already taken in is not counted twice", () => {
    const story = begun();
    const event: NodeEvent = {
      node: WAREHOUSE,
      epoch: 4,
      number: 1,
      atMs: story.nowMs(),
      transactionId: null,
      body: { type: "note", text: "hello" },
    };
    story.push({ type: "events", events: [event, event] });
    const model = modelOf(story);
    expect(model.eventsTotal).toBe(1);
    expect(model.log).toHaveLength(1);
  });

  test("an event of an earlier run is ignored, one of the new run is taken in", () => {
    const story = begun();
    tellLedgerBack(story);
    const late: NodeEvent = {
      node: LEDGER,
      epoch: 4,
      number: 99,
      atMs: story.nowMs(),
      transactionId: null,
      body: { type: "note", text: "of the dead" },
    };
    story.push({ type: "events", events: [late] });
    story.tell(LEDGER, null, { type: "note", text: "of the living" });
    const texts = modelOf(story).log.flatMap((entry) => (entry.type === "event" ? [entry.event.body] : []));
    expect(texts).toEqual([{ type: "note", text: "of the living" }]);
  });

  test("the log keeps the newest events only, and goes on counting", () => {
    const story = begun();
    for (let index = 0; index < EVENTS_MAX + 10; index += 1) {
      story.tell(WAREHOUSE, null, { type: "note", text: String(index) });
    }
    const model = modelOf(story);
    expect(model.log).toHaveLength(EVENTS_MAX);
    expect(model.eventsTotal).toBe(EVENTS_MAX + 10);
    expect(model.log.at(-1)).toMatchObject({ event: { body: { text: String(EVENTS_MAX + 9) } } });
  });

  test("a slice that an update does not touch stays the same object", () => {
    const before = modelOf(begun());
    const after = reduce(before, { type: "note", atMs: 1, text: "only a note" });
    expect(after.nodes).toBe(before.nodes);
    expect(after.transactions).toBe(before.transactions);
    expect(after.items).toBe(before.items);
    expect(after.log).not.toBe(before.log);
    expect(before.log).toHaveLength(0);
  });
});

describe("the nodes", () => {
  test("a node that has not said yet how it stands is starting", () => {
    const connected = reduce(emptyModel(), { type: "connected", node: LEDGER });
    expect([...connected.nodes.values()].map(nodeStatus)).toEqual(["starting"]);
    expect([...modelOf(begun()).nodes.values()].map(nodeStatus)).toEqual(["up", "up", "up"]);
  });

  test("a process that is gone is down until a snapshot comes of the next run", () => {
    const story = begun();
    tellLedgerDown(story);
    const down = modelOf(story).nodes.get(LEDGER);
    expect(down && nodeStatus(down)).toBe("down");
    expect(down?.linkWhy).toBe("connection closed");
    tellLedgerBack(story);
    const back = modelOf(story).nodes.get(LEDGER);
    expect(back && nodeStatus(back)).toBe("up");
    expect(back?.view?.epoch).toBe(5);
  });

  test("a new process is starting, and away, until it is heard: no connection to it was lost", () => {
    const story = begun();
    tellLedgerDown(story);
    for (const state of ["starting", "up"] as const) {
      story.process(LEDGER, { state, pid: 4711 });
      story.push({ type: "disconnected", node: LEDGER, why: "connect ECONNREFUSED" });
      const model = modelOf(story);
      const node = model.nodes.get(LEDGER);
      expect(node && nodeStatus(node)).toBe("starting");
      expect(isAway(model, LEDGER)).toBe(true);
    }
    tellLedgerBack(story);
    story.push({ type: "disconnected", node: LEDGER, why: "closed" });
    const lost = modelOf(story).nodes.get(LEDGER);
    expect(lost && nodeStatus(lost)).toBe("unheard");
  });

  test("a participant that was never heard itself is one all the same", () => {
    const story = createStory();
    story.push({ type: "connected", node: WAREHOUSE });
    story.snapshot(WAREHOUSE);
    for (const node of [LEDGER, COORDINATOR]) story.push({ type: "disconnected", node, why: "refused" });
    expect(participantNodes(modelOf(story)).map(({ name }) => name)).toEqual([WAREHOUSE, LEDGER]);
  });

  test("repeated attempts to connect do not move the time since when a node is away", () => {
    let model = modelOf(begun());
    model = reduce(model, { type: "disconnected", node: LEDGER, why: "closed" }, 1_000);
    model = reduce(model, { type: "disconnected", node: LEDGER, why: "refused" }, 9_000);
    expect(model.nodes.get(LEDGER)).toMatchObject({ linkSinceMs: 1_000, linkWhy: "refused" });
  });
});
