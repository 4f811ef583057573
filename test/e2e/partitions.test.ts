import { afterEach, beforeEach, expect, test } from "vitest";
import type { CutDirection } from "../../src/schema/injection.ts";
import { makeCluster, type Name, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { type OrderLoad, startOrders } from "./partition-load.ts";

// Links between real processes are cut under a load of orders, both ways and one way; once healed, everything ends, and
// stock, money and the list of committed orders agree.

const HEALED_MS = 6_000;
/** Without an outcome for so long, an order waits for what was cut off. */
const STUCK_MS = 200;

let nodes: TestCluster;
beforeEach(async () => {
  nodes = await makeCluster();
  await nodes.start("coordinator");
  await Promise.all([nodes.start("warehouse"), nodes.start("ledger")]);
});
afterEach(() => nodes.remove());

const PAIRS: readonly (readonly [Name, Name])[] = [
  ["coordinator", "warehouse"],
  ["coordinator", "ledger"],
  ["warehouse", "ledger"],
];
const DIRECTIONS: readonly CutDirection[] = ["both", "out", "in"];

test("every link is cut in turn, both ways and one way, and healed", { timeout: 40_000 }, async () => {
  const orders = startOrders(nodes, 3);
  for (const [name, peer] of PAIRS) {
    for (const direction of DIRECTIONS) {
      await nodes.cut(name, peer, direction);
      await until(`an effect of ${name} cut from ${peer}, ${direction}`, effectOf(orders, name));
      await nodes.cut(name, peer, null);
      const before = orders.committed();
      await until(
        `orders committed after ${name} and ${peer} are healed, ${direction}`,
        () => (orders.committed() > before + 3 ? true : null),
        HEALED_MS,
      );
    }
  }
  await orders.stop();
  expect(await nodes.faults(true)).toEqual([]);
});

/** Orders wait where the coordinator is cut off; participants need each other only in doubt. */
function effectOf(orders: OrderLoad, name: Name): () => true | null {
  const before = orders.told();
  if (name === "coordinator") return () => (orders.idleMs() > STUCK_MS ? true : null);
  return () => (orders.told() > before + 3 ? true : null);
}
