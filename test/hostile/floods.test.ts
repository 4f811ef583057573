import { once } from "node:events";
import type { Socket } from "node:net";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/client/connect.ts";
import { CLOSE, STRANGERS_MAX } from "../../src/drivers/wire/limits.ts";
import { dialRaw, dialTcp, hello, until } from "../drivers/wire/rig.ts";
import {
  closeCodeOf,
  drainToEnd,
  frameHead,
  OPCODE,
  pour,
  rawFrame,
  textFrame,
  upgrade,
} from "./raw-frames.ts";
import { countSockets, startTarget, type Target, withstand } from "./target.ts";

// Goal: neither much data, nor many frames, nor many connections, nor silence costs a node more than a bounded
// amount of memory, or keeps it from serving those it knows.

const FIN = 0x80;
const RSV1 = 0x40;
const MEBIBYTE = 1024 * 1024;
let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.remove());

async function greeted(): Promise<Socket> {
  const socket = await upgrade(target.nodes.coordinator.url);
  socket.write(textFrame(JSON.stringify([hello(null, { token: target.token })])));
  await once(socket, "data");
  return socket;
}

test("a hundred frames of 100 MiB are refused at their first bytes", { timeout: 10_000 }, async () => {
  const chunk = Buffer.alloc(MEBIBYTE, "x");
  await withstand(target, "coordinator", async () => {
    for (let round = 0; round < 10; round += 1) {
      const ends = Array.from({ length: 10 }, async (_, index) => {
        const socket = index % 2 === 0 ? await greeted() : await upgrade(target.nodes.coordinator.url);
        const end = drainToEnd(socket);
        socket.write(frameHead(FIN | OPCODE.text, 100 * MEBIBYTE));
        expect(await pour(socket, chunk, 100), "the node takes 100 MiB").toBe(false);
        return closeCodeOf(await end);
      });
      // Whoever is still pouring may see a reset in place of the close frame.
      for (const closeCode of await Promise.all(ends)) expect([CLOSE.tooBig, null]).toContain(closeCode);
    }
  });
});

test("a frame of 100 MiB in pieces of 64 KiB, and one in a million of one byte", {
  timeout: 10_000,
}, async () => {
  await withstand(target, "coordinator", async () => {
    for (const pieceBytes of [65_536, 1]) {
      const socket = await greeted();
      const end = drainToEnd(socket);
      socket.write(rawFrame(OPCODE.text, "["));
      const piece = rawFrame(OPCODE.continuation, "1".repeat(pieceBytes));
      const pieces = Buffer.concat(Array.from({ length: Math.ceil(65_536 / pieceBytes) }, () => piece));
      expect(await pour(socket, pieces, 1_600), "the node takes all pieces").toBe(false);
      expect([CLOSE.tooBig, CLOSE.policy, null]).toContain(closeCodeOf(await end));
    }
  });
});

test("a compression bomb is not unpacked: compression is offered and declined", async () => {
  const bomb = deflateRawSync(Buffer.alloc(100 * MEBIBYTE, " "), { level: 9 });
  await withstand(target, "coordinator", async () => {
    const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    const socket = await upgrade(target.nodes.coordinator.url, [offer]);
    const end = drainToEnd(socket);
    socket.write(rawFrame(FIN | RSV1 | OPCODE.text, bomb));
    expect(closeCodeOf(await end)).toBe(1002);
  });
});

test("a million small frames, while somebody else is answered", { timeout: 20_000 }, async () => {
  await withstand(target, "coordinator", async () => {
    const socket = await greeted();
    socket.resume();
    const frames = [
      rawFrame(FIN | OPCODE.ping, ""),
      textFrame('[{"type":"error","code":"a","message":""}]'),
      rawFrame(FIN | 0xa, "late"),
    ];
    const thousands = frames.map((frame) => Buffer.concat(Array.from({ length: 1_000 }, () => frame)));
    for (let sent = 0; sent < 1_000; sent += 1) {
      const chunk = thousands[sent % thousands.length] ?? Buffer.alloc(0);
      expect(await pour(socket, chunk, 1), "the connection lasts").toBe(true);
      if (sent % 100 === 0) await (await target.client("coordinator")).nodeView();
    }
    // The answer to what comes last shows that all of it was taken.
    socket.write(textFrame('[{"type":"subscribe"}]'));
    let tail = "";
    const answered = (chunk: Buffer) => {
      tail = (tail + chunk.toString("latin1")).slice(-200_000);
    };
    socket.on("data", answered);
    await until(() => tail.includes('"type":"snapshot"'), "the last frame is answered");
    socket.destroy();
  });
});

test("a client that asks and never reads is cut off", { timeout: 20_000 }, async () => {
  const { pid } = target.nodes.warehouse;
  await withstand(
    target,
    "warehouse",
    async () => {
      const sockets = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const socket = await upgrade(target.nodes.warehouse.url);
          socket.write(textFrame(JSON.stringify([hello(null, { token: target.token })])));
          await once(socket, "data");
          socket.pause();
          return socket;
        }),
      );
      const connected = await countSockets(pid);
      const pings = Buffer.concat(
        Array.from({ length: 5_000 }, () => rawFrame(FIN | OPCODE.ping, "x".repeat(120))),
      );
      const questions = Array.from({ length: 2_000 }, (_, queryId) => ({
        type: "query",
        queryId,
        what: "rows",
      }));
      for (const socket of sockets) {
        const asked = textFrame(JSON.stringify([{ type: "subscribe" }, ...questions]));
        for (let round = 0; round < 20; round += 1) socket.write(asked);
        for (let round = 0; round < 20; round += 1) socket.write(pings);
      }
      for (let count = 0; count < 5; count += 1) expect((await target.order()).outcome).toBe("committed");
      await expect.poll(() => countSockets(pid), { timeout: 12_000 }).toBeLessThanOrEqual(connected - 8);
      // What the orders changed is not this attack's doing.
    },
    { orders: true },
  );
});

test("slow handshakes, half-open sockets and a thousand silent connections", {
  timeout: 20_000,
}, async () => {
  const { pid, url } = target.nodes.coordinator;
  const before = await countSockets(pid);
  await withstand(target, "coordinator", async () => {
    const watcher = await target.client("coordinator");
    const slow = Array.from({ length: 200 }, () => dialTcp(url));
    for (const socket of slow) socket.write("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    const trickle = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write("a");
    }, 250);
    const silent = Array.from({ length: 500 }, () => dialTcp(url));
    const halfOpen = Array.from({ length: 200 }, () => dialTcp(url));
    for (const socket of halfOpen) socket.end("GET / HTTP/1.1\r\n");
    const strangers = await Promise.allSettled(Array.from({ length: 1_000 }, () => dialRaw(url)));
    const closed = strangers.map(async (each) => (each.status === "fulfilled" ? each.value.closed : 0));
    let closedCount = 0;
    for (const end of closed) void end.then(() => (closedCount += 1));
    await until(() => closedCount >= 1_000 - STRANGERS_MAX, "room made by the strangers beyond the limit");
    // Those it knows are served all the while, and somebody new is let in at once.
    expect((await watcher.nodeView()).peers.every((peer) => peer.connected)).toBe(true);
    const startedMs = performance.now();
    (await connect(url, { token: target.token })).close();
    expect(performance.now() - startedMs, "how long somebody new waits").toBeLessThan(2_000);
    await expect
      .poll(() => countSockets(pid), { timeout: 12_000, interval: 100 })
      .toBeLessThanOrEqual(before + 2);
    clearInterval(trickle);
    for (const socket of [...slow, ...silent, ...halfOpen]) socket.destroy();
  });
});
