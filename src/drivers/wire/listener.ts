import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { TpcError } from "../../core/errors.ts";
import { SUBPROTOCOL } from "../../schema/session.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";
import type { Room } from "./room.ts";
import { isLoopback } from "./url.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Without it only loopback addresses are accepted. */
  readonly allowRemote: boolean;
  /** Origins of browser pages that may connect; no other program sends one. */
  readonly originsAllowed: readonly string[];
  readonly handshakeTimeoutMs: number;
  readonly room: Room;
}

export interface Listener {
  readonly port: number;
  /** Sockets are accepted from now on; those that came before have waited. */
  serve(accept: (socket: WebSocket) => void): void;
  close(): Promise<void>;
}

/**
 * Opens the port. Throws TPC_PORT_TAKEN naming the address, TPC_CONFIG for an address beyond loopback that was not
 * allowed, or one that this machine does not have.
 */
export async function startListener(options: ListenOptions): Promise<Listener> {
  const { host, port, room } = options;
  if (!options.allowRemote && !isLoopback(host)) {
    const message = `${host} can be reached from other machines; that takes a token file given with --token-file`;
    throw new TpcError("TPC_CONFIG", message);
  }
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    clientTracking: false,
    maxPayload: FRAME_BYTES_MAX,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const server = createServer(
    {
      headersTimeout: options.handshakeTimeoutMs,
      requestTimeout: options.handshakeTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 1_000,
    },
    (_request, response) => {
      response.writeHead(426, { connection: "close", "content-type": "text/plain" });
      response.end("This is a node of 2pc-console; it speaks WebSocket.\n");
    },
  );
  server.maxConnections = room.connections;

  let accept: ((socket: WebSocket) => void) | null = null;
  const early: { readonly socket: Duplex; run(): void }[] = [];
  const silent = makeRoom(server, room.silent);

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (accept === null || socket.destroyed) return;
    const status = reviewUpgrade(request, options.originsAllowed);
    if (status !== null) return answer(socket, status);
    sockets.handleUpgrade(request, socket, head, accept);
  };
  server.on("upgrade", (request, socket, head) => {
    silent.delete(socket);
    socket.on("error", () => socket.destroy());
    if (accept !== null) upgrade(request, socket, head);
    else if (early.length < room.strangers) early.push({ socket, run: () => upgrade(request, socket, head) });
    else answer(socket, 503);
  });
  server.on("clientError", (_error, socket) => socket.destroy());

  const bound = await listen(server, host, port);
  return {
    port: bound,
    serve(given) {
      accept = given;
      for (const { run } of early.splice(0)) run();
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of early.splice(0)) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Connections that have not asked for anything yet, the oldest first. When there are too many, who has been silent for longest
 * makes room: a crowd of them keeps nobody out.
 */
function makeRoom(server: Server, silentMax: number): Set<Duplex> {
  const silent = new Set<Duplex>();
  server.on("connection", (socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
    const [longest] = silent;
    if (silent.size > silentMax) longest?.destroy();
  });
  return silent;
}

function reviewUpgrade(request: IncomingMessage, originsAllowed: readonly string[]): number | null {
  const origin = request.headers.origin;
  if (origin !== undefined && !originsAllowed.includes(origin)) return 403;
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some((name) => name.trim() === SUBPROTOCOL) ? null : 400;
}

const STATUS: Readonly<Record<number, string>> = {
  400: `Bad Request: the subprotocol is ${SUBPROTOCOL}`,
  403: "Forbidden: this Origin is not allowed",
  503: "Service Unavailable: too many connections",
};

function answer(socket: Duplex, status: number): void {
  const [reason = ""] = (STATUS[status] ?? "").split(":");
  const body = `${STATUS[status] ?? ""}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      reject(
        taken
          ? new TpcError("TPC_PORT_TAKEN", `${host}:${port} is taken by another process`, { cause: error })
          : new TpcError("TPC_CONFIG", `cannot listen on ${host}:${port}: ${error.message}`, {
              cause: error,
            }),
      );
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      // An accept that fails for want of file descriptors is not the end of the process.
      server.on("error", () => {});
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
