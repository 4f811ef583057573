import { once } from "node:events";
import type { Socket } from "node:net";
import { SUBPROTOCOL } from "../../src/schema/session.ts";
import { dialTcp } from "../drivers/wire/rig.ts";

// WebSocket frames by hand, for what no client library would send. The masking key is zero, so the payload stays as it is.

export const OPCODE = { continuation: 0, text: 1, ping: 9 } as const;

/** The head of a client's frame that promises `payloadBytes`; `firstByte` holds FIN, RSV1 and the opcode. */
export function frameHead(firstByte: number, payloadBytes: number): Buffer {
  if (payloadBytes < 126) return Buffer.from([firstByte, 0x80 | payloadBytes, 0, 0, 0, 0]);
  if (payloadBytes < 65_536) {
    const head = Buffer.from([firstByte, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
    head.writeUInt16BE(payloadBytes, 2);
    return head;
  }
  const head = Buffer.alloc(14);
  head.set([firstByte, 0x80 | 127]);
  head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return head;
}

export function rawFrame(firstByte: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string);
  return Buffer.concat([frameHead(firstByte, bytes.length), bytes]);
}

export function textFrame(text: string): Buffer {
  return rawFrame(0x80 | OPCODE.text, text);
}

/** Opens a WebSocket on a plain socket; what the node sends from then on is the caller's to read, or not. */
export async function upgrade(url: string, headers: readonly string[] = []): Promise<Socket> {
  const socket = dialTcp(url);
  const lines = [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
    ...headers,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [head] = await once(socket, "data");
  if (!String(head).startsWith("HTTP/1.1 101")) throw new Error(String(head));
  if (/permessage-deflate/i.test(String(head))) throw new Error("the node accepted compression");
  return socket;
}

/** Writes as fast as the other end takes it; false when it closed before everything was taken. */
export async function pour(socket: Socket, chunk: Buffer, times: number): Promise<boolean> {
  for (let sent = 0; sent < times; sent += 1) {
    if (socket.destroyed || !socket.writable) return false;
    if (!socket.write(chunk) && !(await drained(socket))) return false;
  }
  return true;
}

/** True once it takes more, false when it has closed. */
function drained(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (takesMore: boolean) => () => {
      socket.off("drain", onDrain).off("close", onClose);
      resolve(takesMore);
    };
    const [onDrain, onClose] = [settle(true), settle(false)];
    socket.on("drain", onDrain).on("close", onClose);
  });
}

/** Everything the other end still sends, up to the close. */
export async function drainToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, "close").catch(() => undefined);
  return Buffer.concat(chunks);
}

/** The code of the close frame that ends the bytes, null where there is none. */
export function closeCodeOf(bytes: Buffer): number | null {
  const at = bytes.lastIndexOf(0x88);
  return at < 0 || at + 4 > bytes.length ? null : bytes.readUInt16BE(at + 2);
}
