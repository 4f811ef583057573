import { createConnection, type Socket } from "node:net";
import { afterEach, expect, vi } from "vitest";
import WebSocket from "ws";
import { createClock } from "../../../src/drivers/clock.ts";
import { createRandom } from "../../../src/drivers/random.ts";
import { startWire, type Wire, type WireOptions } from "../../../src/drivers/wire/wire.ts";
import type { ClientLink, WireHandlers } from "../../../src/runtime/ports.ts";
import type { NodeId, NodeName, StoreId, TransactionId } from "../../../src/schema/ids.ts";
import type { Ack, ProtocolMessage } from "../../../src/schema/protocol.ts";
import { type Hello, PROTOCOL_VERSION, SUBPROTOCOL } from "../../../src/schema/session.ts";

export const TOKEN = "a-token-of-this-test";
export const STORES = { a: "aaaaaaaaaaaa", b: "bbbbbbbbbbbb", c: "cccccccccccc" };

export const nodeName = (text: string) => text as NodeName;

/** Ends what a test started, in the reverse order. */
const cleanups: (() => unknown)[] = [];
export function afterTest(run: () => unknown): void {
  cleanups.push(run);
}
afterEach(async () => {
  for (const run of cleanups.splice(0).reverse()) await run();
});

/** Handlers that write down what they are told. */
export interface Recorder extends WireHandlers {
  readonly told: string[];
  readonly messages: ProtocolMessage[];
  readonly clients: ClientLink[];
}

export function createRecorder(
  answer: (link: ClientLink, type: string, message: unknown) => void = () => {},
): Recorder {
  const told: string[] = [];
  const messages: ProtocolMessage[] = [];
  const clients: ClientLink[] = [];
  return {
    told,
    messages,
    clients,
    peerUp: (peer) => told.push(`up ${peer.name} ${peer.epoch}`),
    peerDown: (name) => told.push(`down ${name}`),
    roundTrip: (name) => told.push(`round-trip ${name}`),
    protocol: (from, batch) => {
      told.push(`protocol ${from} ${batch.length}`);
      messages.push(...batch);
    },
    directory: (nodes) => told.push(`directory ${nodes.map((node) => node.name).join(" ")}`),
    client: (link, message) => {
      told.push(`client ${message.type}`);
      if (!clients.includes(link)) clients.push(link);
      answer(link, message.type, message);
    },
    clientGone: () => told.push("client gone"),
  };
}

export interface Rig {
  readonly wire: Wire;
  readonly heard: Recorder;
  readonly problems: string[];
}

export interface RigOptions extends Partial<WireOptions> {
  readonly store?: string;
  readonly epoch?: number;
  readonly heard?: Recorder;
  /** False leaves it to the test to call `serve`. */
  readonly serve?: boolean;
}

/** A node's wire on a free port, with short periods and recording handlers. Closed after the test. */
export async function startRig(name: string, options: RigOptions = {}): Promise<Rig> {
  const { store = STORES.a, epoch = 1, heard = createRecorder(), serve = true, timing, ...rest } = options;
  const problems: string[] = [];
  const wire = await startWire({
    self: {
      name: nodeName(name),
      kind: "coordinator",
      nodeId: `${name}-${store}` as NodeId,
      storeId: store as StoreId,
      epoch,
    },
    host: "127.0.0.1",
    port: 0,
    token: TOKEN,
    clock: createClock(),
    random: createRandom(),
    onProblem: (text) => problems.push(text),
    timing: { backoffMinMs: 10, backoffMaxMs: 80, ...timing },
    ...rest,
  });
  afterTest(() => wire.close());
  if (serve) wire.serve(heard);
  return { wire, heard, problems };
}

/** Waits until it holds, ten seconds at most. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  await vi.waitFor(() => expect(holds(), what).toBe(true), { timeout: 10_000, interval: 5 });
}

export function hello(
  node: Partial<NonNullable<Hello["node"]>> | null,
  changes: Partial<Hello> = {},
): unknown {
  const name = node?.name ?? "stranger";
  const base = {
    name,
    kind: "warehouse",
    nodeId: `${name}-${STORES.b}`,
    storeId: STORES.b,
    epoch: 1,
    url: "ws://x",
  };
  return {
    type: "hello",
    version: PROTOCOL_VERSION,
    token: TOKEN,
    node: node === null ? null : { ...base, ...node },
    ...changes,
  };
}

export function ack(from: string, counter = 1): Ack {
  const transactionId = `${from}-${STORES.a}.1.${counter}` as TransactionId;
  return { type: "ack", transactionId, from: nodeName(from) };
}

/** A bare WebSocket that says what a test makes it say. */
export interface RawPeer {
  readonly socket: WebSocket;
  readonly received: { type: string; code?: string; message?: string }[];
  readonly closed: Promise<number>;
  say(...messages: unknown[]): void;
}

export async function dialRaw(url: string, options: WebSocket.ClientOptions = {}): Promise<RawPeer> {
  const socket = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false, ...options });
  afterTest(() => socket.terminate());
  const received: RawPeer["received"] = [];
  socket.on("message", (data) => received.push(...JSON.parse(String(data))));
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return { socket, received, closed, say: (...messages) => socket.send(JSON.stringify(messages)) };
}

/** A plain socket to where a node listens. */
export function dialTcp(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  afterTest(() => socket.destroy());
  return socket;
}
