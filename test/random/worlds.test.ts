import { expect, test } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import { createWorld, type World } from "../golden/world.ts";

// Random schedules of production nodes: messages lost, doubled and reordered, nodes crashing with any part of what was not
// forced surviving, partitions, checkpoints, requests sent twice and to other nodes. Then everything heals, and every
// transaction must end, with stock and books agreeing about exactly which requests committed.
// `SEEDS=5000` runs more; `SEED=17` repeats one and prints its trace.

const NODES = ["coordinator", "warehouse", "ledger"] as const;
const REQUESTS = 10;
const STEPS = 400;
const only = process.env.SEED;
const seeds = only
  ? [Number(only)]
  : Array.from({ length: Number(process.env.SEEDS ?? 400) }, (_, seed) => seed + 1);

test(`${seeds.length} random schedules keep every promise`, { timeout: 600_000 }, () => {
  let committed = 0;
  for (const seed of seeds) {
    const world = createWorld();
    try {
      committed += runSchedule(world, seed);
    } catch (error) {
      if (only) console.error(world.takeLines().join("\n"));
      throw new Error(`seed ${seed}: repeat with SEED=${seed} npx vitest run test/random`, { cause: error });
    }
  }
  // Schedules that let nothing through would prove nothing.
  if (!only) expect(committed).toBeGreaterThan(seeds.length);
});

/** Returns how many requests committed. */
function runSchedule(world: World, seed: number): number {
  const random = randomFrom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const one = <T>(items: readonly T[]): T => items[upTo(items.length)] as T;
  const losses = random() * 0.3;
  const doubles = random() * 0.3;
  const crashes = one([0, 0.002, 0.02]);
  const begun = new Map<number, number>();
  for (const name of NODES) world.addNode(name, name);

  const begin = (index: number, node: string) => {
    begun.set(index, (begun.get(index) ?? 0) + 1);
    world.begin(node, `r${index}`, orderOf(index), one([300, 2_000, 20_000]));
  };
  for (let step = 0; step < STEPS; step += 1) {
    const dice = random();
    if (dice < 0.05) begin(upTo(REQUESTS), one(NODES));
    else if (dice < 0.05 + crashes) world.crash(one(NODES), upTo(4));
    else if (dice < 0.12) world.restart(one(NODES));
    else if (dice < 0.125) world.partition(...pair(one));
    else if (dice < 0.14) world.heal(...pair(one));
    else if (dice < 0.145) world.checkpoint(one(NODES));
    else if (dice < 0.15) world.holdForce(one(NODES), true);
    else if (dice < 0.17) world.holdForce(one(NODES), false);
    else if (dice < 0.3) world.advance(upTo(400));
    else if (world.onTheWay() > 0) {
      const fate = random();
      const what = fate < losses ? "drop" : fate < losses + doubles ? "double" : "deliver";
      world.touch(upTo(Math.min(world.onTheWay(), 12)), what);
    }
  }
  heal(world);
  return checkWorld(world, begun);
}

function heal(world: World): void {
  for (const name of NODES) world.holdForce(name, false);
  for (const [one, other] of PAIRS) world.heal(one, other);
  for (const name of NODES) world.restart(name);
  world.deliver(Number.POSITIVE_INFINITY);
  world.advance(40_000);
  world.deliver(Number.POSITIVE_INFINITY);
}

/** Each request moves its own power of two, of goods and of money: the sums say which requests committed, and how often. */
function orderOf(index: number): Operation[] {
  const amount = String(2 ** index);
  return [
    { participant: "warehouse" as NodeName, op: "ship", sku: "PENCIL-01", quantity: amount },
    { participant: "ledger" as NodeName, op: "transfer", debit: "capital", credit: "cash", amount },
  ];
}

function checkWorld(world: World, begun: ReadonlyMap<number, number>): number {
  for (const name of NODES) {
    const view = world.view(name);
    expect({
      name,
      unfinished: view?.unfinished,
      inDoubt: view?.inDoubt,
      alarms: view?.alarms,
      violations: view?.violations,
    }).toEqual({
      name,
      unfinished: 0,
      inDoubt: 0,
      alarms: [],
      violations: [],
    });
  }
  const stock = world.rows("warehouse");
  const books = world.rows("ledger");
  const item = stock?.kind === "warehouse" ? stock.items.find(({ sku }) => sku === "PENCIL-01") : undefined;
  const cash = books?.kind === "ledger" ? books.accounts.find(({ id }) => id === "cash") : undefined;
  expect(item?.reserved).toBe("0");
  expect([cash?.debitsPending, cash?.creditsPending]).toEqual(["0", "0"]);
  const shipped = 2_400 - Number(item?.onHand);
  const paid = Number(cash?.creditsPosted);
  expect(paid, "stock and books agree about which requests committed").toBe(shipped);
  expect(shipped).toBeLessThan(2 ** REQUESTS);
  for (const { requestId, outcome } of world.outcomes()) {
    const index = Number(requestId.slice(1));
    const isCommitted = (shipped & (2 ** index)) !== 0;
    if (outcome === "committed") expect(isCommitted, `${requestId} was told to be committed`).toBe(true);
    // One that was sent again after it was given up may have committed then.
    if (outcome === "aborted" && begun.get(index) === 1) {
      expect(isCommitted, `${requestId} was told to be aborted`).toBe(false);
    }
  }
  return shipped.toString(2).replaceAll("0", "").length;
}

const PAIRS = [
  ["coordinator", "warehouse"],
  ["coordinator", "ledger"],
  ["warehouse", "ledger"],
] as const;

function pair(one: <T>(items: readonly T[]) => T): readonly [string, string] {
  return one(PAIRS);
}

/** A small seeded generator (mulberry32): the same schedule on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
