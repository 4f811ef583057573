import WebSocket, { WebSocketServer } from "ws";
import { TpcError } from "../../core/errors.ts";
import { maskingTo } from "../../drivers/wire/mask.ts";
import type { FloorJob, WorkerLine } from "../job.ts";
import { openFloorLog } from "./floor-log.ts";
import type { FloorMessage } from "./floor-message.ts";
import { createFloorCoordinator, createFloorParticipant, type FloorNode } from "./floor-node.ts";
import { createTurnLines, type TurnLine } from "./turn-lines.ts";

/** Runs one node of the floor until this process ends. Says `ready` when it listens and its lines are open. */
export async function serveFloor(
  job: FloorJob,
  say: (line: WorkerLine) => void,
  fail: (error: TpcError) => void,
) {
  const log = openFloorLog(job.logPath, fail);
  const lines = createTurnLines(() => log.flush());
  const peers = new Map<string, TurnLine>();
  const parts = { job, log, lines };
  const node =
    job.coordinatorUrls === null ? createFloorCoordinator(parts, peers) : createFloorParticipant(parts);
  const url = await listen((socket) => {
    // A participant that dials says who it is; whoever does not is the load.
    socket.once("message", (data) => {
      const messages: FloorMessage[] = JSON.parse(data.toString());
      const [first] = messages;
      const line = lines.open(socket, first?.type === "hello" ? "node" : "load", node);
      if (first?.type === "hello") peers.set(first.name, line);
      for (const message of messages) node(message, line);
    });
  });
  await Promise.all((job.coordinatorUrls ?? []).map((to) => dial(to, job.name, lines, node)));
  say({ type: "ready", url });
}

function listen(accept: (socket: WebSocket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      accept(socket);
    });
    server.once("error", reject);
    server.once("listening", () => {
      const address = server.address();
      if (typeof address === "string" || address === null) return reject(new TypeError("no port"));
      resolve(`ws://127.0.0.1:${address.port}`);
    });
  });
}

/** Opens a socket that compresses nothing. Rejects with TPC_UNREACHABLE. */
export function openFloorSocket(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...maskingTo(url) });
    socket.once("open", () => resolve(socket));
    socket.on("error", (error) => reject(new TpcError("TPC_UNREACHABLE", `${url}: ${error.message}`)));
  });
}

async function dial(
  url: string,
  name: string,
  lines: ReturnType<typeof createTurnLines>,
  node: FloorNode,
): Promise<void> {
  const socket = await openFloorSocket(url);
  lines.open(socket, "node", node).say({ type: "hello", name });
}
