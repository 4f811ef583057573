import { createClock } from "../drivers/clock.ts";
import { createRandom } from "../drivers/random.ts";
import { WIRE_TIMING, type WireTiming } from "../drivers/wire/limits.ts";
import { parseNodeUrl, readNodeUrl } from "../drivers/wire/url.ts";
import type { Watcher, WatchUpdate } from "../observe/ports.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Tally } from "../schema/tally.ts";
import { type NodeWatch, startNodeWatch } from "./node-watch.ts";
import { createShare } from "./share.ts";

export interface WatchOptions {
  /** Where to begin; the other nodes are found through these. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly timing?: Partial<WireTiming> | undefined;
  /**
   * Under load a share of the transactions is enough, with tallies of them all: for who looks on, and cannot take in everything.
   * Everything is told where absent.
   */
  readonly sampling?: boolean;
}

export interface ClusterWatcher extends Watcher {
  /** A node is known to listen there: it is looked for at once, however long it was away. */
  expect(url: string, name: NodeName): void;
  close(): void;
}

/** Events of one node kept for listeners that come later; beyond it they get a new snapshot. */
const EVENTS_KEPT_MAX = 5_000;

/** What listeners were told of a node, for those who come later. */
interface Known {
  link: { readonly up: true } | { readonly up: false; readonly why: string };
  snapshot: Snapshot | null;
  tally: Tally | null;
  /** Null where they have become too many. */
  events: NodeEvent[] | null;
}

interface Watch {
  readonly url: string;
  readonly watch: NodeWatch;
  /** Whose it is, once that is known. */
  name: NodeName | null;
  isUp: boolean;
}

/** Watches every node of a cluster, for ever, and finds new ones by the peers that nodes tell of. Throws TPC_USAGE for a bad URL. */
export function watchCluster(options: WatchOptions): ClusterWatcher {
  const timing = { ...WIRE_TIMING, ...options.timing };
  const shared = { token: options.token, timing, clock: createClock(), random: createRandom() };
  const seeds = new Set(options.urls.map(parseNodeUrl));
  const listeners = new Set<(update: WatchUpdate) => void>();
  const known = new Map<NodeName, Known>();
  const watches = new Map<string, Watch>();
  const share = options.sampling
    ? createShare(shared.clock, (oneIn) => {
        for (const { watch } of watches.values()) watch.sample(oneIn);
      })
    : null;

  const tell = (update: WatchUpdate) => {
    remember(known, update);
    for (const listener of listeners) listener(update);
  };

  const isWatched = (name: NodeName | null) =>
    [...watches.values()].some((other) => other.name === name && other.isUp);

  const discover = (peers: readonly { readonly name: NodeName; readonly url: string }[]) => {
    for (const { name, url } of peers) {
      const address = readNodeUrl(url);
      if (address !== null && !isWatched(name)) start(address, name);
    }
  };

  const start = (url: string, name: NodeName | null) => {
    if (watches.has(url)) return;
    const watch = startNodeWatch({
      ...shared,
      url,
      ...(share !== null && { oneIn: share.oneIn() }),
      connected(node) {
        const isNeeded = !isWatched(node.name);
        if (isNeeded) {
          forgetMoved(node.name, url);
          entry.name = node.name;
          entry.isUp = true;
          tell({ type: "connected", node: node.name });
        } else watches.delete(url);
        return isNeeded;
      },
      disconnected(why) {
        const wasUp = entry.isUp;
        entry.isUp = false;
        if (entry.name === null || isWatched(entry.name)) return;
        share?.gone(entry.name);
        if (wasUp || !known.has(entry.name)) tell({ type: "disconnected", node: entry.name, why });
      },
      tally(tally) {
        tell({ type: "tally", tally });
        share?.heard(tally);
      },
      snapshot(snapshot) {
        tell({ type: "snapshot", snapshot });
        discover(snapshot.node.peers);
      },
      events(events) {
        tell({ type: "events", events });
        discover(events.flatMap(({ body }) => (body.type === "peer-changed" ? [body.peer] : [])));
      },
    });
    const entry: Watch = { url, watch, name, isUp: false };
    watches.set(url, entry);
  };

  /** A node that answers at a new address is not looked for at its old one. */
  const forgetMoved = (name: NodeName, url: string) => {
    for (const other of [...watches.values()]) {
      if (other.name !== name || other.url === url || seeds.has(other.url)) continue;
      other.watch.stop();
      watches.delete(other.url);
    }
  };

  for (const url of seeds) start(url, null);
  return {
    subscribe(listener) {
      for (const [node, state] of known) replay(node, state, listener);
      listeners.add(listener);
      for (const { name, watch } of watches.values()) {
        if (name !== null && known.get(name)?.events === null) watch.refresh();
      }
      return () => listeners.delete(listener);
    },
    expect(text, name) {
      const url = readNodeUrl(text);
      const watched = url === null ? undefined : watches.get(url);
      if (watched !== undefined) watched.watch.hurry();
      else if (url !== null && !isWatched(name)) start(url, name);
    },
    close() {
      listeners.clear();
      share?.stop();
      for (const { watch } of watches.values()) watch.stop();
    },
  };
}

function remember(known: Map<NodeName, Known>, update: WatchUpdate): void {
  switch (update.type) {
    case "connected":
      known.set(update.node, { link: { up: true }, snapshot: null, tally: null, events: [] });
      break;
    case "disconnected": {
      const state = known.get(update.node) ?? { snapshot: null, tally: null, events: [] };
      known.set(update.node, { ...state, link: { up: false, why: update.why } });
      break;
    }
    case "snapshot": {
      const state = known.get(update.snapshot.node.name);
      if (state !== undefined) Object.assign(state, { snapshot: update.snapshot, tally: null, events: [] });
      break;
    }
    case "events": {
      const [first] = update.events;
      const state = first === undefined ? undefined : known.get(first.node);
      if (state === undefined || state.events === null) break;
      if (state.events.length + update.events.length > EVENTS_KEPT_MAX) state.events = null;
      else state.events.push(...update.events);
      break;
    }
    case "tally": {
      const state = known.get(update.tally.node);
      if (state === undefined) break;
      state.tally = update.tally;
      // Rows are not kept for those who come later: they get a new snapshot.
      if (update.tally.rows !== undefined) state.events = null;
      break;
    }
    case "process":
      break;
  }
}

function replay(node: NodeName, state: Known, listener: (update: WatchUpdate) => void): void {
  if (state.link.up) listener({ type: "connected", node });
  if (state.snapshot !== null && state.events !== null) {
    listener({ type: "snapshot", snapshot: state.snapshot });
    if (state.tally !== null) listener({ type: "tally", tally: state.tally });
    if (state.events.length > 0) listener({ type: "events", events: [...state.events] });
  }
  if (!state.link.up) listener({ type: "disconnected", node, why: state.link.why });
}
