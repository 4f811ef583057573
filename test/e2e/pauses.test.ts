import { createConnection, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCluster, type Name, type TestCluster, until } from "../crash-matrix/cluster.ts";
import { startOrders } from "./partition-load.ts";

// A process that stands still and a connection of which one half is gone look like a slow network for a while. Orders wait or
// end; afterwards everything ends, and stock, money and the list of committed orders agree.

const AGAIN_MS = 8_000;
const PAUSE_MS = 3_000;

let nodes: TestCluster;
let closing: (() => void)[] = [];
beforeEach(async () => {
  nodes = await makeCluster();
});
afterEach(async () => {
  for (const close of closing) close();
  closing = [];
  await nodes.remove();
});

test("each process in turn is stopped for seconds and goes on", { timeout: 40_000 }, async () => {
  const names: readonly Name[] = ["coordinator", "warehouse", "ledger"];
  await nodes.start("coordinator");
  await Promise.all([nodes.start("warehouse"), nodes.start("ledger")]);
  const orders = startOrders(nodes, 3);
  for (const name of names) {
    nodes.pause(name);
    await until(`no outcome while ${name} is stopped`, () => (orders.idleMs() > PAUSE_MS ? true : null));
    nodes.resume(name);
    const before = orders.committed();
    const goOn = () => (orders.committed() > before + 3 ? true : null);
    await until(`orders committed after ${name} goes on`, goOn, AGAIN_MS);
  }
  await orders.stop();
  expect(await nodes.faults(true)).toEqual([]);
});

test("a connection that is open and silent is given up at both ends, and made anew", {
  timeout: 40_000,
}, async () => {
  await nodes.start("coordinator");
  await nodes.start("warehouse");
  const gate = await openGate(Number(new URL(nodes.url("coordinator")).port));
  await nodes.start("ledger", [], { via: gate.address });
  const orders = startOrders(nodes, 3);
  await until("orders committed", () => (orders.committed() > 3 ? true : null));
  gate.silence();
  await until("orders to wait", () => (orders.idleMs() > 300 ? true : null));
  const before = orders.committed();
  await until("orders committed again", () => (orders.committed() > before + 3 ? true : null));
  await orders.stop();
  expect(await nodes.faults(true)).toEqual([]);
});

/** Passes connections on to a port until it is told to leave those that it has open and silent. */
async function openGate(port: number): Promise<{ readonly address: string; silence(): void }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((near) => {
    const far = createConnection({ host: "127.0.0.1", port });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gate has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    silence: () => {
      for (const socket of sockets.splice(0)) {
        socket.removeAllListeners("close").pause();
        closing.push(() => socket.destroy());
      }
    },
  };
}
