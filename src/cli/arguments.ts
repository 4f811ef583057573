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

/** A whole number in a range, both ends included. */
function wholeArgument(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`it should be a whole number from ${min} to ${max}`);
  };
}

/** How many rows are shown. */
export const limitArgument = wholeArgument(1, 100_000);
/** How many participants a model has: each multiplies its states by up to six. */
export const participantsArgument = wholeArgument(1, 9);
/** How often something may happen in a model: each time multiplies its states. */
export const budgetArgument = wholeArgument(0, 3);
export const exploredCoordinatorsArgument = wholeArgument(1, 3);
/** After how many states an exploration ends. */
export const statesArgument = wholeArgument(1, 99_999_999);
/** Of the explorer: MiB. */
export const memoryArgument = wholeArgument(64, 16_777_216);

/** Of the simulator: a seed, and how many of them. */
export const seedArgument = wholeArgument(0, 9_007_199_254_740_991);
export const seedsArgument = wholeArgument(1, 100_000_000);

/** Of a benchmark: transactions in all, and before the measuring. */
export const transactionsArgument = wholeArgument(1, 100_000_000);
export const warmUpArgument = wholeArgument(0, 100_000_000);
/** Transactions in flight, of which a coordinator has 20 000 at most, and begun in a second. */
export const concurrencyArgument = wholeArgument(1, 20_000);
export const rateArgument = wholeArgument(1, 1_000_000);
export const benchParticipantsArgument = wholeArgument(2, 8);
export const coordinatorsArgument = wholeArgument(1, 8);

/** A share from 0 to 1. */
export function shareArgument(text: string): number {
  const share = /^(?:0?\.[0-9]{1,6}|[01](?:\.0{1,6})?)$/.test(text) ? Number(text) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("it should be a share from 0 to 1, such as 0.25");
}

/** How often a fault fires: 0 to 1 000. */
export function faultTimesArgument(text: string): number {
  const times = /^[0-9]{1,4}$/.test(text) ? Number(text) : -1;
  if (times < 0 || times > 1_000)
    throw new InvalidArgumentError("it should be a whole number from 0 to 1000");
  return times;
}

/** A node's name. Throws TPC_USAGE. */
export function checkNodeName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(name)) return name;
  throw new TpcError(
    "TPC_USAGE",
    `${JSON.stringify(name)} is not a node's name: a letter, then letters, digits and dashes, at most 32, lower case`,
  );
}
