import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCluster, NAMES, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { GOODS } from "./partition-load.ts";
import { type Home, makeHome } from "./program.ts";

// What is blocked is shown to somebody at a shell with its age, what it keeps from others, and the safe next step.

let nodes: TestCluster;
let home: Home;
beforeEach(async () => {
  home = await makeHome();
  nodes = await makeCluster();
  for (const name of NAMES) await nodes.start(name);
});
afterEach(async () => {
  await nodes.remove();
  await home.remove();
});

test("tx show says how long it has been so, what it holds, who waits behind it, and what to do", {
  timeout: 60_000,
}, async () => {
  await nodes.arm("coordinator", "crash-after-decision", 1);
  const order = nodes.order(GOODS);
  const id = await nodes.inDoubt("warehouse");
  expect(await nodes.death("coordinator", 10_000)).toBe("SIGKILL");
  const token = join(nodes.dir("warehouse"), "..", "token");
  const { stdout } = await home.run([
    "tx",
    "show",
    id,
    "--to",
    nodes.url("warehouse"),
    "--token-file",
    token,
  ]);
  expect(stdout).toMatch(/^ {2}age {5}[0-9]+s$/m);
  expect(stdout).toMatch(/^ {2}why {5}waits for coordinator \(not heard\), which alone knows the decision$/m);
  expect(stdout).toMatch(/^ {2}safe {4}restart coordinator: it answers by its log$/m);
  expect(stdout).toMatch(/^ {2}locks {3}.*PENCIL-01 1 reserved \(warehouse\)/m);
  expect(stdout).toMatch(/customer-ada 0\.01 debit pending \(ledger\)/);
  expect(stdout).toContain(`by hand 2pc-console resolve ${id} commit --reason TEXT --preview`);

  // All that is left is ordered through another node: it is refused for what is held, and tried again by itself.
  const access = ["--to", nodes.url("warehouse"), "--token-file", token];
  const all = [
    { participant: "warehouse", op: "ship", sku: "PENCIL-01", quantity: 2_400 },
    ...GOODS.slice(1),
  ];
  const input = JSON.stringify({ requestId: "behind-1", operations: all });
  const late = home.run(["submit", "-", "--timeout-ms", "60000", ...access], { input });
  const text = await until("somebody waiting behind it", async () => {
    const shown = (await home.run(["tx", "show", id, ...access])).stdout;
    return shown.includes("behind-1") ? shown : null;
  });
  expect(text).toMatch(/^ {2}behind {2}1 request: behind-1 for PENCIL-01 \(attempt [0-9]+\)$/m);
  const json = JSON.parse((await home.run(["tx", "show", id, "--json", ...access])).stdout);
  const waiting = { requestId: "behind-1", coordinator: "warehouse", participant: "warehouse" };
  expect(json.why.behind).toMatchObject([{ ...waiting, key: "PENCIL-01" }]);

  await nodes.start("coordinator");
  expect(await late).toMatchObject({ status: 1, stdout: expect.stringContaining("insufficient-stock") });
  expect((await order).outcome).toBe("committed");
  expect(await nodes.faults(true)).toEqual([]);
});
