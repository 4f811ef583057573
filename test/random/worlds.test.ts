import { expect, test } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Fault, OutcomeMessage } from "../../src/schema/session.ts";
import { createWorld, type World } from "../golden/world.ts";
import { randomFrom } from "./random-from.ts";

// Random schedules of production nodes: messages lost, doubled and reordered, nodes crashing with any part of what was not
// forced surviving, partitions, checkpoints, faults, requests of every kind sent twice and to other nodes. Then everything
// heals, and every transaction must end, with stock and books agreeing about exactly which requests committed.
// `SEEDS=5000` runs more; `SEED=17` repeats one and prints its trace.

const NODES = ["coordinator", "warehouse", "depot", "ledger"] as const;
const KINDS = {
  coordinator: "coordinator",
  warehouse: "warehouse",
  depot: "warehouse",
  ledger: "ledger",
} as const;
const REQUESTS = 10;
const STEPS = 400;
const FAULTS: readonly Fault[] = [
  "vote-no",
  "vote-no-transient",
  "crash-before-prepare",
  "crash-after-prepare",
  "crash-before-vote",
  "crash-after-vote",
  "crash-before-decision",
  "crash-after-decision",
  "crash-before-ack",
  "perform-fails",
  "finish-fails",
];
const only = process.env.SEED;
const first = Number(process.env.FIRST ?? 1);
const seeds = only
  ? [Number(only)]
  : Array.from({ length: Number(process.env.SEEDS ?? 400) }, (_, index) => first + index);

