import { TpcError } from "../../core/errors.ts";

/** The one spelling of a node's address, `ws://HOST:PORT` or `wss://HOST:PORT`. Throws TPC_USAGE for anything else. */
export function parseNodeUrl(text: string): string {
  const url = readNodeUrl(text);
  if (url !== null) return url;
  throw new TpcError("TPC_USAGE", `"${text}" is not a node's address; one looks like ws://127.0.0.1:7420`);
}

/** The same, with null for what is not an address. */
export function readNodeUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if ((url.protocol !== "ws:" && url.protocol !== "wss:") || url.hostname === "") return null;
  if (url.username !== "" || url.password !== "" || url.hash !== "") return null;
  return url.pathname === "/" && url.search === "" ? url.href.slice(0, -1) : url.href;
}

/** `ws://HOST:PORT`, with brackets around an IPv6 address. */
export function nodeUrl(host: string, port: number): string {
  return `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** True for addresses that only this machine can reach. A name counts only if it is `localhost`. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
