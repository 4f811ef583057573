import { describe, expect, test } from "vitest";
import { isInSample } from "../../src/core/sample.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import type { Tally } from "../../src/schema/tally.ts";
import { coordinated, createTestLink, openWatchers, type TestLink, transactionId } from "./fixtures.ts";

// Goal: a watcher that takes a share is told some transactions whole and the others only in figures, which are exact; it is
// told of everything that is out of the ordinary; and it always knows which of the two is so.

const note = { type: "note", text: "so" } as const;
const ids = Array.from({ length: 400 }, (_, index) => transactionId(index + 1));
const sampled = (oneIn: number) => ids.filter((id) => isInSample(id, oneIn));
const leftOut = (oneIn: number) => ids.filter((id) => !isInSample(id, oneIn));

function tallies(link: TestLink): Tally[] {
  return link.sent.flatMap((message) => (message.type === "tally" ? [message.tally] : []));
}

function told(link: TestLink): (TransactionId | null)[] {
  return link.sent.flatMap((message) =>
    message.type === "events" ? message.events.map((event) => event.transactionId) : [],
  );
}

function counterOf(id: TransactionId): number {
  return Number(id.slice(id.lastIndexOf(".") + 1));
}

/** A node that a watcher of one in `oneIn` has subscribed to. */
function sampledNode(oneIn: number) {
  const node = openWatchers();
  const link = createTestLink();
  node.watchers.subscribe(link, oneIn);
  const tell = (id: TransactionId | null) => {
    if (node.watchers.tells(id)) node.watchers.emit(id, note);
  };
  const turn = (id: TransactionId, phase: "preparing" | "forgotten") => {
    node.history.change({ type: "coordinator-changed", state: coordinated(counterOf(id), phase) });
    node.endTurn();
  };
  return { ...node, link, tell, turn };
}

describe("a share", () => {
  test("is the same transactions at every node, and what concerns none of them", () => {
    for (const { watchers, link, tell } of [sampledNode(8), sampledNode(8)]) {
      for (const id of ids) tell(id);
      tell(null);
      watchers.flush();
      expect(told(link)).toEqual([...sampled(8), null]);
    }
  });

  test("comes without gaps that the node does not name, beside one who is told everything", () => {
    const { watchers, link, tell } = sampledNode(8);
    const whole = createTestLink();
    watchers.subscribe(whole);
    for (const id of ids.slice(0, 200)) tell(id);
    watchers.flush();
    for (const id of ids.slice(200)) tell(id);
    watchers.flush();
    expect(told(whole)).toEqual(ids);
    expect(told(link)).toEqual(sampled(8));
    let last = 0;
    for (const message of link.sent) {
      if (message.type !== "events") continue;
      expect(message.after).toBe(last);
      last = message.events.at(-1)?.number ?? last;
    }
    expect(last).toBeGreaterThan(0);
  });

  test("can be changed, and only by one who takes shares", () => {
    const { watchers, link, tell } = sampledNode(8);
    const whole = createTestLink();
    watchers.subscribe(whole);
    watchers.sample(whole, 64);
    watchers.sample(link, 1);
    for (const id of ids) tell(id);
    watchers.flush();
    expect([told(whole).length, told(link).length]).toEqual([ids.length, ids.length]);
    expect(tallies(link).at(-1)?.oneIn).toBe(1);
    expect(tallies(whole)).toEqual([]);
  });

  test("becomes smaller by itself where more comes at once than anybody takes in", () => {
    const { watchers, link, clock, tell } = sampledNode(1);
    for (let count = 0; count < 1_001; count += 1) tell(null);
    watchers.flush();
    expect(tallies(link).at(-1)?.oneIn).toBe(4);
    clock.advance(100);
    for (let count = 0; count < 250; count += 1) tell(null);
    watchers.flush();
    clock.advance(250);
    expect(tallies(link).at(-1)?.oneIn).toBe(4);
    for (let count = 0; count < 251; count += 1) tell(null);
    watchers.flush();
    clock.advance(250);
    expect(tallies(link).at(-1)?.oneIn).toBe(16);
  });

  test("and not by what it was told before somebody asked for less", () => {
    const { watchers, link, clock, tell } = sampledNode(1);
    for (let count = 0; count < 900; count += 1) tell(null);
    watchers.flush();
    watchers.sample(link, 64);
    tell(null);
    watchers.flush();
    clock.advance(250);
    expect(tallies(link).at(-1)?.oneIn).toBe(64);
  });

  test("and not by what it goes on to tell of before it became smaller", () => {
    const { watchers, link, clock, tell, turn } = sampledNode(1);
    for (const each of ids) turn(each, "preparing");
    for (let count = 0; count < 1_001 - ids.length; count += 1) tell(null);
    watchers.flush();
    expect(tallies(link).at(-1)?.oneIn).toBe(4);
    for (const each of leftOut(4)) turn(each, "forgotten");
    clock.advance(250);
    expect(tallies(link).at(-1)?.oneIn).toBe(4);
    expect(told(link).filter((each) => each !== null)).toHaveLength(ids.length + leftOut(4).length);
  });
});