test(`${seeds.length} random schedules keep every promise`, { timeout: 3_600_000 }, () => {
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

/** What was sent, and what its answers must be held against. */
interface Told {
  readonly outcome: OutcomeMessage;
  /** How often the request had been sent by then, and how often any participant had crashed. */
  readonly sends: number;
  readonly crashes: number;
}

interface Ledger {
  readonly sends: Map<string, number>;
  /** Whom each request was sent to first. */
  readonly first: Map<string, string>;
  readonly told: Told[];
  crashes: number;
}

/** Returns how many requests committed. */
function runSchedule(world: World, seed: number): number {
  const random = randomFrom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const one = <T>(items: readonly T[]): T => items[upTo(items.length)] as T;
  const losses = random() * 0.3;
  const doubles = random() * 0.3;
  const crashes = one([0, 0.002, 0.02]);
  const faults = one([0, 0, 0.01]);
  const kept: Ledger = { sends: new Map(), first: new Map(), told: [], crashes: 0 };
  for (const name of NODES) world.addNode(name, KINDS[name]);

  const begin = (index: number, node: string) => {
    const requestId = `r${index}`;
    const sends = kept.sends.get(requestId) ?? 0;
    kept.sends.set(requestId, sends + 1);
    if (sends === 0) kept.first.set(requestId, node);
    const timeoutMs = one([300, 2_000, 20_000]);
    world.begin(node, { requestId, operations: orderOf(index), timeoutMs, isAgain: sends > 0 });
  };
  const crash = (node: string, records: number) => {
    world.crash(node, records);
    kept.crashes += 1;
  };
  for (let step = 0; step < STEPS; step += 1) {
    const dice = random();
    if (dice < 0.05) begin(upTo(REQUESTS), one(NODES));
    else if (dice < 0.05 + crashes) crash(one(NODES), upTo(4));
    else if (dice < 0.12) world.restart(one(NODES));
    else if (dice < 0.125) world.partition(...one(PAIRS));
    else if (dice < 0.14) world.heal(...one(PAIRS));
    else if (dice < 0.145) world.checkpoint(one(NODES));
    else if (dice < 0.15) world.holdForce(one(NODES), true);
    else if (dice < 0.17) world.holdForce(one(NODES), false);
    else if (dice < 0.17 + faults) {
      world.arm(one(NODES), one(FAULTS));
      kept.crashes += 1; // Some time or other.
    } else if (dice < 0.3) world.advance(upTo(400));
    else if (world.onTheWay() > 0) {
      const fate = random();
      const what = fate < losses ? "drop" : fate < losses + doubles ? "double" : "deliver";
      world.touch(upTo(Math.min(world.onTheWay(), 12)), what);
    }
    noteOutcomes(world, kept);
  }
  heal(world);
  noteOutcomes(world, kept);
  return checkWorld(world, kept);
}

function noteOutcomes(world: World, { told, sends, crashes }: Ledger): void {
  for (const outcome of world.outcomes().slice(told.length))
    told.push({ outcome, sends: sends.get(outcome.requestId) ?? 0, crashes });
}

function heal(world: World): void {
  for (const name of NODES) world.holdForce(name, false);
  for (const [one, other] of PAIRS) world.heal(one, other);
  // A fault that is still armed may end a node again.
  for (let round = 0; round < 12; round += 1) {
    for (const name of NODES) world.restart(name);
    world.deliver(Number.POSITIVE_INFINITY);
    world.advance(10_000);
    world.deliver(Number.POSITIVE_INFINITY);
  }
}

/**
 * Each request moves its own power of two, of goods and of money: the sums say which requests committed, and how often.
 * Two in ten have one participant, one reads beside its writing, one asks for more money than there is, and one for goods
 * that others may hold.
 */
function orderOf(index: number): Operation[] {
  const amount = String(2 ** index);
  const ship = { participant: "warehouse" as NodeName, op: "ship", sku: "PENCIL-01", quantity: amount };
  const pay = { participant: "ledger" as NodeName, op: "transfer", debit: "capital", credit: "cash", amount };
  const poor = { ...pay, debit: "customer-cleo", credit: "revenue", amount: "901" };
  const store = { participant: "depot" as NodeName, op: "receive", sku: "PENCIL-01", quantity: amount };
  const read = { participant: "depot" as NodeName, op: "read", sku: "PENCIL-01" };
  const scarce = { participant: "depot" as NodeName, op: "ship", sku: "CLOCK-01", quantity: "2" };
  switch (index) {
    case 1:
    case 2:
      return [ship];
    case 3:
      return [read, ship, pay];
    case 4:
      return [ship, poor, store];
    case 5:
    case 6:
      return [ship, pay, scarce];
    default:
      return [ship, pay, store];
  }
}

const SHIPPED_ALONE = (1 << 1) | (1 << 2);
const STORED = (1 << 0) | (1 << 4) | (1 << 7) | (1 << 8) | (1 << 9);
const SCARCE = (1 << 5) | (1 << 6);
const REFUSED = 1 << 4;

function checkWorld(world: World, { told, first, sends, crashes }: Ledger): number {
  for (const name of NODES) {
    const view = world.view(name);
    const { unfinished, inDoubt, alarms, violations } = view ?? {};
    expect({ name, unfinished, inDoubt, alarms, violations }).toEqual({
      name,
      unfinished: 0,
      inDoubt: 0,
      alarms: [],
      violations: [],
    });
  }
  const shipped = 2_400 - stockOf(world, "warehouse", "PENCIL-01");
  const stored = stockOf(world, "depot", "PENCIL-01") - 2_400;
  const clocks = 3 - stockOf(world, "depot", "CLOCK-01");
  expect(shipped).toBeLessThan(2 ** REQUESTS);
  expect(paidOf(world), "stock and books agree about which requests committed").toBe(
    shipped & ~SHIPPED_ALONE,
  );
  expect(stored, "both stores agree about it").toBe(shipped & STORED);
  expect(clocks, "what is scarce was sold as often").toBe(2 * countBits(shipped & SCARCE));
  expect(shipped & REFUSED, "nobody pays what they do not have").toBe(0);
  for (const { outcome, ...then } of told) {
    const index = Number(outcome.requestId.slice(1));
    const isCommitted = (shipped & (2 ** index)) !== 0;
    if (outcome.outcome === "committed")
      expect(isCommitted, `${outcome.requestId} was told to be committed`).toBe(true);
    // Who sends it again after that asks for another try, unless it was refused. And a crash of the participant that
    // refused it, before that is on its disk, makes it forget.
    const isSentAgain = sends.get(outcome.requestId) !== then.sends;
    const isForgotten = outcome.reason?.retryable === false && crashes !== then.crashes;
    // The first to be asked has the sender's word that nobody else is asked meanwhile, and here that was not kept.
    const isDeceived =
      then.sends > 1 && outcome.transactionId?.startsWith(`${first.get(outcome.requestId)}-`) === true;
    // Who only reads keeps no request: a fault that makes it refuse says nothing about what it answered before.
    const isReader = outcome.reason?.code === "injected-invalid" && index === 3;
    const isFinal = !isSentAgain && !isForgotten && !isDeceived && !isReader;
    if (outcome.outcome === "aborted" && isFinal)
      expect(isCommitted, `${outcome.requestId} was told to be aborted`).toBe(false);
  }
  return countBits(shipped);
}

function stockOf(world: World, node: string, sku: string): number {
  const rows = world.rows(node);
  const item = rows?.kind === "warehouse" ? rows.items.find((each) => each.sku === sku) : undefined;
  expect(item?.reserved, `${sku} in ${node}`).toBe("0");
  return Number(item?.onHand);
}

function paidOf(world: World): number {
  const books = world.rows("ledger");
  const cash = books?.kind === "ledger" ? books.accounts.find(({ id }) => id === "cash") : undefined;
  expect([cash?.debitsPending, cash?.creditsPending]).toEqual(["0", "0"]);
  return Number(cash?.creditsPosted);
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}

const PAIRS = NODES.flatMap((one, at) => NODES.slice(at + 1).map((other) => [one, other] as const));
