import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { watchCluster } from "../../src/client/watcher.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import type { ClientLink } from "../../src/runtime/ports.ts";
import type { NodeEvent } from "../../src/schema/events.ts";
import type { PeerView } from "../../src/schema/views.ts";
import {
  afterTest,
  createRecorder,
  hello,
  nodeName,
  type Rig,
  type RigOptions,
  STORES,
  startRig,
  TOKEN,
  until,
} from "../drivers/wire/rig.ts";
import { nodeView, noteEvent, peerView, snapshotOf } from "./fixtures.ts";

const TIMING = { backoffMinMs: 5, backoffMaxMs: 20 };

interface Streaming {
  readonly rig: Rig;
  /** How often somebody asked for a snapshot. */
  subscriptions(): number;
  send(...events: NodeEvent[]): void;
}

/** A node that answers `subscribe` with a snapshot of its last event, and streams what a test hands it. */
async function startStreaming(
  name: string,
  options: RigOptions & { peers?: () => PeerView[] } = {},
): Promise<Streaming> {
  const { peers = () => [], ...rest } = options;
  const subscribed = new Set<ClientLink>();
  let number = 0;
  const epoch = options.epoch ?? 1;
  let count = 0;
  const heard = createRecorder((link, type) => {
    if (type !== "subscribe") return;
    count += 1;
    subscribed.add(link);
    link.send({ type: "snapshot", snapshot: snapshotOf(nodeView(name, { peers: peers(), epoch }), number) });
  });
  const rig = await startRig(name, { ...rest, heard });
  return {
    rig,
    subscriptions: () => count,
    send(...events) {
      for (const event of events) number = Math.max(number, event.number);
      for (const link of subscribed) link.send({ type: "events", events });
    },
  };
}

function watch(urls: string[]): { lines: string[]; subscribe(): string[] } {
  const watcher = watchCluster({ urls, token: TOKEN, timing: TIMING });
  afterTest(() => watcher.close());
  const subscribe = () => {
    const lines: string[] = [];
    watcher.subscribe((update) => lines.push(...describeUpdate(update)));
    return lines;
  };
  return { lines: subscribe(), subscribe };
}

function describeUpdate(update: WatchUpdate): string[] {
  switch (update.type) {
    case "connected":
    case "disconnected":
      return [`${update.type} ${update.node}`];
    case "snapshot":
      return [`snapshot ${update.snapshot.node.name} ${update.snapshot.number}`];
    case "events":
      return update.events.map((event) => `event ${event.node} ${event.number}`);
    case "tally":
      return [`tally ${update.tally.node} ${update.tally.events}`];
    case "process":
      return [];
  }
}

const alpha = nodeName("alpha");

