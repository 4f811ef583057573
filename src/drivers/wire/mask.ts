import type { ClientOptions } from "ws";
import { isLoopback } from "./url.ts";

/**
 * How frames to a node at `url`, as `parseNodeUrl` returns it, are masked. A mask keeps what a client sends from being taken for
 * HTTP by a proxy that knows no WebSockets. On the way from a machine to itself there is none: the mask is zero there, and neither
 * end takes each byte in hand to change it and to change it back.
 */
export function maskingTo(url: string): Pick<ClientOptions, "generateMask"> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  return isLoopback(host) ? { generateMask: maskWithZeros } : {};
}

function maskWithZeros(mask: Buffer): void {
  mask.fill(0);
}
