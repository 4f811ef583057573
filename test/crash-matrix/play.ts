import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Case } from "./cases.ts";
import { type Launch, makeCluster, NAMES, type TestCluster, until } from "./cluster.ts";
import { broken } from "./verdict.ts";

const DEATH_MS = 8_000;

/**
 * Plays one case on real processes. Returns what is broken when all is over, each with the promises that it breaks; empty when
 * all holds. `launch` is how each node is started, beside what the case asks for. Throws where the victim does not
 * die as it should.
 */
export async function runCase(
  one: Case,
  launch: Pick<Launch, "nodeArgs" | "env"> = {},
): Promise<readonly string[]> {
  const cluster = await makeCluster({}, launch);
  try {
    await play(cluster, one);
    const { outcome } = await cluster.order(goods(1));
    const faults = [
      ...(outcome === "committed" ? [] : broken("I3", [`an order after it is ${outcome}`])),
      ...(await cluster.faults(one.script !== "by-hand-mixed")),
    ];
    // What one crash left whole, and a second one inside the recovery from it did not.
    return one.then ? faults.map((fault) => `I10, ${fault}`) : faults;
  } finally {
    await cluster.remove();
  }
}

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
  mustBeKilled(await nodes.death(victim, DEATH_MS), victim, point);
  if (then) await dieInRecovery(nodes, victim, then);
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
  await dieInRecovery(nodes, victim, point);
  await nodes.start(victim);
}

async function dieInRecovery(nodes: TestCluster, victim: Case["victim"], point: string): Promise<void> {
  const ended = await nodes.tryStart(victim, ["--crash-at", point]);
  mustBeKilled(ended?.signal ?? null, victim, point);
}

function mustBeKilled(signal: string | null, victim: Case["victim"], point: string): void {
  if (signal !== "SIGKILL")
    throw new Error(
      `${victim} should be killed at ${point}, and ${signal === null ? "is not" : `ended by ${signal}`}`,
    );
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