/** A node that sends so many frames of one event each, all at once, to who subscribes. Its URL. */
async function startHasty(frames: number): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  afterTest(() => server.close());
  const say = (socket: WebSocket, message: unknown): void => socket.send(JSON.stringify([message]));
  server.on("connection", (socket) => {
    afterTest(() => socket.terminate());
    socket.once("message", () => say(socket, hello({ name: alpha })));
    socket.on("message", (data) => {
      if (!String(data).includes('"subscribe"')) return;
      say(socket, { type: "snapshot", snapshot: snapshotOf(nodeView("alpha"), 0) });
      for (let number = 1; number <= frames; number += 1)
        say(socket, { type: "events", events: [noteEvent(alpha, number)] });
    });
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a watcher keeps a stream without gaps from every node", () => {
  test("snapshot, then events; what the snapshot holds already is dropped", async () => {
    const node = await startStreaming("alpha");
    const { lines } = watch([node.rig.wire.url]);
    await until(() => lines.includes("snapshot alpha 0"), "the snapshot");
    node.send(noteEvent(alpha, 1), noteEvent(alpha, 2));
    node.send(noteEvent(alpha, 2), noteEvent(alpha, 3));
    await until(() => lines.includes("event alpha 3"), "the events");
    expect(lines).toEqual([
      "connected alpha",
      "snapshot alpha 0",
      "event alpha 1",
      "event alpha 2",
      "event alpha 3",
    ]);
  });

  test("between two frames that have arrived together other things get their turn", async () => {
    const watcher = watchCluster({ urls: [await startHasty(200)], token: TOKEN, timing: TIMING });
    afterTest(() => watcher.close());
    let heard = 0;
    let inOneTurn = 0;
    let most = 0;
    watcher.subscribe(({ type }) => {
      if (type !== "events") return;
      heard += 1;
      inOneTurn += 1;
      most = Math.max(most, inOneTurn);
      setImmediate(() => {
        inOneTurn = 0;
      });
    });
    await until(() => heard === 200, "the events");
    expect(most).toBe(1);
  });

  test("a gap asks for a new snapshot, once, and nothing is shown twice", async () => {
    const node = await startStreaming("alpha");
    const { lines } = watch([node.rig.wire.url]);
    await until(() => lines.includes("snapshot alpha 0"), "the snapshot");
    node.send(noteEvent(alpha, 1), noteEvent(alpha, 3));
    node.send(noteEvent(alpha, 4));
    await until(() => node.subscriptions() === 2, "it has asked again");
    await until(() => lines.includes("snapshot alpha 4"), "the new snapshot");
    node.send(noteEvent(alpha, 5));
    await until(() => lines.includes("event alpha 5"), "and on from there");
    expect(lines).toEqual([
      "connected alpha",
      "snapshot alpha 0",
      "event alpha 1",
      "snapshot alpha 4",
      "event alpha 5",
    ]);
    expect(node.subscriptions()).toBe(2);
  });

  test("a lost node is looked for until it is back", async () => {
    const node = await startStreaming("alpha");
    const port = Number(new URL(node.rig.wire.url).port);
    const { lines } = watch([node.rig.wire.url]);
    await until(() => lines.includes("snapshot alpha 0"), "the snapshot");
    await node.rig.wire.close();
    await until(() => lines.includes("disconnected alpha"), "the loss");
    await startStreaming("alpha", { port, epoch: 2 });
    await until(() => lines.length === 5, "the return");
    expect(lines.slice(2)).toEqual(["disconnected alpha", "connected alpha", "snapshot alpha 0"]);
  });

  test("a lost node that is said to be back is looked for at once", async () => {
    const node = await startStreaming("alpha");
    const { url } = node.rig.wire;
    // Long enough that no attempt of its own would come in this test.
    const watcher = watchCluster({
      urls: [url],
      token: TOKEN,
      timing: { backoffMinMs: 600_000, backoffMaxMs: 600_000 },
    });
    afterTest(() => watcher.close());
    const lines: string[] = [];
    watcher.subscribe((update) => lines.push(...describeUpdate(update)));
    await until(() => lines.includes("snapshot alpha 0"), "the snapshot");
    await node.rig.wire.close();
    await until(() => lines.includes("disconnected alpha"), "the loss");
    await startStreaming("alpha", { port: Number(new URL(url).port), epoch: 2 });
    watcher.expect(url, alpha);
    await until(() => lines.length === 5, "the return");
    expect(lines.slice(2)).toEqual(["disconnected alpha", "connected alpha", "snapshot alpha 0"]);
  });

  test("other nodes are found through their peers, each once, also those that are down", async () => {
    const beta = await startStreaming("beta", { store: STORES.b });
    const gone = await startRig("gone", { store: STORES.c });
    await gone.wire.close();
    const peers = () => [
      peerView("beta", beta.rig.wire.url),
      peerView("gone", gone.wire.url),
      peerView("odd", "http://x"),
    ];
    const node = await startStreaming("alpha", { peers });
    const { lines } = watch([node.rig.wire.url, node.rig.wire.url.replace("127.0.0.1", "localhost")]);
    await until(
      () => lines.includes("snapshot beta 0") && lines.includes("disconnected gone"),
      "all are known",
    );
    expect(lines.filter((line) => line.startsWith("connected")).sort()).toEqual([
      "connected alpha",
      "connected beta",
    ]);
  });

  test("who subscribes later starts with what is known", async () => {
    const node = await startStreaming("alpha");
    const { lines, subscribe } = watch([node.rig.wire.url]);
    await until(() => lines.includes("snapshot alpha 0"), "the snapshot");
    node.send(noteEvent(alpha, 1));
    await until(() => lines.includes("event alpha 1"), "the event");
    expect(subscribe()).toEqual(lines);
    for (let number = 2; number < 5_100; number += 1) node.send(noteEvent(alpha, number));
    await until(() => lines.includes("event alpha 5099"), "many events");
    const late = subscribe();
    await until(() => late.includes("snapshot alpha 5099"), "a new snapshot in place of too many events");
    expect(late).toEqual(["connected alpha", "snapshot alpha 5099"]);
  });
});
