import { createHash, timingSafeEqual } from "node:crypto";
import type WebSocket from "ws";
import type { Clock } from "../../runtime/ports.ts";
import { type Hello, type HelloNode, PROTOCOL_VERSION } from "../../schema/session.ts";
import { CLOSE, FRAME_BYTES_MAX, type WireTiming } from "./limits.ts";
import { type CutWay, type Link, type LinkEnd, type LinkHandlers, openLink, type Refusal } from "./link.ts";

/** Who has been met: the node's hello, or null for a client. */
export type Met = HelloNode | null;

export interface GreetingOptions {
  readonly clock: Clock;
  readonly timing: WireTiming;
  readonly token: string;
  /** What this end says about itself; null for a client. */
  readonly self: Met;
  /** The end that dialled speaks first; the other shows its token only to one that has shown the same. */
  readonly dialled: boolean;
  /** True while a fault cuts that way of the link to whoever was met. */
  isCut(met: Met, way: CutWay): boolean;
  /** A last look before the greeting counts. */
  review(met: Met): Refusal | null;
  /** The link exists; `ended` follows when it is closed, before anybody else is told. */
  opened?(link: Link): void;
  ended?(link: Link): void;
  /** The greeting is done; returns who hears the link from now on. */
  met(link: Link, met: Met): LinkHandlers;
  /** The greeting failed, for whatever reason; the link is closed or closing. Called once, and never after `met`. */
  failed(end: LinkEnd): void;
}

/**
 * Exchanges hellos on a socket: one that was accepted, or one that was dialled and is not open yet. Refuses another version, another token, and silence.
 * Returns the link, for those who must close it before anybody was met.
 */
export function greet(socket: WebSocket, options: GreetingOptions): Link {
  const { clock, timing, dialled } = options;
  const own: Hello = {
    type: "hello",
    version: PROTOCOL_VERSION,
    token: options.token,
    node: options.self,
  };
  let other: { readonly met: Met } | null = null;
  const link = openLink(socket, {
    clock,
    timing,
    isCut: (way) => other !== null && options.isCut(other.met, way),
    handlers: {
      frame: (messages, bytes) => current.frame(messages, bytes),
      roundTrip: (milliseconds) => current.roundTrip(milliseconds),
      closed: (end) => {
        cancelTimeout();
        options.ended?.(link);
        current.closed(end);
      },
    },
  });
  const cancelTimeout = clock.schedule(timing.helloTimeoutMs, () => {
    link.refuse({ closeCode: CLOSE.noHello, code: "no-hello", message: "no hello arrived in time" });
  });

  const stranger: LinkHandlers = {
    frame: (messages, bytes) => {
      const [hello, ...rest] = messages;
      if (hello === undefined) return;
      if (hello.type !== "hello") {
        link.refuse(refusal(CLOSE.protocol, "TPC_PROTOCOL", "the first message must be hello"));
        return;
      }
      if (options.isCut(hello.node, "in")) {
        other = { met: hello.node };
        return;
      }
      const problem = reviewHello(hello, options.token) ?? options.review(hello.node);
      if (problem !== null) {
        link.refuse(problem);
        return;
      }
      cancelTimeout();
      other = { met: hello.node };
      if (!dialled) link.send([own], FRAME_BYTES_MAX);
      link.startHeartbeat();
      current = options.met(link, hello.node);
      if (rest.length > 0) current.frame(rest, bytes);
    },
    roundTrip: () => {},
    closed: options.failed,
  };
  let current = stranger;

  if (dialled) socket.once("open", () => link.send([own], FRAME_BYTES_MAX));
  options.opened?.(link);
  return link;
}

function reviewHello(hello: Hello, token: string): Refusal | null {
  if (hello.version !== PROTOCOL_VERSION) {
    const message = `this end speaks version ${PROTOCOL_VERSION}, not ${hello.version}`;
    return refusal(CLOSE.protocol, "TPC_PROTOCOL", message);
  }
  if (!isSameToken(hello.token, token)) {
    return refusal(
      CLOSE.token,
      "TPC_TOKEN",
      hello.token === "" ? "no token was given" : "another cluster's token",
    );
  }
  if (hello.node !== null && hello.node.nodeId !== `${hello.node.name}-${hello.node.storeId}`) {
    return refusal(CLOSE.protocol, "TPC_PROTOCOL", "a node id is the node's name and its store");
  }
  return null;
}

/** Hashed first, so that neither content nor length of the right token can be told from the time this takes. */
function isSameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function refusal(closeCode: number, code: string, message: string): Refusal {
  return { closeCode, code, message };
}
