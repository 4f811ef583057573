import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Fault, OutcomeMessage } from "../../src/schema/session.ts";
import type { World } from "../../src/sim/world/world-commands.ts";
import { randomFrom } from "./random-from.ts";

export const NODES = ["coordinator", "warehouse", "depot", "ledger"] as const;
const KINDS = {
  coordinator: "coordinator",
  warehouse: "warehouse",
  depot: "warehouse",
  ledger: "ledger",
} as const;
export const REQUESTS = 10;
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
/** What was sent, and what its answers must be held against. */
export interface Told {
  readonly outcome: OutcomeMessage;
  /** How often the request had been sent by then, and how often any participant had crashed. */
  readonly sends: number;
  readonly crashes: number;
}

/** What the schedule sent and heard. */
export interface Sent {
  readonly sends: Map<string, number>;
  /** Whom each request was sent to first. */
  readonly first: Map<string, string>;
  readonly told: Told[];
  crashes: number;
}

/** Adds the nodes and does four hundred random things to them. What is under way at the end stays so. */
export function runSchedule(world: World, seed: number): Sent {
  const random = randomFrom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const one = <T>(items: readonly T[]): T => items[upTo(items.length)] as T;
  const losses = random() * 0.3;
  const doubles = random() * 0.3;
  const crashes = one([0, 0.002, 0.02]);
  const faults = one([0, 0, 0.01]);
  const kept: Sent = { sends: new Map(), first: new Map(), told: [], crashes: 0 };
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
  return kept;
}

/** Keeps what clients were told since the last call beside what had happened by then. */
export function noteOutcomes(world: World, { told, sends, crashes }: Sent): void {
  for (const outcome of world.outcomes().slice(told.length))
    told.push({ outcome, sends: sends.get(outcome.requestId) ?? 0, crashes });
}

/** No node is down, no link cut, and time goes on for two minutes. */
export function heal(world: World): void {
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

export const PAIRS = NODES.flatMap((one, at) => NODES.slice(at + 1).map((other) => [one, other] as const));
