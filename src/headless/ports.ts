import type { ClusterControl, Operator } from "../observe/ports.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { NodeView, ResourceRows, TransactionView } from "../schema/views.ts";

/** Asks single nodes what they know. Each rejects with TPC_UNREACHABLE while its node is away. */
export interface ClusterQuery {
  node(name: NodeName): Promise<NodeView>;
  /** Null from a node that keeps nothing. */
  rows(name: NodeName): Promise<ResourceRows | null>;
  /** A node may be coordinator and participant of one transaction: every view it has, perhaps none. */
  transaction(name: NodeName, transactionId: TransactionId): Promise<readonly TransactionView[]>;
  /** The newest first. */
  transactions(name: NodeName, limit: number): Promise<readonly TransactionView[]>;
}

export interface HeadlessClock {
  /** Milliseconds since some fixed point; never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Resolves no earlier than `delayMs` from now. */
  pause(delayMs: number): Promise<void>;
}

/** The roles that scenarios speak of, by the names their nodes have. */
export interface Cast {
  readonly coordinator: NodeName;
  readonly warehouse: NodeName;
  readonly ledger: NodeName;
}

/** What came of holding everything that was heard so far against the rules of the protocol. */
export interface Judgement {
  readonly ok: boolean;
  readonly detail: string;
}

/** What a headless run is given. */
export interface HeadlessPorts {
  readonly operator: Operator;
  readonly query: ClusterQuery;
  /** Null on a cluster that this process did not start. */
  readonly cluster: ClusterControl | null;
  readonly clock: HeadlessClock;
  readonly cast: Cast;
  /** Judges the run's own recording, up to what the nodes have told by now. */
  judge(): Promise<Judgement>;
  /** A request id that nobody has used. */
  newRequestId(): string;
}
