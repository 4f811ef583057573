import { readdir } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { DIALERS_MAX, NAMES_MAX } from "../../src/drivers/wire/limits.ts";
import type { RequestId } from "../../src/schema/ids.ts";
import { dialRaw, dialTcp, hello, nodeName, STORES, until } from "../drivers/wire/rig.ts";
import { countSockets, DELIVERY, startTarget, type Target, withstand } from "./target.ts";

// Goal: whoever has the token may make up nodes, but a node learns a bounded number of them, dials a bounded number of
// addresses, and goes on talking to those it had before.

const NOWHERE = "ws://127.0.0.1:1";
let target: Target;
afterEach(() => target.remove());

test("nodes without end that come and go", { timeout: 20_000 }, async () => {
  target = await startTarget();
  await withstand(target, "coordinator", async () => {
    const codes = new Set<string | undefined>();
    for (let count = 0; count < NAMES_MAX + 100; count += 1) {
      const peer = await dialRaw(target.nodes.coordinator.url);
      const name = `crowd-${count}`;
      const node = { name: nodeName(name), nodeId: `${name}-${STORES.b}` as never, url: NOWHERE };
      peer.say(hello(node, { token: target.token }));
      await until(() => peer.received.length > 0, "an answer");
      codes.add(peer.received[0]?.code);
      peer.socket.terminate();
    }
    expect([...codes]).toEqual([undefined, "too-many-nodes"]);
    const { peers } = await (await target.client("coordinator")).nodeView();
    expect(peers.length).toBeLessThanOrEqual(NAMES_MAX);
    expect(peers.filter((peer) => peer.connected).map((peer) => peer.name)).toEqual(
      expect.arrayContaining(["warehouse", "ledger"]),
    );
  });
});

test("directories of ten thousand nodes that are not there", { timeout: 20_000 }, async () => {
  target = await startTarget();
  const { pid, url } = target.nodes.warehouse;
  const before = await countSockets(pid);
  await withstand(target, "warehouse", async () => {
    const peer = await dialRaw(url);
    peer.socket.on("ping", (payload) => peer.socket.pong(payload));
    peer.say(hello({ name: nodeName("liar"), url: NOWHERE }, { token: target.token }));
    await until(() => peer.received.some(({ type }) => type === "hello"), "the greeting");
    for (let page = 0; page < 40; page += 1) {
      const nodes = Array.from({ length: 250 }, (_, index) => ({
        name: `lie-${page}-${index}`,
        kind: "ledger",
        url: `ws://127.0.0.1:1/${page}/${index}`,
      }));
      peer.say({ type: "directory", nodes });
    }
    const { peers } = await (await target.client("warehouse")).nodeView();
    expect(peers.length).toBeLessThanOrEqual(NAMES_MAX + 1);
    expect(await countSockets(pid)).toBeLessThanOrEqual(before + DIALERS_MAX);
  });
});

test("a crowd that a process has not the files for, while it writes its log", {
  timeout: 20_000,
}, async () => {
  target = await startTarget({}, 128);
  const { pid, url } = target.nodes.coordinator;
  await withstand(
    target,
    "coordinator",
    async () => {
      const known = await target.client("coordinator");
      let turnedAwayCount = 0;
      const crowd = Array.from({ length: 500 }, () => dialTcp(url));
      const strangers = Promise.allSettled(Array.from({ length: 100 }, () => dialRaw(url)));
      for (const socket of crowd) socket.once("close", () => (turnedAwayCount += 1));
      await until(() => turnedAwayCount > 0, "somebody turned away");
      const requestId = "in-a-crowd" as RequestId;
      const request = { requestId, issuedAtMs: Date.now(), operations: DELIVERY, timeoutMs: 10_000 };
      expect((await known.begin(request)).outcome).toBe("committed");
      // And then the log rests, which takes a file of its own.
      await until(() => turnedAwayCount === crowd.length, "the silent ones turned away");
      await strangers;
      expect((await readdir(`/proc/${pid}/fd`)).length).toBeLessThan(128);
    },
    { orders: true },
  );
});
