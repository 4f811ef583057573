import { afterEach, beforeEach, expect, it } from "vitest";
import { LOCAL_CAST, type LocalCluster, openLocalCluster } from "../../src/cli/local-cluster.ts";
import { watchLocal } from "../../src/cli/local-watcher.ts";
import { addressesOf } from "../../src/cli/node-addresses.ts";
import { type ClusterOperator, createOperator } from "../../src/client/operator.ts";
import type { ClusterWatcher } from "../../src/client/watcher.ts";
import { emptyModel, type Model } from "../../src/observe/model.ts";
import { reduce } from "../../src/observe/reducer.ts";
import { transactionStatus } from "../../src/observe/transaction.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { HeldMessage } from "../../src/schema/injection.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import { isRunning } from "./program.ts";

// Goal: the protocol of real processes goes on a message at a time, stops where somebody stops it, and goes on by itself
// when nobody holds it any more.

const { coordinator, warehouse, ledger } = LOCAL_CAST;
const NODES = [coordinator, warehouse, ledger];

let local: LocalCluster;
let watcher: ClusterWatcher;
let operator: ClusterOperator;
let model: Model;

beforeEach(async () => {
  const claim = await openLocalCluster(null);
  if (claim.held) throw new Error("a new directory is held");
  local = claim.local;
  model = emptyModel();
  watcher = watchLocal(local.cluster, local.token);
  watcher.subscribe((update) => {
    model = reduce(model, update, Date.now());
  });
  await local.cluster.ready();
  operator = newOperator();
  await expect.poll(() => [...model.nodes.values()].filter(({ view }) => view !== null)).toHaveLength(3);
});
afterEach(async () => {
  operator.close();
  watcher.close();
  await local.close();
});

function newOperator(): ClusterOperator {
  return createOperator({ urls: addressesOf(local.cluster), coordinator, token: local.token });
}

function order(requestId: string, timeoutMs = 60_000): Promise<OutcomeMessage> {
  const ship = { participant: warehouse, op: "ship", sku: "LAMP-01", quantity: 1 } as const;
  const pay = { debit: "customer-ada", credit: "revenue", amount: "4900" };
  const transfer = { participant: ledger, op: "transfer", ...pay } as const;
  return operator.submit({ requestId, operations: [ship, transfer], timeoutMs, isNew: true });
}

function held(): readonly (readonly [NodeName, HeldMessage])[] {
  return [...model.nodes.values()].flatMap((node) => node.held.map((each) => [node.name, each] as const));
}

function heldWords(): readonly string[] {
  return held()
    .map(([from, { to, message }]) => `${from} > ${to} ${message}`)
    .sort();
}

async function holdAll(hold: boolean): Promise<void> {
  await Promise.all(NODES.map((name) => operator.hold(name, hold)));
}

/** Lets everything go that waits, and waits for what is wanted to wait next. */
async function letGo(next: readonly string[]): Promise<void> {
  for (const [from, { id }] of held()) await operator.releaseHeld(from, [id], false);
  await expect.poll(heldWords, { timeout: 5_000 }).toEqual([...next].sort());
}

const PREPARES = ["coordinator > ledger prepare", "coordinator > warehouse prepare"];
const VOTES = ["ledger > coordinator vote", "warehouse > coordinator vote"];

it("goes on phase by phase, and nobody is late meanwhile", async () => {
  await holdAll(true);
  const outcome = order("stepped");
  await letGo(PREPARES);
  await letGo(VOTES);
  // Longer than a vote may take.
  const heldSinceMs = held()[0]?.[1].atMs ?? 0;
  await expect.poll(() => Date.now() - heldSinceMs, { timeout: 9_000, interval: 200 }).toBeGreaterThan(6_000);
  expect(heldWords()).toEqual(VOTES);
  await letGo(["coordinator > ledger commit", "coordinator > warehouse commit"]);
  expect(await outcome).toMatchObject({ outcome: "committed", attempts: 1 });
  await letGo(["ledger > coordinator ack", "warehouse > coordinator ack"]);
  await letGo([]);
}, 20_000);

it("stops between the votes and the decision: the coordinator dies, both are in doubt, its return settles it", async () => {
  await holdAll(true);
  const outcome = order("lesson");
  await letGo(PREPARES);
  await letGo(VOTES);
  await local.cluster.kill(coordinator);
  await expect
    .poll(() => [...model.transactions.values()].map((each) => transactionStatus(model, each)))
    .toEqual(["in-doubt"]);
  await local.cluster.restart(coordinator, true);
  await operator.hold(coordinator, true);
  await holdAll(false);
  await expect
    .poll(() => [...model.transactions.values()].map((each) => each.participants.get(ledger)?.phase), {
      timeout: 10_000,
    })
    .toContain("aborted");
  expect((await outcome).outcome).not.toBe("unknown");
}, 30_000);

it("loses what is dropped, and lets everything go when whoever held it is gone", async () => {
  await holdAll(true);
  const outcome = order("dropped");
  await expect.poll(heldWords).toEqual(PREPARES);
  const [first] = held();
  if (first === undefined) throw new Error("nothing is held");
  await operator.releaseHeld(first[0], [first[1].id], true);
  await expect.poll(heldWords).toHaveLength(1);
  expect(
    model.log.some((entry) => entry.type === "event" && entry.event.body.type === "message-dropped"),
  ).toBe(true);
  const gone = operator;
  operator = newOperator();
  gone.close();
  await expect
    .poll(() => [heldWords(), model.nodes.get(coordinator)?.view?.injected?.isHolding])
    .toEqual([[], false]);
  await outcome;
}, 20_000);

it("pauses a process, shows since when, and leaves nothing behind when the cluster ends meanwhile", async () => {
  await local.cluster.pause(ledger);
  await expect.poll(() => model.nodes.get(ledger)?.process?.state).toBe("paused");
  expect(Date.now() - (model.nodes.get(ledger)?.process?.sinceMs ?? 0)).toBeLessThan(5_000);
  const waiting = order("paused");
  await local.cluster.resume(ledger);
  expect((await waiting).outcome).toBe("committed");
  await local.cluster.pause(warehouse);
  const pid = model.nodes.get(warehouse)?.process?.pid ?? 0;
  await local.close();
  expect(await isRunning(pid)).toBe(false);
}, 20_000);
