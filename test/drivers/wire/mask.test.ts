import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { openSocket } from "../../../src/drivers/wire/dialer.ts";
import { maskingTo } from "../../../src/drivers/wire/mask.ts";
import { afterTest } from "./rig.ts";

const FRAME_BYTES_MAX = 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;

test("what goes to this machine crosses the wire as it is, in a frame with a mask of zeros", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterTest(() => server.close());
  const { port } = server.address() as AddressInfo;
  const sockets = new WebSocketServer({ noServer: true });
  const chunks = new Promise<Buffer>((resolve) => {
    server.once("upgrade", (request, stream: Socket, head) => {
      afterTest(() => stream.destroy());
      stream.once("data", resolve);
      sockets.handleUpgrade(request, stream, head, () => {});
    });
  });
  const socket = openSocket(`ws://127.0.0.1:${port}`, FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT_MS);
  afterTest(() => socket.terminate());
  await once(socket, "open");
  socket.send("[]");
  // A whole text frame, masked, of two bytes; the mask; the two.
  expect(await chunks).toEqual(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from("[]")]));
});

test.each([
  ["ws://127.0.0.1:7420", true],
  ["ws://127.8.9.10:7420", true],
  ["ws://[::1]:7420", true],
  ["ws://localhost:7420", true],
  ["ws://10.0.0.1:7420", false],
  ["ws://[fe80::1]:7420", false],
  ["wss://localhost.example:7420", false],
  ["ws://127.0.0.1.example:7420", false],
])("to %s it is so: %s", (url, isSo) => {
  expect("generateMask" in maskingTo(url)).toBe(isSo);
});
