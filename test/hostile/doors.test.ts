import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE } from "../../src/drivers/wire/limits.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import { ack, dialRaw, hello, nodeName, type RawPeer, STORES, until } from "../drivers/wire/rig.ts";
import { startTarget, type Target, withstand } from "./target.ts";

// Goal: whoever does not show this cluster's token, or says what is not his to say, is sent away with a code;
// nothing that is durable changes, and nobody else's transaction does.

const NOWHERE = "ws://127.0.0.1:1";
const ANOTHER_TOKEN = "another-cluster-has-this-one";
let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.remove());

const begin = {
  type: "begin",
  requestId: "uninvited",
  issuedAtMs: 1,
  timeoutMs: 1_000,
  operations: [{ participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 1 }],
};

/** Says hello and something else in the same frame; resolves with what came back and how it was closed. */
async function intrude(url: string, ...messages: unknown[]): Promise<{ peer: RawPeer; closeCode: number }> {
  const peer = await dialRaw(url);
  peer.say(...messages);
  return { peer, closeCode: await peer.closed };
}

describe("a stranger", () => {
  const tokens: readonly (readonly [string, (right: string) => string])[] = [
    ["no token", () => ""],
    ["a wrong token", (right) => "x".repeat(right.length)],
    ["a truncated token", (right) => right.slice(0, -1)],
    ["a token with something after it", (right) => `${right}x`],
    ["another cluster's token", () => ANOTHER_TOKEN],
  ];
  test.each(tokens)("with %s learns nothing and starts nothing", async (_what, tokenOf) => {
    const token = tokenOf(target.token);
    await withstand(target, "coordinator", async () => {
      for (const node of [null, { name: nodeName("warehouse") }]) {
        const { peer, closeCode } = await intrude(
          target.nodes.coordinator.url,
          hello(node, { token }),
          begin,
          ack("warehouse"),
        );
        expect(closeCode).toBe(CLOSE.token);
        expect(peer.received).toEqual([expect.objectContaining({ type: "error", code: "TPC_TOKEN" })]);
        expect(JSON.stringify(peer.received)).not.toContain(target.token);
      }
    });
  });

  test("that is a browser's page is refused by its Origin, even with the token", async () => {
    await withstand(target, "coordinator", async () => {
      for (const origin of ["https://evil.example", "null", "http://localhost:3000", "file://"]) {
        await expect(dialRaw(target.nodes.coordinator.url, { origin })).rejects.toThrow("403");
      }
    });
  });
});

describe("somebody who has the token", () => {
  test.each([
    [
      "a vote",
      { ...ack("warehouse"), type: "vote", vote: "no", reason: null, results: [], preparedAt: null },
    ],
    ["an ack", ack("ledger")],
    ["an inquiry", { ...ack("ledger"), type: "inquiry" }],
    ["a directory", { type: "directory", nodes: [] }],
    ["a second hello", hello(null)],
    ["a reply", { type: "reply", queryId: 1, value: null, error: null }],
  ])("as a client does not say %s", async (_what, message) => {
    await withstand(target, "coordinator", async () => {
      const { peer, closeCode } = await intrude(
        target.nodes.coordinator.url,
        hello(null, { token: target.token }),
        begin,
        message,
      );
      expect(closeCode).toBe(CLOSE.forbidden);
      expect(peer.received.at(-1)).toMatchObject({ type: "error", code: "not-for-clients" });
    });
  });

  test.each([
    ["the node itself", "coordinator"],
    ["a node that is connected", "warehouse"],
  ])("does not come in under the name of %s", async (_what, name) => {
    await withstand(target, "coordinator", async () => {
      const node = { name: nodeName(name) };
      const first = hello(node, { token: target.token });
      const { peer, closeCode } = await intrude(target.nodes.coordinator.url, first, ack(name));
      expect(closeCode).toBe(CLOSE.nameTaken);
      expect(peer.received.at(-1)).toMatchObject({ type: "error", code: "name-taken" });
    });
  });

  test.each([
    ["a vote", { ...ack("ledger"), type: "vote", vote: "no", reason: null, results: [], preparedAt: null }],
    ["an ack", ack("ledger")],
    ["an inquiry", { ...ack("warehouse"), type: "inquiry" }],
    ["a client's request", begin],
  ])("as one participant does not say %s of another", async (_what, message) => {
    await withstand(target, "coordinator", async () => {
      const first = hello({ name: nodeName("intruder"), url: NOWHERE }, { token: target.token });
      const { peer, closeCode } = await intrude(target.nodes.coordinator.url, first, message);
      expect(closeCode).toBe(CLOSE.forbidden);
      expect(peer.received.at(-1)?.code).toMatch(/^(impersonation|not-for-nodes)$/);
    });
  });
});

