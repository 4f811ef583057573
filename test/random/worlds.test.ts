import { expect, test } from "vitest";
import { createWorld } from "../../src/sim/world/world.ts";
import type { World } from "../../src/sim/world/world-commands.ts";
import { conformanceOf } from "../conform/stories.ts";
import { heal, NODES, noteOutcomes, REQUESTS, runSchedule, type Sent } from "./schedule.ts";

// Random schedules of production nodes: messages lost, doubled and reordered, nodes crashing with any part of what was not
// forced surviving, partitions, checkpoints, faults, requests of every kind sent twice and to other nodes. Then everything
// heals, and every transaction must end, with stock and books agreeing about exactly which requests committed.
// `SEEDS=5000` runs more; `SEED=17` repeats one and prints its trace.

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
      const sent = runSchedule(world, seed);
      heal(world);
      noteOutcomes(world, sent);
      committed += checkWorld(world, sent);
      expect(conformanceOf(world.updates()).violation).toBeNull();
    } catch (error) {
      if (only) console.error(world.takeLines().join("\n"));
      throw new Error(`seed ${seed}: repeat with SEED=${seed} npx vitest run test/random`, { cause: error });
    }
  }
  // Schedules that let nothing through would prove nothing.
  if (!only) expect(committed).toBeGreaterThan(seeds.length);
});

const SHIPPED_ALONE = (1 << 1) | (1 << 2);
const STORED = (1 << 0) | (1 << 4) | (1 << 7) | (1 << 8) | (1 << 9);
const SCARCE = (1 << 5) | (1 << 6);
const REFUSED = 1 << 4;

test("a wiped store breaks no agreement among the others", { timeout: 3_600_000 }, () => {
  for (const seed of seeds) {
    const world = createWorld();
    try {
      runSchedule(world, seed);
      const lost = NODES[seed % NODES.length] ?? "ledger";
      world.crash(lost, 0);
      world.wipe(lost);
      heal(world);
      checkOthers(world, lost);
      expect(conformanceOf(world.updates()).violation).toBeNull();
    } catch (error) {
      if (only) console.error(world.takeLines().join("\n"));
      throw new Error(`seed ${seed}: repeat with SEED=${seed} npx vitest run test/random`, { cause: error });
    }
  }
});

/** Returns how many requests committed. */
function checkWorld(world: World, { told, first, sends, crashes }: Sent): number {
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

/** Whatever differs is in doubt somewhere, or a commit that the wiped store refuses: shown, and left to an operator. */
function checkOthers(world: World, lost: string): void {
  const moved = { warehouse: 2_400 - onHand(world, "warehouse"), depot: onHand(world, "depot") - 2_400 };
  const parts = [
    { name: "warehouse", bits: moved.warehouse & STORED },
    { name: "depot", bits: moved.depot },
    { name: "ledger", bits: cashOf(world).paid & STORED },
  ].filter(({ name }) => name !== lost);
  let unsettled = 0;
  for (const name of NODES) {
    const view = world.view(name);
    expect(view?.violations, name).toEqual([]);
    if (name !== lost) unsettled += (view?.unfinished ?? 0) + (view?.inDoubt ?? 0);
  }
  for (const { name, bits } of parts) {
    const differing = countBits(bits ^ (parts[0]?.bits ?? 0));
    expect(differing, `${name} differs from ${parts[0]?.name} by what is unsettled`).toBeLessThanOrEqual(
      unsettled,
    );
  }
}

function stockOf(world: World, node: string, sku: string): number {
  const item = itemOf(world, node, sku);
  expect(item?.reserved, `${sku} in ${node}`).toBe("0");
  return Number(item?.onHand);
}

function onHand(world: World, node: string): number {
  return Number(itemOf(world, node, "PENCIL-01")?.onHand);
}

function itemOf(world: World, node: string, sku: string) {
  const rows = world.rows(node);
  return rows?.kind === "warehouse" ? rows.items.find((each) => each.sku === sku) : undefined;
}

function paidOf(world: World): number {
  const { paid, pending } = cashOf(world);
  expect(pending).toEqual(["0", "0"]);
  return paid;
}

function cashOf(world: World) {
  const books = world.rows("ledger");
  const cash = books?.kind === "ledger" ? books.accounts.find(({ id }) => id === "cash") : undefined;
  return { paid: Number(cash?.creditsPosted), pending: [cash?.debitsPending, cash?.creditsPending] };
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}
