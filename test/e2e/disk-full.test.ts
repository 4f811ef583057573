import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCluster } from "../crash-matrix/cluster.ts";
import { type Home, makeHome } from "./program.ts";

// A node whose disk has less left than its reserve starts, says so, and refuses new work with a reason to try again.

const RESERVE_BYTES = "900000000000000"; // More than any disk has free.
const ORDER = JSON.stringify({
  operations: [
    { participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 2 },
    { participant: "ledger", op: "transfer", debit: "customer-ada", credit: "revenue", amount: "7200" },
  ],
});

let home: Home;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => home.remove());

test("a coordinator without room refuses an order and shows an alarm", async () => {
  const { url } = await home.node([
    "coordinator",
    "--listen",
    "127.0.0.1:0",
    "--space-reserve-bytes",
    RESERVE_BYTES,
  ]);
  const submitted = await home.run(["submit", "-", "--to", url], { input: ORDER });
  expect(JSON.parse(submitted.stdout)).toMatchObject({
    outcome: "aborted",
    transactionId: null,
    reason: { participant: "coordinator", code: "disk-full", retryable: true },
  });
  const status = await home.run(["status", "--to", url]);
  expect(status.stdout).toMatch(/coordinator: alarm: the disk of coordinator is nearly full \(.* free, /);
});

test("a run on it fails at once and says whose disk is nearly full", async () => {
  const nodes = await makeCluster();
  try {
    await nodes.start("coordinator");
    await nodes.start("warehouse");
    await nodes.start("ledger", ["--space-reserve-bytes", RESERVE_BYTES]);
    const token = join(nodes.dir("coordinator"), "..", "token");
    const beganMs = performance.now();
    const attach = ["--attach", nodes.url("coordinator"), "--token-file", token];
    const { status, stdout } = await home.run(["run", "order", ...attach]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/room on its disk.*the disk of ledger is nearly full \(/);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
  } finally {
    await nodes.remove();
  }
});