describe("what is told although it is not in the share", () => {
  const [id = transactionId(0)] = leftOut(8);

  test("a transaction that is not finished after a second, as it stands and from there on", () => {
    const { watchers, link, clock, tell, turn } = sampledNode(8);
    turn(id, "preparing");
    tell(id);
    watchers.flush();
    clock.advance(250);
    expect(told(link)).toEqual([]);
    for (let passed = 0; passed < 4; passed += 1) clock.advance(250);
    expect(told(link)).toEqual([id]);
    tell(id);
    turn(id, "forgotten");
    expect(told(link)).toEqual([id, id, id]);
  });

  test("the end of what a snapshot, or a larger share, has shown the beginning of", () => {
    const { watchers, link, turn } = sampledNode(1);
    turn(id, "preparing");
    watchers.sample(link, 64);
    turn(id, "forgotten");
    expect(told(link)).toEqual([id, id]);

    const late = createTestLink();
    const [other = transactionId(0)] = leftOut(64).filter((each) => each !== id);
    turn(other, "preparing");
    watchers.subscribe(late, 64);
    turn(other, "forgotten");
    expect(told(late)).toEqual([other]);
  });

  test("what a node attends to: an alarm, a held message, an operator's word", () => {
    const { watchers, link, tell } = sampledNode(8);
    tell(id);
    watchers.attend(id);
    tell(id);
    watchers.flush();
    expect(told(link)).toEqual([id]);
  });

  test("of those that abort, sixteen times the share", () => {
    const { link, history, endTurn } = sampledNode(64);
    for (const each of ids) {
      const state = { ...coordinated(counterOf(each), "forgotten"), outcome: "aborted", reason: null };
      history.change({ type: "coordinator-changed", state: state as ReturnType<typeof coordinated> });
      endTurn();
    }
    expect(told(link)).toEqual(sampled(4));
  });

  test("and also beside one who is told everything", () => {
    const { watchers, link, clock, turn, history, endTurn } = sampledNode(64);
    watchers.subscribe(createTestLink());
    const [late = transactionId(0)] = leftOut(64);
    const [aborted = transactionId(0)] = leftOut(64).filter((each) => isInSample(each, 4));
    turn(late, "preparing");
    const state = { ...coordinated(counterOf(aborted), "forgotten"), outcome: "aborted", reason: null };
    history.change({ type: "coordinator-changed", state: state as ReturnType<typeof coordinated> });
    endTurn();
    for (let passed = 0; passed < 5; passed += 1) clock.advance(250);
    expect(told(link)).toEqual([aborted, late]);
  });

  test("and no longer than it is out of the ordinary", () => {
    const { watchers, clock, turn, link } = sampledNode(8);
    watchers.attend(id);
    turn(id, "preparing");
    turn(id, "forgotten");
    expect(watchers.tells(id)).toBe(true);
    clock.advance(1_250);
    turn(transactionId(999), "preparing");
    expect(watchers.tells(id)).toBe(false);
    expect(told(link).filter((each) => each === id)).toHaveLength(2);
  });
});

describe("tallies", () => {
  test("count what is told and what is left out, exactly, four times a second at most", () => {
    const { watchers, link, clock, tell, turn } = sampledNode(64);
    for (const id of ids) {
      turn(id, "preparing");
      tell(id);
      clock.advance(10);
      turn(id, "forgotten");
    }
    clock.advance(250);
    expect(tallies(link).at(-1)).toMatchObject({
      begun: ids.length,
      committed: ids.length,
      aborted: 0,
      tookMs: 10 * ids.length,
      unfinished: 0,
      events: ids.length,
      oneIn: 64,
    });
    expect(tallies(link).length).toBeLessThanOrEqual((ids.length * 10) / 250 + 3);
    expect(watchers.isWatched()).toBe(true);
  });

  test("nothing happens, nothing is told, and no timer runs", () => {
    const { watchers, link, clock } = sampledNode(1);
    for (let turns = 0; turns < 5; turns += 1) {
      watchers.flush();
      clock.advance(250);
    }
    expect(tallies(link)).toHaveLength(1);
    expect(clock.scheduled()).toEqual([]);
  });

  test("bring the rows that have changed, and many of them less often", () => {
    const { watchers, link, clock, kept } = sampledNode(8);
    const item = { sku: "A", name: "A", onHand: "1", reserved: "0", available: "1" };
    const change = (count: number) => {
      kept.rows = { kind: "warehouse", items: Array.from({ length: count }, () => item) };
      watchers.flush();
    };
    const rows = () =>
      tallies(link).flatMap(({ rows: each }) => (each?.kind === "warehouse" ? [each.items.length] : []));
    change(300);
    expect(rows()).toEqual([300]);
    change(1);
    clock.advance(250);
    clock.advance(250);
    expect(rows()).toEqual([300]);
    clock.advance(250);
    expect(rows()).toEqual([300, 1]);
  });

  test("begin anew with the snapshot that follows on a lag", () => {
    const { watchers, link, clock, tell } = sampledNode(8);
    link.unreadBytes = 2_000_000;
    tell(null);
    watchers.flush();
    expect(watchers.isTallied()).toBe(false);
    link.unreadBytes = 0;
    clock.advance(250);
    expect(link.sent.map(({ type }) => type)).toEqual(["snapshot", "tally", "snapshot", "tally"]);
    expect(watchers.isTallied()).toBe(true);
  });
});
