import WebSocket from "ws";
import { ERROR_CODES } from "../../core/errors.ts";
import type { Clock, Random } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import { type HelloNode, SUBPROTOCOL } from "../../schema/session.ts";
import { createBackoff } from "./backoff.ts";
import { greet } from "./greeting.ts";
import { CLOSE, FRAME_BYTES_MAX, type WireTiming } from "./limits.ts";
import type { CutWay, Link, LinkEnd, LinkHandlers, Refusal } from "./link.ts";
import { maskingTo } from "./mask.ts";

export interface DialerOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: WireTiming;
  readonly token: string;
  readonly self: HelloNode;
  /** False lets the dialler rest in place of its next attempt. */
  wanted(): boolean;
  isConnected(name: NodeName): boolean;
  isCut(name: NodeName, way: CutWay): boolean;
  review(node: HelloNode): Refusal | null;
  opened(link: Link): void;
  ended(link: Link): void;
  met(link: Link, node: HelloNode): LinkHandlers;
  onProblem(text: string): void;
}

/** Keeps a connection to one URL. */
export interface Dialer {
  /** A peer was lost, or a message waits: dials now, if it rests because it was not wanted or another link was enough. */
  wake(): void;
  /** True while it dials nothing and has no link that it dialled. */
  isResting(): boolean;
  /** Dials no more; leaves the link that it has. */
  stop(): void;
}

export function startDialer(options: DialerOptions): Dialer {
  const { clock, timing, url } = options;
  const backoff = createBackoff(timing, options.random);
  let name: NodeName | null = null;
  let state: "resting" | "waiting" | "busy" | "stopped" = "resting";
  let reported = "";
  let cancel = () => {};

  const attempt = () => {
    if (state === "stopped") return;
    if (!options.wanted() || (name !== null && options.isConnected(name))) {
      state = "resting";
      return;
    }
    state = "busy";
    const socket = openSocket(url, FRAME_BYTES_MAX, timing.helloTimeoutMs);
    greet(socket, {
      clock,
      timing,
      token: options.token,
      self: options.self,
      dialled: true,
      isCut: (met, way) => met !== null && options.isCut(met.name, way),
      review: (met) => reviewDialled(options, met),
      opened: options.opened,
      ended: options.ended,
      met: (link, met) => {
        if (met === null) throw new TypeError("a client was reviewed as a node");
        name = met.name;
        reported = "";
        backoff.reset();
        const handlers = options.met(link, met);
        return { ...handlers, closed: (end) => finish(end, handlers.closed) };
      },
      failed: (end) => finish(end, () => {}),
    });
  };

  const finish = (end: LinkEnd, tell: (end: LinkEnd) => void) => {
    tell(end);
    if (state === "stopped") return;
    const problem = describeRefusal(url, end);
    if (problem !== null && problem !== reported) options.onProblem(problem);
    reported = problem ?? reported;
    state = "waiting";
    cancel = clock.schedule(isHopeless(end) ? timing.refusedRetryMs : backoff.nextMs(), attempt);
  };

  attempt();
  return {
    wake: () => {
      if (state === "resting") attempt();
    },
    isResting: () => state === "resting",
    stop: () => {
      state = "stopped";
      cancel();
    },
  };
}

/**
 * A client's end of a WebSocket, as every part of this program opens it. `url` must have been parsed before. With
 * `frameByFrame` the loop comes round between two frames, however many have arrived.
 */
export function openSocket(
  url: string,
  frameBytesMax: number,
  handshakeTimeoutMs: number,
  frameByFrame = false,
): WebSocket {
  return new WebSocket(url, [SUBPROTOCOL], {
    perMessageDeflate: false,
    autoPong: false,
    followRedirects: false,
    maxPayload: frameBytesMax,
    handshakeTimeout: handshakeTimeoutMs,
    allowSynchronousEvents: !frameByFrame,
    ...maskingTo(url),
  });
}

function reviewDialled(options: DialerOptions, node: HelloNode | null): Refusal | null {
  if (node === null) {
    return { closeCode: CLOSE.protocol, code: "TPC_PROTOCOL", message: "a node must say who it is" };
  }
  return options.review(node);
}

/** Null where nobody refused anybody, or where a node has met itself. */
function describeRefusal(url: string, end: LinkEnd): string | null {
  const refusal = end.error ?? end.refusal;
  if (refusal === null || refusal.code === "self") return null;
  const verb = end.error === null ? "was not accepted" : "refused this node";
  const hint = Object.entries(ERROR_CODES).find(([code]) => code === refusal.code)?.[1].hint;
  return `${url} ${verb}: ${refusal.message} (${refusal.code})${hint === undefined ? "" : `; ${hint}`}`;
}

/** Trying again soon cannot help: somebody has to change something first. */
function isHopeless(end: LinkEnd): boolean {
  const code = end.error?.code ?? end.refusal?.code;
  return code === "TPC_TOKEN" || code === "TPC_PROTOCOL" || code === "self";
}