test("a transaction in doubt hears only its own coordinator", async () => {
  // Goal: a reservation that waits for one coordinator's word is neither committed nor released by anybody else's.
  const warehouse = await target.client("warehouse");
  const before = await target.durable();
  const holder = await joinAs("holder", STORES.c);
  const thief = await joinAs("thief", STORES.b);
  const transactionId = `holder-${STORES.c}.1.1` as TransactionId;
  const { epoch, storeId } = await warehouse.nodeView();
  holder.say(prepare(transactionId, { storeId, epoch }, target.nodes.warehouse.url));
  const votes = () => holder.received.filter(({ type }) => type === "vote");
  await until(() => votes().length > 0, "the vote arrives");
  expect(votes()).toMatchObject([{ vote: "yes" }]);
  const floor = { epoch: 9, counter: 9 };
  const preparedAt = { storeId: warehouse.node.storeId, epoch, seq: 1 };
  thief.say({ type: "commit", transactionId, runEpoch: 1, floor, preparedAt });
  thief.say({ type: "abort", transactionId, runEpoch: 1, floor });
  thief.say({ type: "decided-inquiry", transactionId, floor });
  const client = await intrude(target.nodes.warehouse.url, hello(null, { token: target.token }), {
    type: "abort",
    transactionId,
    runEpoch: 1,
    floor,
  });
  expect(client.closeCode).toBe(CLOSE.forbidden);
  const alarms = async () => (await warehouse.nodeView()).alarms.filter((text) => text.startsWith("thief"));
  await expect.poll(async () => (await alarms()).length).toBe(3);
  expect(await warehouse.transaction(transactionId)).toMatchObject([{ phase: "prepared" }]);
  holder.say({ type: "abort", transactionId, runEpoch: 1, floor: { epoch: 1, counter: 2 } });
  await expect.poll(async () => (await warehouse.nodeView()).inDoubt).toBe(0);
  expect((await target.durable()).stock).toEqual(before.stock);
  expect((await target.order()).outcome).toBe("committed");
});

async function joinAs(name: string, store: string): Promise<RawPeer> {
  const peer = await dialRaw(target.nodes.warehouse.url);
  const node = { name: nodeName(name), storeId: store, nodeId: `${name}-${store}`, url: NOWHERE };
  peer.say(hello(node as never, { token: target.token }));
  peer.socket.on("ping", (payload) => peer.socket.pong(payload));
  await until(() => peer.received.length > 0, `${name} is greeted`);
  return peer;
}

function prepare(
  transactionId: TransactionId,
  to: { readonly storeId: string; readonly epoch: number },
  warehouseUrl: string,
): unknown {
  return {
    type: "prepare",
    transactionId,
    requestId: "held",
    issuedAtMs: Date.now(),
    digest: "held",
    operations: [{ participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 1 }],
    onePhase: false,
    coordinator: { name: "holder", url: NOWHERE },
    participants: [{ name: "warehouse", url: warehouseUrl }],
    floor: { epoch: 1, counter: 1 },
    toStore: to.storeId,
    toEpoch: to.epoch,
  };
}
