import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { HeldMessage } from "../schema/injection.ts";
import type { Reason } from "../schema/reasons.ts";
import type { Tally } from "../schema/tally.ts";
import type {
  AccountView,
  CoordinatorView,
  ItemView,
  NodeKind,
  NodeView,
  ParticipantView,
} from "../schema/views.ts";
import type { Lateness } from "./lateness.ts";
import type { ProcessView, WatchUpdate } from "./ports.ts";
import type { Pulse } from "./pulse.ts";

/** How many events a model keeps; the oldest go first. */
export const EVENTS_MAX = 5_000;
/** How many transactions a model keeps; the oldest finished ones go first. */
export const TRANSACTIONS_MAX = 2_000;
/** How many alarms a node's state keeps. */
export const ALARMS_MAX = 50;

/** One node: what it says about itself, whether it is heard, and what its supervisor knows. */
export interface NodeState {
  readonly name: NodeName;
  readonly kind: NodeKind | null;
  /** The last known; null before the first snapshot. */
  readonly view: NodeView | null;
  readonly link: "unknown" | "connected" | "disconnected";
  /** Wall clock of the last change of `link`; null while the process of now has had none. */
  readonly linkSinceMs: number | null;
  /** Why it is disconnected. */
  readonly linkWhy: string | null;
  /** Protocol messages that wait in it to be let go, oldest first. */
  readonly held: readonly HeldMessage[];
  /** Null where nobody supervises it. */
  readonly process: ProcessView | null;
  readonly epoch: number;
  /** What it counts, where only a share of its transactions may be told; null where it counts nothing. */
  readonly tally: Omit<Tally, "rows"> | null;
}

/** One transaction as all its nodes see it. */
export interface Transaction {
  readonly id: TransactionId;
  readonly coordinator: NodeName | null;
  readonly coordinatorView: CoordinatorView | null;
  /** The coordinator came back and no longer knows this transaction, which it had not decided when it was last heard. */
  readonly forgottenByRestart: boolean;
  readonly participants: ReadonlyMap<NodeName, ParticipantView>;
  /** Wall clock of the first word of it. */
  readonly startedAtMs: number;
  /** Wall clock of the last change. */
  readonly changedAtMs: number;
}

/**
 * What became of a node, as its supervisor or its connection tells: its process is `gone`; it runs again, `restarted`;
 * it stands still, `paused`, or goes on, `resumed`; it is no longer heard, `lost`, or heard again, `back`; some of what it did was
 * not told, `missed`.
 */
export type LifeChange = "gone" | "restarted" | "paused" | "resumed" | "lost" | "back" | "missed";

export interface LifeEntry {
  readonly type: "life";
  readonly serial: number;
  readonly atMs: number;
  readonly node: NodeName;
  readonly change: LifeChange;
  /** How or why: `SIGKILL`, `epoch 3`, `connection closed`. */
  readonly text: string;
}

/** A line of the merged log: a node's event, what became of a node, or something the watcher's own user did. */
export type LogEntry =
  | { readonly type: "event"; readonly serial: number; readonly event: NodeEvent }
  | LifeEntry
  | { readonly type: "note"; readonly serial: number; readonly atMs: number; readonly text: string };

/** A request whose last attempt failed for a reason that may pass, and whose next one is announced. */
export interface Retry {
  /** The node that coordinates it, and the run in which it said so. */
  readonly node: NodeName;
  readonly epoch: number;
  /** The number of the attempt to come. */
  readonly attempt: number;
  readonly announcedAtMs: number;
  /** It comes no later than this after the announcement. */
  readonly delayMs: number;
  /** Why the last attempt failed; null where that was not told. */
  readonly reason: Reason | null;
}

/**
 * Wall clock of the last moment of which events, or whole transactions, may not be known; null where there was none. After a lost
 * connection a node tells how its transactions stand, but not what brought them there.
 */
export interface Untold {
  readonly events: number | null;
  readonly transactions: number | null;
}

/** Everything a watcher knows. Slices are replaced, never changed in place. */
export interface Model {
  readonly nodes: ReadonlyMap<NodeName, NodeState>;
  /** By node: the number of the last event taken in. */
  readonly heard: ReadonlyMap<NodeName, number>;
  /** Until when not everything was told. */
  readonly untold: Untold;
  /** By node: how late its newest event was taken in. */
  readonly lateness: ReadonlyMap<NodeName, Lateness>;
  /** In order of their first appearance. */
  readonly transactions: ReadonlyMap<TransactionId, Transaction>;
  /** By request: the attempt that was announced last. */
  readonly retries: ReadonlyMap<RequestId, Retry>;
  readonly items: ReadonlyMap<NodeName, ReadonlyMap<string, ItemView>>;
  readonly accounts: ReadonlyMap<NodeName, ReadonlyMap<string, AccountView>>;
  /** At most `EVENTS_MAX`, oldest first. */
  readonly log: readonly LogEntry[];
  /** The last seconds in which something happened, oldest first. */
  readonly pulses: readonly Pulse[];
  /** Events taken in since the beginning, kept or not. */
  readonly eventsTotal: number;
  /** Wall clock of the newest event. */
  readonly latestMs: number;
}

/** What changes a model: a watcher's update, or a note about the user's own action. */
export type ModelUpdate =
  | WatchUpdate
  | { readonly type: "note"; readonly atMs: number; readonly text: string };

export function emptyModel(): Model {
  return {
    nodes: new Map(),
    heard: new Map(),
    untold: { events: null, transactions: null },
    lateness: new Map(),
    transactions: new Map(),
    retries: new Map(),
    items: new Map(),
    accounts: new Map(),
    log: [],
    pulses: [],
    eventsTotal: 0,
    latestMs: 0,
  };
}
