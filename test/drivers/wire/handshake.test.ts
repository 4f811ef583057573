import { createHash } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import {
  CLIENT_FRAME_BYTES_MAX,
  CLOSE,
  FRAME_BYTES_MAX,
  STRANGERS_MAX,
} from "../../../src/drivers/wire/limits.ts";
import { SUBPROTOCOL } from "../../../src/schema/session.ts";
import {
  ack,
  createRecorder,
  dialRaw,
  dialTcp,
  hello,
  nodeName,
  type RawPeer,
  STORES,
  startRig,
  until,
} from "./rig.ts";

describe("only whoever shows the token and speaks the version is heard", () => {
  test("a client that says hello gets the node's, and is heard from then on", async () => {
    const { wire, heard } = await startRig("coordinator");
    const peer = await dialRaw(wire.url);
    peer.say(hello(null), { type: "subscribe" });
    await until(() => heard.told.includes("client subscribe"), "the client is heard");
    await until(() => peer.received.length > 0, "the node has answered");
    expect(peer.received[0]).toMatchObject({ type: "hello", node: { name: "coordinator", url: wire.url } });
    peer.socket.close();
    await until(() => heard.told.includes("client gone"), "the node learns that it left");
  });

  test.each([
    ["another token", hello(null, { token: "another-token-entirely" }), "TPC_TOKEN", CLOSE.token],
    ["no token", hello(null, { token: "" }), "TPC_TOKEN", CLOSE.token],
    ["a truncated token", hello(null, { token: "a-token-of-this-tes" }), "TPC_TOKEN", CLOSE.token],
    ["another version", hello(null, { version: 2 }), "TPC_PROTOCOL", CLOSE.protocol],
    ["another message first", { type: "subscribe" }, "TPC_PROTOCOL", CLOSE.protocol],
    ["a node id of another store", hello({ storeId: STORES.c as never }), "TPC_PROTOCOL", CLOSE.protocol],
  ])("%s is refused, with a reason and nothing else", async (_what, first, code, closeCode) => {
    const { wire, heard } = await startRig("coordinator");
    const peer = await dialRaw(wire.url);
    peer.say(first, { type: "subscribe" });
    expect(await peer.closed).toBe(closeCode);
    expect(peer.received).toEqual([expect.objectContaining({ type: "error", code })]);
    expect(heard.told).toEqual([]);
  });

  test("silence is refused after the time-out", async () => {
    const { wire } = await startRig("coordinator", { timing: { helloTimeoutMs: 40 } });
    const peer = await dialRaw(wire.url);
    expect(await peer.closed).toBe(CLOSE.noHello);
  });

  test("a browser's page is refused by its Origin, unless it is on the list", async () => {
    const { wire } = await startRig("coordinator", { originsAllowed: ["https://good.example"] });
    await expect(dialRaw(wire.url, { origin: "https://evil.example" })).rejects.toThrow("403");
    await dialRaw(wire.url, { origin: "https://good.example" });
  });

  test("a WebSocket without the subprotocol is refused", async () => {
    const { wire } = await startRig("coordinator");
    for (const protocols of [[], ["2pc.v2"]]) {
      const socket = new WebSocket(wire.url, protocols);
      const [error] = await once(socket, "error");
      expect(String(error)).toContain("400");
    }
  });

  test("plain HTTP gets an answer and no connection", async () => {
    const { wire } = await startRig("coordinator");
    const response = await fetch(wire.url.replace("ws:", "http:"));
    expect(response.status).toBe(426);
  });

  test("strangers are limited: who has been silent for longest makes room for who comes", async () => {
    const { wire, heard } = await startRig("coordinator");
    const strangers: RawPeer[] = [];
    for (let count = 0; count < STRANGERS_MAX; count += 1) strangers.push(await dialRaw(wire.url));
    strangers[0]?.say(hello(null), { type: "subscribe" });
    await until(() => heard.told.length > 0, "one has become a client");
    await dialRaw(wire.url);
    await dialRaw(wire.url);
    await strangers[1]?.closed;
    for (const stranger of [strangers[0], strangers[2]])
      expect(stranger?.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe("what a peer sends can end its connection, never the process", () => {
  const cases: [string, (socket: WebSocket) => void, number][] = [
    ["malformed JSON", (socket) => socket.send("[{"), CLOSE.protocol],
    ["deep nesting", (socket) => socket.send("[".repeat(100_000)), CLOSE.protocol],
    ["an unknown type", (socket) => socket.send('[{"type":"nonsense"}]'), CLOSE.protocol],
    ["a binary frame", (socket) => socket.send(Buffer.from("[]")), CLOSE.binary],
    ["a frame one byte too large", (socket) => socket.send("x".repeat(FRAME_BYTES_MAX + 1)), CLOSE.tooBig],
    ["a node's message", (socket) => socket.send(JSON.stringify([ack("warehouse")])), CLOSE.forbidden],
    ["a second hello", (socket) => socket.send(JSON.stringify([hello(null)])), CLOSE.forbidden],
    [
      "more than a client may send at once",
      (socket) => socket.send(`[{"type":"subscribe"}${" ".repeat(CLIENT_FRAME_BYTES_MAX)}]`),
      CLOSE.tooBig,
    ],
  ];
  test.each(cases)("a client that sends %s is closed", async (_what, send, closeCode) => {
    const { wire, heard } = await startRig("coordinator");
    const peer = await dialRaw(wire.url);
    peer.say(hello(null));
    send(peer.socket);
    expect(await peer.closed).toBe(closeCode);
    await until(() => heard.told.includes("client gone"), "the client is gone");
    expect(heard.told).toEqual(["client gone"]);
    await dialRaw(wire.url);
  });

  test("invalid UTF-8, broken frames and resets are survived", async () => {
    const { wire } = await startRig("coordinator");
    for (const bytes of [
      [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff],
      [0xff, 0xff, 0xff],
      [0x81, 0x05],
    ]) {
      const socket = dialTcp(wire.url);
      socket.write(
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${createHash("md5").update("x").digest("base64")}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
      );
      const [head] = await once(socket, "data");
      expect(String(head)).toContain("101");
      socket.write(Buffer.from(bytes));
      socket.resetAndDestroy();
    }
    const peer = await dialRaw(wire.url);
    peer.say(hello(null));
    await until(() => peer.received.length === 1, "others are served");
  });

  test.each([
    ["speaks in another's name", ack("ledger"), "impersonation"],
    ["sends what only clients send", { type: "subscribe" }, "not-for-nodes"],
  ])("a node that %s is refused, and nothing of the frame is delivered", async (_what, message, code) => {
    const { wire, heard } = await startRig("coordinator");
    const peer = await dialRaw(wire.url);
    peer.say(hello({ name: nodeName("warehouse") }));
    peer.say(ack("warehouse"), message);
    expect(await peer.closed).toBe(CLOSE.forbidden);
    expect(peer.received.at(-1)).toMatchObject({ type: "error", code });
    await until(() => heard.told.includes("down warehouse"), "the node is down");
    expect(heard.messages).toEqual([]);
  });
});

describe("the port", () => {
  test("a port that is taken is named", async () => {
    const { wire } = await startRig("coordinator");
    const port = Number(new URL(wire.url).port);
    await expect(startRig("ledger", { port })).rejects.toMatchObject({
      code: "TPC_PORT_TAKEN",
      message: `127.0.0.1:${port} is taken by another process`,
    });
  });

  test("an address beyond loopback needs an explicit token", async () => {
    await expect(startRig("coordinator", { host: "0.0.0.0" })).rejects.toMatchObject({ code: "TPC_CONFIG" });
    await startRig("coordinator", { host: "0.0.0.0", allowRemote: true });
  });

  test("whoever connects before the node serves waits, and is then served", async () => {
    const heard = createRecorder();
    const { wire } = await startRig("coordinator", { heard, serve: false });
    const opened = dialRaw(wire.url);
    const tooEarly = await Promise.race([opened.then(() => "served"), once(dialTcp(wire.url), "connect")]);
    expect(tooEarly).not.toBe("served");
    wire.serve(heard);
    const peer = await opened;
    peer.say(hello(null), { type: "subscribe" });
    await until(() => heard.told.includes("client subscribe"), "it is heard");
  });

  test("after close nothing listens and nobody is told anything", async () => {
    const { wire, heard } = await startRig("coordinator");
    const peer = await dialRaw(wire.url);
    peer.say(hello({ name: nodeName("warehouse") }));
    await until(() => heard.told.includes("up warehouse 1"), "the node is up");
    const stranger = await dialRaw(wire.url);
    const told = heard.told.length;
    await Promise.all([wire.close(), wire.close()]);
    expect([await peer.closed, await stranger.closed]).toEqual([CLOSE.goingAway, CLOSE.goingAway]);
    expect(heard.told.length).toBe(told);
    await expect(dialRaw(wire.url)).rejects.toThrow("ECONNREFUSED");
  });
});
