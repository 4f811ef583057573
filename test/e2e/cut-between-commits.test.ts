import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCluster, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { GOODS } from "./partition-load.ts";

// The partition that two-phase commit fears most, with real processes: one participant has the decision, and the other has
// given its word and hears nothing.

let nodes: TestCluster;
beforeEach(async () => {
  nodes = await makeCluster();
  await nodes.start("coordinator");
  await Promise.all([nodes.start("warehouse"), nodes.start("ledger")]);
});
afterEach(() => nodes.remove());

test("a cut between two commits leaves one participant in doubt, which hears of it from the other", {
  timeout: 40_000,
}, async () => {
  await nodes.arm("ledger", "delay-message", 1);
  const order = nodes.order(GOODS);
  const id = await nodes.inDoubt("ledger");
  await nodes.cut("coordinator", "ledger", "out");
  await nodes.cut("ledger", "warehouse", "both");
  expect((await order).outcome, "its vote came in, and one commit went out").toBe("committed");
  expect(await nodes.inDoubt("ledger"), "the other is lost").toBe(id);
  await nodes.cut("ledger", "warehouse", null);
  const isSettled = async () => ((await nodes.view("ledger")).inDoubt === 0 ? true : null);
  await until("the ledger to ask the warehouse", isSettled);
  await nodes.cut("coordinator", "ledger", null);
  expect(await nodes.faults(true)).toEqual([]);
});
