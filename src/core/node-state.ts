import type { Address, Floor, NodeId, NodeName, RequestId, StoreId, TransactionId } from "../schema/ids.ts";
import type { Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CoordinatorState } from "./coordinator.ts";
import { type HeldRequests, makeHeldRequests } from "./held-requests.ts";
import { nodeIdOf } from "./ids.ts";
import { makeOutcomes, type Outcomes } from "./outcomes.ts";
import type { Job, ParticipantState } from "./participant-state.ts";
import type { Settings } from "./settings.ts";
import { makeSettledRequests, type SettledRequests } from "./settled-requests.ts";
import { makeTransactionTable, type TransactionTable } from "./transaction-table.ts";

/** Another node, as this one knows it. */
export interface Peer {
  readonly name: NodeName;
  readonly url: string;
  readonly nodeId: NodeId | null;
  /** The store in its id. */
  readonly storeId: StoreId | null;
  readonly isConnected: boolean;
  /** The run it said hello with; null while it never did. */
  readonly epoch: number | null;
}

export interface RequestBase {
  readonly requestId: RequestId;
  readonly issuedAtMs: number;
  readonly digest: string;
  readonly attempts: number;
  /** False when another node, or an earlier run of this one, may have the request too. */
  readonly isOnlyHere: boolean;
}
/** What a request has while it is not settled: what it asks for, and its latest attempt. */
interface RequestUnderWay extends RequestBase {
  readonly operations: readonly Operation[];
  readonly transactionId: TransactionId;
}
/** One request at a coordinator that is not settled: all its attempts. */
export type RequestState =
  | (RequestUnderWay & { readonly phase: "running"; readonly isOutOfTime: boolean })
  | (RequestUnderWay & {
      readonly phase: "waiting";
      readonly reason: Reason;
      readonly votes: Readonly<Record<string, string | null>>;
    });
/** One that is: what its client is told when it asks again. */
export interface SettledRequest extends RequestBase {
  readonly phase: "settled";
  readonly transactionId: TransactionId | null;
  readonly outcome: "committed" | "aborted" | "unknown";
  readonly reason: Reason | null;
  readonly votes: Readonly<Record<string, string | null>>;
  readonly results: readonly ReadResult[];
}

/** What a coordinator waits for from a participant. */
export type Owed = "vote" | "ack";

export interface CoordinatorTables {
  readonly transactions: TransactionTable<CoordinatorState>;
  /** The counters of this run's transactions that may still be preparing, lowest first. */
  readonly preparing: number[];
  /** Those under way. A request stands here or among the settled ones. */
  requests: Map<RequestId, RequestState>;
  readonly settled: SettledRequests;
  /** What each participant owed when its last resend round came; some of it may have been answered since. */
  readonly overdue: Map<NodeName, Map<TransactionId, Owed>>;
  /** Resend rounds in a row without an answer, by participant. */
  readonly resendRounds: Map<NodeName, number>;
  nextCounter: number;
}

/** Which transaction holds a request here. */
export interface HeldRequest {
  readonly transactionId: TransactionId;
  readonly issuedAtMs: number;
  readonly digest: string;
  readonly isCommitted: boolean;
  /** It was committed here by an operator, and its decision is not known to be commit: it is guarded, but nobody is told that it is committed. */
  readonly isByHand?: boolean;
  /** Why the request was refused as invalid: it is refused again, whoever sends it. */
  readonly refusal: Reason | null;
}

export interface ParticipantTables {
  readonly transactions: TransactionTable<ParticipantState>;
  /** By which transaction of the table a request is held. */
  holders: Map<RequestId, Job>;
  /** Those that are held without one. */
  readonly requests: HeldRequests;
  readonly floors: Map<NodeId, Floor>;
  /**
   * Finished transactions that the floor has not passed, by coordinator; with when one that does not say when it was asked for
   * was first found while its store was away, in milliseconds of the wall clock, null before that.
   */
  readonly finished: Map<NodeId, TransactionTable<number | null>>;
  readonly outcomes: Outcomes;
  /** Those that were in doubt when the last inquiry round of their coordinator came, by its name; some of them may not be any more. */
  readonly longInDoubt: Map<NodeName, Map<TransactionId, true>>;
  readonly inquiryRounds: Map<NodeName, number>;
  /** Requests issued at or before this time (ms since 1970) may have been forgotten and are refused. */
  requestFloorMs: number;
}

/** The first record of a run: everything from `seq` on belongs to it, until the next run's. */
export interface RunStartAt {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * Everything the protocol knows at one node. The entries are immutable values; the tables are this
 * node's own and change only inside `stepNode` and recovery.
 */
export interface NodeState {
  readonly self: Address;
  readonly nodeId: NodeId;
  readonly storeId: StoreId;
  /** This run's; known when the log has been read, which needs the tables. */
  epoch: number;
  readonly settings: Settings;
  /** True when the node keeps something itself. */
  readonly isParticipant: boolean;
  /** False until the log is replayed: no answer may rest on missing information before. */
  isRecovered: boolean;
  isDraining: boolean;
  /** Why no new work is taken, in words: the log's disk is nearly full. Null while there is room. */
  lowSpace: string | null;
  readonly peers: Map<NodeName, Peer>;
  readonly runStarts: RunStartAt[];
  readonly coordinator: CoordinatorTables;
  readonly participant: ParticipantTables;
}

export function makeNodeState(options: {
  readonly self: Address;
  readonly storeId: StoreId;
  readonly epoch: number;
  readonly settings: Settings;
  readonly isParticipant: boolean;
}): NodeState {
  const { self, storeId, epoch, settings, isParticipant } = options;
  return {
    self,
    nodeId: nodeIdOf(self.name, storeId),
    storeId,
    epoch,
    settings,
    isParticipant,
    isRecovered: false,
    isDraining: false,
    lowSpace: null,
    peers: new Map(),
    runStarts: [],
    coordinator: {
      transactions: makeTransactionTable(),
      preparing: [],
      requests: new Map(),
      settled: makeSettledRequests(),
      overdue: new Map(),
      resendRounds: new Map(),
      nextCounter: 1,
    },
    participant: {
      transactions: makeTransactionTable(),
      holders: new Map(),
      requests: makeHeldRequests(),
      floors: new Map(),
      finished: new Map(),
      outcomes: makeOutcomes(),
      longInDoubt: new Map(),
      inquiryRounds: new Map(),
      requestFloorMs: 0,
    },
  };
}

/** The table of transactions under a key, made when it is missing. */
export function tableOf<Key, Value>(
  tables: Map<Key, TransactionTable<Value>>,
  key: Key,
): TransactionTable<Value> {
  let table = tables.get(key);
  if (!table) {
    table = makeTransactionTable();
    tables.set(key, table);
  }
  return table;
}

/** True when messages can reach the named node: itself always, others while connected. */
export function isReachable(node: NodeState, name: NodeName): boolean {
  return name === node.self.name || node.peers.get(name)?.isConnected === true;
}
