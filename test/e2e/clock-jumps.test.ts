import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCluster, NAMES, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { startOrders } from "./partition-load.ts";

// The wall clock of a running node jumps: what waits is neither too old nor too young for that, and nothing that was done
// a moment ago is forgotten or refused. Everything waits by a clock that only rises.

const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 3_650 * 24 * HOUR_MS;
const AGAIN_MS = 10_000;

/** Makes every SIGUSR2 the next jump, and says in a file beside the node's directory what time it has there. */
const JUMPING = [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    import { writeFileSync } from "node:fs";
    const { now } = Date;
    const jumps = [${TEN_YEARS_MS}, ${-HOUR_MS}, ${HOUR_MS}, 0];
    let jump = 0;
    Date.now = () => now() + jump;
    process.on("SIGUSR2", () => {
      jump = jumps.shift() ?? 0;
      writeFileSync(process.argv[process.argv.indexOf("--data") + 1] + ".clock", String(jump));
    });
  `)}`,
];

let nodes: TestCluster;
beforeEach(async () => {
  nodes = await makeCluster({}, { nodeArgs: JUMPING });
});
afterEach(() => nodes.remove());

test("each node's wall clock jumps ten years ahead, an hour back and an hour ahead, while orders come", {
  timeout: 60_000,
}, async () => {
  await nodes.start("coordinator");
  await Promise.all([nodes.start("warehouse"), nodes.start("ledger")]);
  const orders = startOrders(nodes, 3);
  for (const jump of [TEN_YEARS_MS, -HOUR_MS, HOUR_MS, 0]) {
    for (const name of NAMES) {
      nodes.nudge(name, "SIGUSR2");
      await until(`the clock of ${name} to jump`, async () =>
        (await readFile(`${nodes.dir(name)}.clock`, "utf8").catch(() => "")) === String(jump) ? true : null,
      );
      const before = orders.committed();
      const goOn = () => (orders.committed() > before + 3 ? true : null);
      await until(`orders committed after the clock of ${name} has jumped by ${jump} ms`, goOn, AGAIN_MS);
    }
  }
  await orders.stop();
  expect(orders.told() - orders.committed(), "orders that were not committed").toBe(0);
  expect(await nodes.faults(true)).toEqual([]);
});
