import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import { makeCluster, NAMES, type Name, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { GOODS, startOrders } from "../e2e/partition-load.ts";
import { makeHome } from "../e2e/program.ts";

// Nodes on real disks of 24 MiB, which is less than a log on a large disk keeps free. Needs root, to mount them; without it fails.

const DISK_BYTES = 24 * 2 ** 20;
const READ: readonly Operation[] = [
  { participant: "warehouse" as NodeName, op: "read", sku: "PENCIL-01" },
  { participant: "ledger" as NodeName, op: "read", account: "revenue" },
];

let nodes: TestCluster;
beforeEach(async () => {
  nodes = await makeCluster();
  for (const name of NAMES) {
    mkdirSync(nodes.dir(name), { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES},mode=0700`, "tpc-test", nodes.dir(name)]);
    await nodes.start(name);
  }
});
afterEach(async () => {
  for (const name of NAMES) await nodes.signal(name, "SIGKILL");
  for (const name of NAMES) execFileSync("umount", [nodes.dir(name)]);
  await nodes.remove();
});

const alarmsOf = async (name: Name) => (await nodes.view(name)).alarms;
const freeBytes = (name: Name): number => {
  const { bavail, bsize } = statfsSync(nodes.dir(name));
  return bavail * bsize;
};
/** Takes all but so many bytes of a node's disk. */
const fill = (name: Name, leaveBytes: number): string => {
  const path = join(nodes.dir(name), "ballast");
  try {
    writeFileSync(path, Buffer.alloc(Math.max(0, freeBytes(name) - leaveBytes)));
  } catch {
    // The node has written meanwhile, and there was less: full it is.
  }
  return path;
};

test("a small disk takes work, refuses it in good time when it fills up, and takes it again", async () => {
  for (let count = 0; count < 20; count += 1) expect((await nodes.order(GOODS)).outcome).toBe("committed");
  for (const name of NAMES) expect(await alarmsOf(name), name).toEqual([]);
  for (const name of NAMES) {
    const ballast = fill(name, 2 * 2 ** 20);
    // A log that rests looks at its disk when it is next written to.
    const isLow = async () => {
      await nodes.order(GOODS, 300);
      return (await alarmsOf(name)).length > 0 ? true : null;
    };
    await until(`${name} to notice`, isLow);
    const { outcome, reason } = await nodes.order(GOODS, 300);
    expect({ outcome, code: reason?.code }, `an order while ${name} is low`).toEqual({
      outcome: "aborted",
      code: "disk-full",
    });
    expect((await nodes.order(READ)).outcome, `a read while ${name} is low`).toBe("committed");
    rmSync(ballast);
    await until(`${name} to have room`, async () => ((await alarmsOf(name)).length === 0 ? true : null));
    expect((await nodes.order(GOODS)).outcome).toBe("committed");
  }
  expect(await nodes.faults(true)).toEqual([]);
});

test("a disk that is full at once stops its node with status 74, and nothing is lost", async () => {
  const orders = startOrders(nodes, 3);
  await until("orders committed", () => (orders.committed() > 20 ? true : null));
  const end = nodes.end("ledger");
  const ballast = fill("ledger", 0);
  const { status, stderr } = await end;
  expect({ status, stderr }).toMatchObject({ status: 74, stderr: expect.stringContaining("ENOSPC") });
  rmSync(ballast);
  await nodes.start("ledger");
  const before = orders.committed();
  await until("orders committed again", () => (orders.committed() > before + 3 ? true : null));
  await orders.stop();
  expect(await nodes.faults(true)).toEqual([]);
});

test("a run whose disk fills up meanwhile fails in good time, and says whose disk it is", async () => {
  const home = await makeHome();
  try {
    const token = join(nodes.dir("coordinator"), "..", "token");
    const attach = ["--attach", nodes.url("coordinator"), "--token-file", token];
    const run = home.start(["run", "busy", "retry", ...attach]);
    await run.line((line) => line.includes("all at once"));
    const ballast = fill("ledger", 2 * 2 ** 20);
    const filledMs = performance.now();
    const { status, stdout } = await run.ended;
    expect({ status, stdout }).toMatchObject({ status: 1 });
    expect(stdout).toMatch(/room on its disk.*the disk of ledger is nearly full \(/);
    expect(performance.now() - filledMs).toBeLessThan(10_000);
    rmSync(ballast);
    await until("room again", async () => ((await alarmsOf("ledger")).length === 0 ? true : null));
  } finally {
    await home.remove();
  }
});

test("a log does not grow with the work that is done", { timeout: 120_000 }, async () => {
  const orders = startOrders(nodes, 8);
  await until("two thousand orders", () => (orders.committed() > 2_000 ? true : null), 100_000);
  await orders.stop();
  for (const name of NAMES) expect(freeBytes(name), name).toBeGreaterThan(DISK_BYTES / 2);
  expect(await nodes.faults(true)).toEqual([]);
});
