import { type Dialer, type DialerOptions, startDialer } from "./dialer.ts";
import { parseNodeUrl, readNodeUrl } from "./url.ts";

export type DialersOptions = Omit<DialerOptions, "url" | "wanted"> & { readonly addressesMax: number };

/** All diallers of a node, one a URL. */
export interface Dialers {
  /** Keeps a connection to the URL for good. Throws TPC_USAGE for what is not an address. */
  keep(url: string): void;
  /** Keeps one while messages for it come; a URL that is no address is reported once. */
  demand(url: string): void;
  wake(): void;
  stop(): void;
}

type Entry = { readonly dialer: Dialer; wantedUntilMs: number };

/** Addresses that are no addresses, remembered so that each is reported once. */
const BAD_URLS_MAX = 100;

export function createDialers(options: DialersOptions): Dialers {
  const entries = new Map<string, Entry>();
  const bad = new Set<string>();
  let isFull = false;

  const want = (url: string, untilMs: number) => {
    const known = entries.get(url);
    if (known !== undefined) {
      known.wantedUntilMs = Math.max(known.wantedUntilMs, untilMs);
      known.dialer.wake();
      return;
    }
    if (entries.size >= options.addressesMax && !makeRoom()) {
      if (!isFull)
        options.onProblem(`more than ${options.addressesMax} addresses to dial; ${url} and others are not`);
      isFull = true;
      return;
    }
    const isWanted = () => (entries.get(url)?.wantedUntilMs ?? untilMs) > options.clock.nowMs();
    entries.set(url, {
      dialer: startDialer({ ...options, url, wanted: isWanted }),
      wantedUntilMs: untilMs,
    });
  };

  const makeRoom = (): boolean => {
    for (const [url, { dialer, wantedUntilMs }] of entries) {
      if (!dialer.isResting() || wantedUntilMs > options.clock.nowMs()) continue;
      dialer.stop();
      return entries.delete(url);
    }
    return false;
  };

  return {
    keep: (url) => want(parseNodeUrl(url), Number.POSITIVE_INFINITY),
    demand(url) {
      const address = readNodeUrl(url);
      if (address !== null) {
        want(address, options.clock.nowMs() + options.timing.demandMs);
      } else if (!bad.has(url) && bad.size < BAD_URLS_MAX) {
        bad.add(url);
        options.onProblem(`"${url}" is not a node's address`);
      }
    },
    wake: () => {
      for (const { dialer } of entries.values()) dialer.wake();
    },
    stop: () => {
      for (const { dialer } of entries.values()) dialer.stop();
    },
  };
}
