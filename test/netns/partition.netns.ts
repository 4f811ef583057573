import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCluster, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { startOrders } from "../e2e/partition-load.ts";

// The ledger runs in a network namespace of its own, behind a pair of virtual interfaces, and the kernel cuts it off. Needs
// root and `ip`; without them it fails.

const SPACE = `tpc-${process.pid}`;
const NEAR = { device: `tpcn${process.pid}`, host: "10.213.77.1" };
const FAR = { device: `tpcf${process.pid}`, host: "10.213.77.2" };
const within = ["ip", "netns", "exec", SPACE];

const ip = (...words: string[]) => void execFileSync("ip", words);

let nodes: TestCluster | null = null;
beforeEach(() => {
  ip("netns", "add", SPACE);
  ip("link", "add", NEAR.device, "type", "veth", "peer", "name", FAR.device, "netns", SPACE);
  ip("addr", "add", `${NEAR.host}/30`, "dev", NEAR.device);
  ip("link", "set", NEAR.device, "up");
  ip("-n", SPACE, "addr", "add", `${FAR.host}/30`, "dev", FAR.device);
  ip("-n", SPACE, "link", "set", FAR.device, "up");
});
afterEach(async () => {
  await nodes?.remove();
  ip("link", "del", NEAR.device);
  ip("netns", "del", SPACE);
});

/** What cuts the ledger off, and what heals that; a route or a neighbour that leads nowhere loses one direction only. */
const CUTS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["both ways", ["link", "set", NEAR.device, "down"], ["link", "set", NEAR.device, "up"]],
  [
    "towards the ledger",
    ["route", "add", "blackhole", `${FAR.host}/32`],
    ["route", "del", "blackhole", `${FAR.host}/32`],
  ],
  [
    "from the ledger",
    ["-n", SPACE, "route", "add", "blackhole", `${NEAR.host}/32`],
    ["-n", SPACE, "route", "del", "blackhole", `${NEAR.host}/32`],
  ],
];

test("the kernel cuts the ledger off, both ways and one way, for longer than a link lives", async () => {
  nodes = await makeCluster({
    coordinator: { host: NEAR.host, within: [] },
    warehouse: { host: NEAR.host, within: [] },
    ledger: { host: FAR.host, within },
  });
  await nodes.start("coordinator");
  await Promise.all([nodes.start("warehouse"), nodes.start("ledger")]);
  const orders = startOrders(nodes, 3);
  await until("orders committed", () => (orders.committed() > 3 ? true : null));
  for (const [what, cut, heal] of CUTS) {
    ip(...cut);
    await until(`orders to wait while cut ${what}`, () => (orders.idleMs() > 6_000 ? true : null));
    ip(...heal);
    const before = orders.committed();
    await until(`orders committed after a cut ${what}`, () =>
      orders.committed() > before + 3 ? true : null,
    );
  }
  await orders.stop();
  expect(await nodes.faults(true)).toEqual([]);
});
