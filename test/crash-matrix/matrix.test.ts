import { afterEach, describe, expect, test } from "vitest";
import { LOG_POINTS } from "../../src/log/points.ts";
import { LOOP_POINTS } from "../../src/runtime/crash-points.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import { type Case, COORDINATOR_LOG, FAST, PAIRS, SINGLES } from "./cases.ts";
import { makeCluster, NAMES, type TestCluster, until } from "./cluster.ts";

// Real processes are killed by SIGKILL at every named point, started again, and must end every transaction with stock, money
// and the list of committed orders in agreement. `npm run crash-matrix` runs all of it and prints the table.
const all = process.env.CRASH_MATRIX === "all";
const cases = all
  ? [...SINGLES, ...COORDINATOR_LOG, ...PAIRS]
  : SINGLES.filter(({ point }) => FAST.includes(point));
const DEATH_MS = 8_000;

let cluster: TestCluster | null = null;
afterEach(async () => {
  await cluster?.remove();
  cluster = null;
});

test("every point of the code is a case, once", () => {
  expect(SINGLES.map(({ point }) => point)).toEqual([...LOOP_POINTS, ...LOG_POINTS]);
  for (const { victim, point } of SINGLES) expect(NAMES, point).toContain(victim);
});

const named = cases.map((one) => ({ ...one, name: one.then ? `${one.point}, then ${one.then}` : one.point }));

describe.each(named)("$victim crashes at $name ($script)", (one) => {
  test("and everything ends as it must", { timeout: 90_000 }, async () => {
    const startedMs = performance.now();
    cluster = await makeCluster();
    await play(cluster, one);
    const order = await cluster.order(goods(1));
    expect(order.outcome, "an order after it").toBe("committed");
    expect(await cluster.faults(one.script !== "by-hand-mixed")).toEqual([]);
    if (all) {
      const then = one.then ? `, then ${one.then}` : "";
      console.info(
        `ok  ${one.victim.padEnd(11)} ${one.point}${then}  ${Math.round(performance.now() - startedMs)} ms`,
      );
    }
  });
});

/** Brings the victim to its point, sees it die there, and starts it again. */
async function play(nodes: TestCluster, { point, victim, script, then }: Case): Promise<void> {
  const doomed = ["--crash-at", `${point}:${countFor(point)}`];
  const sizes = ["--segment-bytes", "4096", "--checkpoint-bytes", "8192"];
  const extra = script === "many" ? [...doomed, ...sizes] : doomed;
  const diesLater = script === "restart" || script === "by-hand-mixed";
  for (const name of NAMES) await nodes.start(name, name === victim && !diesLater ? extra : []);
  if (script === "restart") return playRecovery(nodes, victim, point);
  if (script === "shutdown") {
    await nodes.order(goods(1));
    await nodes.signal(victim, "SIGTERM");
    return nodes.start(victim);
  }
  if (script === "by-hand-mixed") return playMixed(nodes, doomed);
  const done = stimulate(nodes, script);
  if (script === "by-hand") await decideByHand(nodes);
  expect(await nodes.death(victim, DEATH_MS), `how ${victim} ends at ${point}`).toBe("SIGKILL");
  if (then) expect((await nodes.tryStart(victim, ["--crash-at", then]))?.signal).toBe("SIGKILL");
  await nodes.start(victim);
  if (!nodes.isAlive("coordinator")) await nodes.start("coordinator");
  await done;
}

/** The log gets to its points when a node starts, too: those times are not the ones that are meant. */
function countFor(point: string): number {
  if (point === "log-written" || point === "log-forced") return 6;
  return /^(rotate|checkpoint)-/.test(point) ? 2 : 1;
}

/** Does what leads to the point. Resolves when every order has its outcome. */
async function stimulate(nodes: TestCluster, script: Case["script"]): Promise<void> {
  switch (script) {
    case "refused":
      await nodes.arm("ledger", "vote-no", 1);
      await nodes.order(goods(1));
      return;
    case "alone":
      await nodes.order(goods(1).slice(0, 1));
      return;
    case "alone-refused":
      await nodes.order([{ participant: "warehouse" as NodeName, op: "ship", sku: "GLOBE-01", quantity: 1 }]);
      return;
    case "alone-silent":
      await nodes.arm("warehouse", "drop-message", 4);
      await nodes.order(goods(1).slice(0, 1));
      return;
    case "perform-fails":
      await nodes.arm("ledger", "perform-fails", 1);
      await nodes.order(goods(1));
      return;
    case "orphaned":
    case "by-hand":
      await nodes.arm("coordinator", "crash-after-decision", 1);
      await nodes.order(goods(1));
      return;
    case "many":
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let count = 0; count < 12; count += 1) await nodes.order(goods(1));
        }),
      );
      return;
    default:
      await nodes.order(goods(1));
  }
}

/** Killed with a transaction in its log, the victim dies again while it recovers. */
async function playRecovery(nodes: TestCluster, victim: Case["victim"], point: string): Promise<void> {
  await nodes.order(goods(1));
  await nodes.signal(victim, "SIGKILL");
  expect((await nodes.tryStart(victim, ["--crash-at", point]))?.signal).toBe("SIGKILL");
  await nodes.start(victim);
}

/** An operator commits what the dead coordinator has left in doubt; then the coordinator is back, and agrees. */
async function decideByHand(nodes: TestCluster): Promise<void> {
  await nodes.death("coordinator", DEATH_MS);
  const id = await nodes.inDoubt("warehouse");
  await until("an operator's word taken", () =>
    nodes.resolve("warehouse", id, "commit").then(
      ({ accepted }) => (accepted ? true : null),
      () => (nodes.isAlive("warehouse") ? null : true),
    ),
  );
  await nodes.start("coordinator");
}

/** An operator aborts at the warehouse what was committed, and then releases it at the coordinator, which dies over that. */
async function playMixed(nodes: TestCluster, doomed: readonly string[]): Promise<void> {
  await nodes.arm("coordinator", "crash-after-decision", 1);
  const done = nodes.order(goods(1));
  await nodes.death("coordinator", DEATH_MS);
  const id = await nodes.inDoubt("warehouse");
  await until("the operator's abort", async () => {
    const { accepted } = await nodes.resolve("warehouse", id, "abort");
    return accepted ? true : null;
  });
  await nodes.start("coordinator", doomed);
  const release = () => nodes.resolve("coordinator", id, "forget").catch(() => null);
  await until("the release that kills", async () => {
    await release();
    return nodes.isAlive("coordinator") ? null : true;
  });
  await nodes.start("coordinator");
  await until("the release", async () => {
    const answer = await release();
    return answer?.accepted || answer?.text.includes("not known here") ? true : null;
  });
  await done;
}

function goods(quantity: number): Operation[] {
  return [
    { participant: "warehouse" as NodeName, op: "ship", sku: "PENCIL-01", quantity },
    {
      participant: "ledger" as NodeName,
      op: "transfer",
      debit: "customer-ada",
      credit: "revenue",
      amount: String(quantity),
    },
  ];
}
