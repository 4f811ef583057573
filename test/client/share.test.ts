import { expect, test } from "vitest";
import { createShare } from "../../src/client/share.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Tally } from "../../src/schema/tally.ts";
import { createTestClock } from "../runtime/fixtures.ts";

// Goal: the share follows the load of all nodes together, small at once and large again when it is over.

const NODES = ["coordinator", "warehouse", "ledger"] as NodeName[];

function nodesUnderLoad() {
  const clock = createTestClock();
  const chosen: number[] = [];
  const share = createShare(clock, (oneIn) => void chosen.push(oneIn));
  const events = new Map<NodeName, number>();
  const tally = (node: NodeName, count: number, oneIn: number): Tally => {
    events.set(node, (events.get(node) ?? 0) + count);
    const sums = { begun: 0, committed: 0, aborted: 0, tookMs: 0, unfinished: 0, inDoubt: 0, forcedSeq: 0 };
    return { node, epoch: 1, atMs: clock.wallMs(), oneIn, events: events.get(node) ?? 0, ...sums };
  };
  for (const node of NODES) share.heard(tally(node, 0, 1));
  /** So many events a second of each node, for so long. */
  const load = (perSecond: number, milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 250) {
      clock.advance(250);
      if (perSecond > 0) for (const node of NODES) share.heard(tally(node, perSecond / 4, share.oneIn()));
    }
  };
  return { clock, chosen, share, tally, load };
}

test("what can be followed is told whole, and so is a burst that is over at once", () => {
  const { load, chosen } = nodesUnderLoad();
  load(600, 5_000);
  load(0, 2_000);
  load(2_400, 250);
  load(0, 5_000);
  expect(chosen).toEqual([]);
});

test("under load the share becomes so small that about a hundred events a second are left", () => {
  const { load, share } = nodesUnderLoad();
  load(30_000, 2_000);
  expect(share.oneIn()).toBe(1_024);
});

test("when the load falls the share grows again, to the whole, though nobody tallies any more", () => {
  const { load, share, chosen, clock } = nodesUnderLoad();
  load(30_000, 2_000);
  load(3_000, 4_000);
  expect(share.oneIn()).toBe(64);
  load(0, 4_000);
  expect(share.oneIn()).toBe(1);
  expect(chosen.slice(-2)).toEqual([64, 1]);
  expect(clock.scheduled()).toEqual([]);
});

test("a node that has helped itself in a burst is followed by the others", () => {
  const { share, tally, chosen, load } = nodesUnderLoad();
  const [first = "coordinator" as NodeName] = NODES;
  load(0, 2_000);
  share.heard(tally(first, 1_001, 16));
  expect(chosen).toEqual([16]);
});

test("a larger share is not taken back for what a node said before it heard of it", () => {
  const { share, tally, load } = nodesUnderLoad();
  const [first = "coordinator" as NodeName] = NODES;
  load(30_000, 2_000);
  for (let waits = 0; waits < 20 && share.oneIn() > 1; waits += 1) load(0, 250);
  share.heard(tally(first, 0, 256));
  expect(share.oneIn()).toBe(1);
});
