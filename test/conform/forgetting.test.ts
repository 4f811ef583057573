import { expect, test } from "vitest";
import { createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import type { NodeEvent } from "../../src/schema/events.ts";
import { simulateSeed } from "../../src/sim/cluster/simulate.ts";
import { play } from "../../src/sim/world/play.ts";
import { createWorld } from "../../src/sim/world/world.ts";
import { STORIES, updatesOf } from "./stories.ts";

// Goal: a run of any length is judged in bounded memory: what is over is forgotten, what is not is remembered, and what was
// forgotten is held against nobody.

const HONEST = STORIES.filter((story) => story !== "log-lost-before-commit.txt");

function judge(updates: readonly WatchUpdate[], transactionsMax?: number) {
  const monitor = createMonitor(transactionsMax === undefined ? {} : { transactionsMax });
  for (const update of updates) expect(hearUpdate(monitor, update)).toBeNull();
  return { ...monitor.result(), remembered: monitor.remembered() };
}

const ORDER = "warehouse:receive:LAMP-01:1 ledger:transfer:customer-ada:revenue:1";
const STORE = "depot:receive:LAMP-01:1";
const orders = (count: number, also = "") =>
  Array.from({ length: count }, (_, at) => `begin coordinator r${at} ${ORDER} ${also}\nrun`).join("\n\n");

test("of a long run only so much is remembered, and all of it is judged", () => {
  const world = createWorld();
  play(`nodes coordinator warehouse ledger\n\n${orders(300)}`, world);
  const whole = judge(world.updates());
  const bounded = judge(world.updates(), 20);
  expect(whole.remembered).toBeGreaterThan(1_200);
  expect(bounded.remembered).toBeLessThan(150);
  expect(bounded).toEqual({ ...whole, remembered: bounded.remembered });
  expect(bounded).toMatchObject({ violation: null, notJudged: {} });
});

test("who is in doubt is remembered however long that takes, and breaks the rules as before", () => {
  const world = createWorld();
  const setUp = "nodes coordinator warehouse ledger depot:warehouse\n\nhold commit";
  const begin = `begin coordinator held ${ORDER} ${STORE}\nrun\n\ndrop commit depot\nhold`;
  play(`${setUp}\n${begin}\n\n${orders(60, STORE)}`, world);
  const updates = world.updates();
  const events = updates.flatMap((each) => (each.type === "events" ? each.events : []));
  const ofDepot = events.filter(({ node }) => node === "depot");
  const seqs = ofDepot.flatMap(({ body }) => (body.type === "record-appended" ? [body.seq] : []));
  const aborted: NodeEvent = {
    ...must(ofDepot.at(-1)),
    number: must(ofDepot.at(-1)).number + 1,
    transactionId: must(ofDepot.find(({ body }) => body.type === "record-appended")).transactionId,
    body: { type: "record-appended", record: "aborted", seq: Math.max(...seqs) + 1, force: false },
  };
  const { violation, remembered } = judge([...updates, { type: "events", events: [aborted] }], 5);
  expect(violation?.rule).toBe("who has promised aborts only when told");
  expect(remembered).toBeLessThan(100);
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing was told");
  return value;
}

test("stories are allowed although all that is over is forgotten at once", () => {
  for (const story of HONEST) expect(judge(updatesOf(story), 0).violation?.found, story).toBeUndefined();
});

test("so are simulated clusters", { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const monitor = createMonitor({ transactionsMax: 1 });
    await simulateSeed(seed, {
      settle: () => new Promise((resolve) => void setImmediate(resolve)),
      onlooker: { update: (update) => expect(hearUpdate(monitor, update)).toBeNull(), say: () => {} },
    });
    expect(monitor.result().violation, `seed ${seed}`).toBeNull();
  }
});
