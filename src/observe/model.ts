import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type {
  AccountView,
  CoordinatorView,
  ItemView,
  NodeKind,
  NodeView,
  ParticipantView,
} from "../schema/views.ts";
import type { ProcessView, WatchUpdate } from "./ports.ts";

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
  /** Wall clock of the last change of `link`. */
  readonly linkSinceMs: number | null;
  /** Why it is disconnected. */
  readonly linkWhy: string | null;
  /** Null where nobody supervises it. */
  readonly process: ProcessView | null;
  readonly epoch: number;
  /** The number of the last event taken in. */
  readonly lastNumber: number;
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

/** A line of the merged log: a node's event, or something the watcher's own user did. */
export type LogEntry =
  | { readonly type: "event"; readonly serial: number; readonly event: NodeEvent }
  | { readonly type: "note"; readonly serial: number; readonly atMs: number; readonly text: string };

/** Everything a watcher knows. Slices are replaced, never changed in place. */
export interface Model {
  readonly nodes: ReadonlyMap<NodeName, NodeState>;
  /** In order of their first appearance. */
  readonly transactions: ReadonlyMap<TransactionId, Transaction>;
  readonly items: ReadonlyMap<NodeName, ReadonlyMap<string, ItemView>>;
  readonly accounts: ReadonlyMap<NodeName, ReadonlyMap<string, AccountView>>;
  /** At most `EVENTS_MAX`, oldest first. */
  readonly log: readonly LogEntry[];
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
    transactions: new Map(),
    items: new Map(),
    accounts: new Map(),
    log: [],
    eventsTotal: 0,
    latestMs: 0,
  };
}
