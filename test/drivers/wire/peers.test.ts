import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { CLOSE } from "../../../src/drivers/wire/limits.ts";
import type { StoreId } from "../../../src/schema/ids.ts";
import {
  ack,
  afterTest,
  dialRaw,
  dialTcp,
  hello,
  nodeName,
  type Rig,
  STORES,
  startRig,
  until,
} from "./rig.ts";

const names = (rig: Rig) => rig.wire.peers().map((peer) => peer.node.name);
const ups = (rig: Rig) => rig.heard.told.filter((line) => line.startsWith("up"));
const downs = (rig: Rig) => rig.heard.told.filter((line) => line.startsWith("down"));

async function startPair(): Promise<[Rig, Rig]> {
  const alpha = await startRig("alpha");
  const beta = await startRig("beta", { store: STORES.b });
  return [alpha, beta];
}

describe("two nodes find each other and stay together", () => {
  test("one dials, both are up, and messages go both ways, a frame a turn", async () => {
    const [alpha, beta] = await startPair();
    beta.wire.dial(alpha.wire.url);
    await until(() => ups(alpha).length === 1 && ups(beta).length === 1, "both are up");
    for (let counter = 1; counter <= 3; counter += 1)
      beta.wire.network.send(nodeName("alpha"), null, ack("beta", counter));
    beta.wire.network.flush();
    alpha.wire.network.send(nodeName("beta"), null, ack("alpha"));
    alpha.wire.network.flush();
    await until(() => alpha.heard.told.includes("protocol beta 3"), "one frame with three messages");
    await until(() => beta.heard.told.includes("protocol alpha 1"), "and one back");
    expect(alpha.heard.messages).toEqual([ack("beta", 1), ack("beta", 2), ack("beta", 3)]);
  });

  test("both dial at once: messages pass meanwhile, one link stays, and neither is ever down", async () => {
    const [alpha, beta] = await startPair();
    alpha.wire.dial(beta.wire.url);
    beta.wire.dial(alpha.wire.url);
    await until(() => names(alpha).length === 1 && names(beta).length === 1, "both are up");
    for (let counter = 1; counter <= 200; counter += 1) {
      beta.wire.network.send(nodeName("alpha"), null, ack("beta", counter));
      beta.wire.network.flush();
      alpha.wire.network.send(nodeName("beta"), null, ack("alpha", counter));
      alpha.wire.network.flush();
      if (counter % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(
      () => alpha.heard.messages.length === 200 && beta.heard.messages.length === 200,
      "all arrived",
    );
    expect([ups(alpha), ups(beta), downs(alpha), downs(beta)]).toEqual([
      ["up beta 1"],
      ["up alpha 1"],
      [],
      [],
    ]);
    expect([alpha.problems, beta.problems]).toEqual([[], []]);
  });

  test("of two links the one that the smaller name dialled stays", async () => {
    const { wire, heard } = await startRig("middle");
    const smaller = await dialRaw(wire.url);
    smaller.say(hello({ name: nodeName("alpha") }));
    const larger = await dialRaw(wire.url);
    larger.say(hello({ name: nodeName("zeta") }));
    await until(() => heard.told.includes("up alpha 1") && heard.told.includes("up zeta 1"), "both are up");
    const zeta = await startScriptedNode("zeta");
    wire.dial(zeta.url);
    await zeta.met;
    expect(await larger.closed).toBe(CLOSE.redundant);
    expect(downs({ wire, heard, problems: [] })).toEqual([]);
  });

  test("a node that is not there yet is dialled until it is, and again after each loss", async () => {
    const placeholder = await startRig("alpha");
    const port = Number(new URL(placeholder.wire.url).port);
    await placeholder.wire.close();
    const beta = await startRig("beta", { store: STORES.b });
    beta.wire.dial(placeholder.wire.url);
    const first = await startRig("alpha", { port });
    await until(() => ups(beta).length === 1, "up");
    await first.wire.close();
    await until(() => downs(beta).length === 1, "down");
    await startRig("alpha", { port, epoch: 2 });
    await until(() => ups(beta).length === 2, "up again");
    expect(beta.heard.told.filter((line) => /^(up|down)/.test(line))).toEqual([
      "up alpha 1",
      "down alpha",
      "up alpha 2",
    ]);
  });

  test("a dialler that rested, because the other's link was enough, dials again when that is lost", async () => {
    const timing = { heartbeatMs: 30, backoffMaxMs: 10 };
    const alpha = await startRig("alpha", { timing });
    const beta = await startRig("beta", { store: STORES.b, timing });
    const port = Number(new URL(alpha.wire.url).port);
    alpha.wire.dial(beta.wire.url);
    await until(() => ups(beta).length === 1, "beta was dialled");
    let closedSockets = 0;
    const gate = createServer((socket) => {
      socket.once("close", () => {
        closedSockets += 1;
      });
      forward(socket, alpha.wire.url);
    });
    beta.wire.dial(await listenTcp(gate));
    await until(() => closedSockets === 1, "beta's own link was closed as redundant");
    const beats = () => beta.heard.told.filter((line) => line === "round-trip alpha").length;
    const before = beats();
    await until(() => beats() >= before + 3, "beta's dialler has had time to see that it need not dial");
    await alpha.wire.close();
    await until(() => downs(beta).length === 1, "alpha is down");
    const restarted = await startRig("alpha", { port, epoch: 2 });
    await until(() => ups(restarted).length === 1 && ups(beta).length === 2, "beta has dialled");
    expect(ups(beta)).toEqual(["up alpha 1", "up alpha 2"]);
    expect(downs(beta)).toEqual(["down alpha"]);
  });

  test("a message for a name without a link starts a dial to its address", async () => {
    const [alpha, beta] = await startPair();
    alpha.wire.network.send(nodeName("beta"), beta.wire.url, ack("alpha", 1));
    alpha.wire.network.send(nodeName("gamma"), "http://not-an-address", ack("alpha", 1));
    alpha.wire.network.send(nodeName("gamma"), "http://not-an-address", ack("alpha", 1));
    await until(() => ups(alpha).length === 1, "beta is up");
    alpha.wire.network.send(nodeName("beta"), beta.wire.url, ack("alpha", 2));
    alpha.wire.network.flush();
    await until(() => beta.heard.messages.length === 1, "what is sent from then on arrives");
    expect(beta.heard.messages).toEqual([ack("alpha", 2)]);
    expect(alpha.problems).toEqual([expect.stringContaining("http://not-an-address")]);
  });

  test("the directory reaches those who are there and those who come later", async () => {
    const [alpha, beta] = await startPair();
    beta.wire.dial(alpha.wire.url);
    await until(() => ups(alpha).length === 1, "beta is up");
    alpha.wire.announce([{ name: nodeName("beta"), kind: "ledger", url: beta.wire.url }]);
    const gamma = await startRig("gamma", { store: STORES.c });
    gamma.wire.dial(alpha.wire.url);
    await until(() => beta.heard.told.includes("directory beta"), "told");
    await until(() => gamma.heard.told.includes("directory beta"), "told on arrival");
    const client = await dialRaw(alpha.wire.url);
    client.say(hello(null), { type: "directory", nodes: [] });
    expect(await client.closed).toBe(CLOSE.forbidden);
  });
});

describe("a name belongs to one store and one run", () => {
  test("another store is refused while the name is connected, and taken in afterwards", async () => {
    const { wire, heard } = await startRig("coordinator");
    const first = await dialRaw(wire.url);
    first.say(hello({ name: nodeName("ledger") }));
    await until(() => heard.told.includes("up ledger 1"), "up");
    const wiped = {
      name: nodeName("ledger"),
      storeId: STORES.c as StoreId,
      nodeId: `ledger-${STORES.c}` as never,
    };
    const second = await dialRaw(wire.url);
    second.say(hello(wiped));
    expect(await second.closed).toBe(CLOSE.nameTaken);
    expect(second.received).toEqual([expect.objectContaining({ type: "error", code: "name-taken" })]);
    first.socket.terminate();
    await until(() => heard.told.includes("down ledger"), "down");
    const third = await dialRaw(wire.url);
    third.say(hello(wiped));
    await until(
      () => heard.told.filter((line) => line === "up ledger 1").length === 2,
      "the new store is up",
    );
  });

  test("the same run again replaces its link without being down; a newer run is another life", async () => {
    const { wire, heard } = await startRig("coordinator");
    const first = await dialRaw(wire.url);
    first.say(hello({ name: nodeName("ledger"), epoch: 3 }));
    await until(() => heard.told.includes("up ledger 3"), "up");
    const again = await dialRaw(wire.url);
    again.say(hello({ name: nodeName("ledger"), epoch: 3 }), ack("ledger"));
    await first.closed;
    await until(() => heard.messages.length === 1, "the new link is heard");
    const newer = await dialRaw(wire.url);
    newer.say(hello({ name: nodeName("ledger"), epoch: 4 }));
    await again.closed;
    await until(() => heard.told.includes("up ledger 4"), "the newer run is up");
    const older = await dialRaw(wire.url);
    older.say(hello({ name: nodeName("ledger"), epoch: 3 }));
    expect(await older.closed).toBe(CLOSE.forbidden);
    const lives = heard.told.filter((line) => /^(up|down)/.test(line));
    expect(lives).toEqual(["up ledger 3", "down ledger", "up ledger 4"]);
  });

  test("a node that dials itself stops, quietly", async () => {
    const alpha = await startRig("alpha", { timing: { refusedRetryMs: 60_000 } });
    alpha.wire.dial(alpha.wire.url);
    const beta = await startRig("beta", { store: STORES.b });
    beta.wire.dial(alpha.wire.url);
    await until(() => ups(alpha).length === 1, "others are met");
    expect(names(alpha)).toEqual(["beta"]);
    expect(alpha.problems).toEqual([]);
  });

  test("a dialler with another token says so once, though it tries on", async () => {
    const alpha = await startRig("alpha");
    const timing = { refusedRetryMs: 5 };
    const beta = await startRig("beta", { store: STORES.b, token: "another-token-here", timing });
    const attempts: unknown[] = [];
    const gate = createServer((socket) => {
      attempts.push(socket);
      forward(socket, alpha.wire.url);
    });
    beta.wire.dial(await listenTcp(gate));
    await until(() => attempts.length >= 4, "it tries again");
    expect(beta.problems).toEqual([
      expect.stringMatching(/refused this node: another cluster's token \(TPC_TOKEN\); give .* --token-file/),
    ]);
    expect(alpha.heard.told).toEqual([]);
  });
});

describe("a link that is dead is found out", () => {
  test("a half-open peer, whose socket no longer answers, is down after the missed heartbeats", async () => {
    const timing = { heartbeatMs: 20, heartbeatsMissedMax: 4 };
    const alpha = await startRig("alpha", { timing });
    const beta = await startRig("beta", { store: STORES.b, timing });
    const sockets: Socket[] = [];
    const gate = createServer((socket) => {
      sockets.push(socket, forward(socket, alpha.wire.url));
    });
    beta.wire.dial(await listenTcp(gate));
    await until(() => beta.heard.told.includes("round-trip alpha"), "heartbeats come back");
    expect(beta.wire.peers()[0]?.roundTripMs).toBeGreaterThan(0);
    for (const socket of sockets) socket.pause();
    await until(() => downs(alpha).length === 1 && downs(beta).length === 1, "both ends have noticed");
    await until(() => ups(beta).length === 2, "and beta has dialled again");
  });

  test("a cut makes both directions silent until both are down, and healing brings them back", async () => {
    const timing = { heartbeatMs: 20, helloTimeoutMs: 60 };
    const alpha = await startRig("alpha", { timing });
    const beta = await startRig("beta", { store: STORES.b, timing });
    beta.wire.dial(alpha.wire.url);
    await until(() => ups(alpha).length === 1 && ups(beta).length === 1, "both are up");
    alpha.wire.setLinkFault(nodeName("beta"), "both");
    alpha.wire.network.send(nodeName("beta"), null, ack("alpha"));
    alpha.wire.network.flush();
    beta.wire.network.send(nodeName("alpha"), null, ack("beta"));
    beta.wire.network.flush();
    await until(() => downs(alpha).length === 1 && downs(beta).length === 1, "both are down");
    expect([alpha.heard.messages, beta.heard.messages]).toEqual([[], []]);
    alpha.wire.setLinkFault(nodeName("beta"), null);
    await until(() => ups(alpha).length === 2 && ups(beta).length === 2, "both are up again");
  });

  test.each(["out", "in"] as const)(
    "a cut %s silences one direction, and the other still arrives",
    async (way) => {
      const alpha = await startRig("alpha");
      const beta = await startRig("beta", { store: STORES.b });
      beta.wire.dial(alpha.wire.url);
      await until(() => ups(alpha).length === 1 && ups(beta).length === 1, "both are up");
      alpha.wire.setLinkFault(nodeName("beta"), way);
      const exchange = () => {
        alpha.wire.network.send(nodeName("beta"), null, ack("alpha"));
        alpha.wire.network.flush();
        beta.wire.network.send(nodeName("alpha"), null, ack("beta"));
        beta.wire.network.flush();
      };
      exchange();
      const [open, closed] = way === "out" ? [alpha, beta] : [beta, alpha];
      await until(() => open.heard.messages.length === 1, "the open direction delivers");
      alpha.wire.setLinkFault(nodeName("beta"), null);
      exchange();
      await until(() => open.heard.messages.length === 2 && closed.heard.messages.length > 0, "both deliver");
      expect(closed.heard.messages.length, "what was lost stays lost").toBe(1);
    },
  );

  test.each(["out", "in"] as const)(
    "a cut %s is noticed at both ends, and healing brings them back",
    async (way) => {
      const timing = { heartbeatMs: 20, helloTimeoutMs: 60 };
      const alpha = await startRig("alpha", { timing });
      const beta = await startRig("beta", { store: STORES.b, timing });
      beta.wire.dial(alpha.wire.url);
      // On a busy machine so short a heartbeat may be missed, and the link be another, before anybody looks.
      const isUp = (rig: Rig, other: string) => rig.wire.peers().some(({ node }) => node.name === other);
      await until(() => isUp(alpha, "beta") && isUp(beta, "alpha"), "both are up");
      const lostBefore = [downs(alpha).length, downs(beta).length] as const;
      alpha.wire.setLinkFault(nodeName("beta"), way);
      await until(
        () => downs(alpha).length > lostBefore[0] && downs(beta).length > lostBefore[1],
        "both have noticed",
      );
      alpha.wire.setLinkFault(nodeName("beta"), null);
      await until(() => isUp(alpha, "beta") && isUp(beta, "alpha"), "both are up again");
    },
  );
});

/** A bare server that greets like a node. `met` resolves when the dialler has said hello. */
async function startScriptedNode(name: string): Promise<{ url: string; met: Promise<void> }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  afterTest(() => server.close());
  const met = new Promise<void>((resolve) => {
    server.on("connection", (socket) => {
      afterTest(() => socket.terminate());
      socket.once("message", () => {
        socket.send(JSON.stringify([hello({ name: nodeName(name) })]));
        resolve();
      });
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return { url: `ws://127.0.0.1:${address.port}`, met };
}

function forward(from: Socket, url: string): Socket {
  const to = dialTcp(url);
  for (const socket of [from, to]) socket.on("error", () => {});
  from.pipe(to).pipe(from);
  afterTest(() => {
    from.destroy();
    to.destroy();
  });
  return to;
}

async function listenTcp(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  afterTest(() => server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return `ws://127.0.0.1:${address.port}`;
}
