import { noteLateness } from "../observe/lateness.ts";
import type { Model, ModelUpdate } from "../observe/model.ts";
import { emptyModel } from "../observe/model.ts";
import type { Recorder, Watcher } from "../observe/ports.ts";
import { reduceAll } from "../observe/reducer.ts";
import { toldOneIn } from "../observe/tally.ts";
import { createStore } from "./store.ts";

/** The shortest time between two flushes: fifteen a second look alive, and more cost a quarter of a core under load. */
export const FLUSH_INTERVAL_MS = 66;
/** Where so much is done that nobody reads along, what is left of the machine is for doing it, and for hearing of it. */
const BUSY_INTERVAL_MS = 500;
/** So many events a second are told whole only to who asked for all of them. */
const BUSY_EVENTS = 4_000;
/** Heartbeats that only measure a link once more wait for each other: an idle cluster's console sleeps between them. */
const HEARTBEAT_INTERVAL_MS = 1_000;

export interface ModelStore {
  get(): Model;
  subscribe(listener: () => void): () => void;
  /** Adds a line about the user's own doing. */
  note(text: string): void;
  /** Forgets all but which processes there are: the nodes have lost what they kept, and begin anew. */
  forget(): void;
  /** Stops watching. */
  close(): void;
}

interface Options {
  readonly watcher: Watcher;
  /** Is told the user's own doing as well. */
  readonly recorder: Recorder | null;
  nowMs(): number;
  /** Whether the terminal cannot keep up; the flushes are then half as frequent. */
  isSlow(): boolean;
}

/**
 * Collects a watcher's updates and takes them in together: the first at once, the next ones at most every
 * `FLUSH_INTERVAL_MS`, so that neither a lone update waits nor a storm draws a frame for each event.
 */
export function createModelStore({ watcher, recorder, nowMs, isSlow }: Options): ModelStore {
  const store = createStore<Model>(emptyModel());
  let waiting: ModelUpdate[] = [];
  let timer: NodeJS.Timeout | null = null;
  /** Until it fires only heartbeats have come. */
  let heartbeats: NodeJS.Timeout | null = null;
  const rate = createRate(nowMs);

  const flush = (): void => {
    const updates = waiting;
    waiting = [];
    if (heartbeats !== null) clearTimeout(heartbeats);
    heartbeats = null;
    const atMs = nowMs();
    rate.count(updates);
    store.set((model) => noteLateness(reduceAll(model, updates, atMs), updates, atMs));
  };
  const onTimer = (): void => {
    timer = null;
    if (waiting.length === 0) return;
    flush();
    arm();
  };
  const arm = (): void => {
    const isBusy = toldOneIn(store.get()) > 1 || rate.perSecond() > BUSY_EVENTS;
    const intervalMs = isBusy ? BUSY_INTERVAL_MS : FLUSH_INTERVAL_MS;
    timer = setTimeout(onTimer, isSlow() ? 2 * intervalMs : intervalMs);
    timer.unref();
  };
  let subscribing = true;
  const take = (update: ModelUpdate): void => {
    waiting.push(update);
    if (timer !== null || subscribing) return;
    if (isHeartbeat(store.get(), update)) {
      heartbeats ??= setTimeout(flush, HEARTBEAT_INTERVAL_MS).unref();
      return;
    }
    flush();
    arm();
  };

  // What is known already comes during the call: one flush, and the first frame is whole.
  const cancel = watcher.subscribe(take);
  subscribing = false;
  if (waiting.length > 0) {
    flush();
    arm();
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    note(text) {
      recorder?.note(text);
      take({ type: "note", atMs: nowMs(), text });
    },
    forget() {
      waiting = [];
      store.set(({ nodes }) => {
        const processes = [...nodes.values()].flatMap(({ process }) => (process === null ? [] : [process]));
        return reduceAll(
          emptyModel(),
          processes.map((process): ModelUpdate => ({ type: "process", process })),
          nowMs(),
        );
      });
    },
    close() {
      cancel();
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (heartbeats !== null) clearTimeout(heartbeats);
      heartbeats = null;
    },
  };
}

/** How many events are taken in: in the last whole second, or in this one if that is more already. */
function createRate(nowMs: () => number): {
  count(updates: readonly ModelUpdate[]): void;
  perSecond(): number;
} {
  let sinceMs = nowMs();
  let last = 0;
  let current = 0;
  return {
    count(updates) {
      const elapsedMs = nowMs() - sinceMs;
      if (elapsedMs < 0 || elapsedMs >= RATE_MS) {
        last = elapsedMs < 2 * RATE_MS ? current : 0;
        current = 0;
        sinceMs = nowMs();
      }
      for (const update of updates) if (update.type === "events") current += update.events.length;
    },
    perSecond: () => Math.max(last, current),
  };
}

const RATE_MS = 1_000;

/** Whether an update says only how long the way to peers is that are known to be connected. */
function isHeartbeat({ nodes }: Model, update: ModelUpdate): boolean {
  if (update.type !== "events") return false;
  return update.events.every(({ node, body }) => {
    if (body.type !== "peer-changed" || !body.peer.connected) return false;
    const known = nodes.get(node)?.view?.peers.find(({ name }) => name === body.peer.name);
    return known?.connected === true && known.awaiting === body.peer.awaiting;
  });
}
