import { InvalidArgumentError } from "commander";
import { TpcError } from "../core/errors.ts";

/** Where a node listens unless it is told otherwise. */
export const DEFAULT_PORTS = { coordinator: 7420, warehouse: 7421, ledger: 7422 } as const;
export const DEFAULT_URL = `ws://127.0.0.1:${DEFAULT_PORTS.coordinator}`;
const TIMEOUT_MS_MAX = 2_147_483_647;

/** `ws://`, `wss://`, `http://`, `https://` or `HOST:PORT`, as a WebSocket address. */
export function nodeUrlArgument(text: string): string {
  const withScheme = text.includes("://") ? text.replace(/^http(s?):/, "ws$1:") : `ws://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (url === null || !/^wss?:$/.test(url.protocol) || url.hostname === "") {
    throw new InvalidArgumentError(`it should look like ws://127.0.0.1:${DEFAULT_PORTS.coordinator}`);
  }
  return url.pathname === "/" && url.search === "" ? `${url.protocol}//${url.host}` : url.href;
}

/** Gathers a repeatable `--coordinator`. */
export function nodeUrlsArgument(text: string, gathered: readonly string[] = []): readonly string[] {
  return [...gathered, nodeUrlArgument(text)];
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, `[IPV6]:PORT` or a port alone, which is taken on the loopback address. */
export function listenArgument(text: string): ListenAddress {
  const [, bracketed, host, digits] =
    /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):)?([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new InvalidArgumentError("it should be HOST:PORT, with a port from 0 to 65535");
  }
  return { host: bracketed ?? (host || "127.0.0.1"), port };
}

/** Milliseconds from 1 to 2^31 − 1. */
export function timeoutArgument(text: string): number {
  const timeoutMs = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  if (timeoutMs < 1 || timeoutMs > TIMEOUT_MS_MAX) {
    throw new InvalidArgumentError(`it should be a whole number of milliseconds from 1 to ${TIMEOUT_MS_MAX}`);
  }
  return timeoutMs;
}

/** A whole number from 1 to 100 000. */
export function limitArgument(text: string): number {
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 100_000) {
    throw new InvalidArgumentError("it should be a whole number from 1 to 100000");
  }
  return limit;
}

/** How many participants a model has: 1 to 9, for each multiplies its states by up to six. */
export function participantsArgument(text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it should be a whole number from 1 to 9");
}

/** How many crashes a model has: 0 to 3. */
export function crashesArgument(text: string): number {
  if (/^[0-3]$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it should be a whole number from 0 to 3");
}

/** After how many states an exploration ends: 1 to 99 999 999. */
export function statesArgument(text: string): number {
  if (/^[1-9][0-9]{0,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it should be a whole number from 1 to 99999999");
}

/** A node's name. Throws TPC_USAGE. */
export function checkNodeName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(name)) return name;
  throw new TpcError(
    "TPC_USAGE",
    `${JSON.stringify(name)} is not a node's name: a letter, then letters, digits and dashes, at most 32, lower case`,
  );
}
