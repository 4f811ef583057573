import { TpcError } from "../core/errors.ts";
import { createClock } from "../drivers/clock.ts";
import { openSocket } from "../drivers/wire/dialer.ts";
import { greet } from "../drivers/wire/greeting.ts";
import { CLOSE, SNAPSHOT_FRAME_BYTES_MAX, WIRE_TIMING, type WireTiming } from "../drivers/wire/limits.ts";
import type { LinkEnd } from "../drivers/wire/link.ts";
import { parseNodeUrl } from "../drivers/wire/url.ts";
import { type Client, createClient } from "./client.ts";
import { isErrorCode } from "./waiting.ts";

export interface ConnectOptions {
  readonly token: string;
  /** Bounds the connecting, and each query's answer. 5 000 where absent. */
  readonly timeoutMs?: number | undefined;
  /** Heartbeats and the like; tests shorten them. */
  readonly timing?: Partial<WireTiming> | undefined;
  /** Between two frames other things get their turn: for who draws while much is told. */
  readonly frameByFrame?: boolean;
}

const TIMEOUT_MS = 5_000;

/**
 * Connects to a node as a client. Rejects with TPC_USAGE for what is no address, TPC_UNREACHABLE where nobody
 * answers in time, TPC_TOKEN for another cluster's token, TPC_PROTOCOL for another version or another program.
 */
export async function connect(url: string, options: ConnectOptions): Promise<Client> {
  const parsed = parseNodeUrl(url);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const clock = createClock();
  return new Promise((resolve, reject) => {
    const socket = openSocket(parsed, SNAPSHOT_FRAME_BYTES_MAX, timeoutMs, options.frameByFrame);
    greet(socket, {
      clock,
      timing: { ...WIRE_TIMING, ...options.timing, helloTimeoutMs: timeoutMs },
      token: options.token,
      self: null,
      dialled: true,
      isCut: () => false,
      review: (met) =>
        met === null
          ? { closeCode: CLOSE.protocol, code: "TPC_PROTOCOL", message: "a node must say who it is" }
          : null,
      met: (link, node) => {
        if (node === null) throw new TypeError("a client was reviewed as a node");
        const { client, handlers } = createClient({ link, node, url: parsed, clock, timeoutMs });
        resolve(client);
        return handlers;
      },
      failed: (end) => reject(connectError(parsed, timeoutMs, end)),
    });
  });
}

function connectError(url: string, timeoutMs: number, end: LinkEnd): TpcError {
  if (end.error !== null) {
    const { code, message } = end.error;
    return new TpcError(isErrorCode(code) ? code : "TPC_UNREACHABLE", `${url} refused: ${message}`, {
      sent: false,
    });
  }
  if (end.refusal?.code === "no-hello") {
    return new TpcError("TPC_UNREACHABLE", `${url} did not answer within ${timeoutMs} ms`, { sent: false });
  }
  if (end.refusal !== null) {
    const code = isErrorCode(end.refusal.code) ? end.refusal.code : "TPC_PROTOCOL";
    return new TpcError(code, `${url}: ${end.refusal.message}`, { sent: false });
  }
  return new TpcError(
    reachedAnotherProgram(end.why) ? "TPC_PROTOCOL" : "TPC_UNREACHABLE",
    `${url}: ${end.why}`,
    {
      sent: false,
    },
  );
}

/** Somebody listens there and speaks HTTP, or a WebSocket without our subprotocol; a node that is full says 503. */
function reachedAnotherProgram(why: string): boolean {
  return /^(Unexpected server response: (?!503)|Server sent|Invalid|Parse Error)/.test(why);
}
