import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { CutDirection } from "../schema/injection.ts";
import type { Operation } from "../schema/operations.ts";
import type { ProcessView } from "../schema/process.ts";
import type { Fault, OutcomeMessage, Resolution, Resolve } from "../schema/session.ts";
import type { Tally } from "../schema/tally.ts";

export type { ProcessView } from "../schema/process.ts";

/**
 * What a watcher hears: for each node a snapshot, then events, and a new snapshot after a gap or a reconnect; tallies where
 * under load only a share of the events is told.
 */
export type WatchUpdate =
  | { readonly type: "connected"; readonly node: NodeName }
  | { readonly type: "disconnected"; readonly node: NodeName; readonly why: string }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "events"; readonly events: readonly NodeEvent[] }
  | { readonly type: "tally"; readonly tally: Tally }
  | { readonly type: "process"; readonly process: ProcessView };

/** The streams of all nodes of a cluster, merged. */
export interface Watcher {
  /** Calls `listener` with every update from now on, beginning with what is known. Returns the cancel function. */
  subscribe(listener: (update: WatchUpdate) => void): () => void;
}

/** Keeps a record of what is watched. */
export interface Recorder {
  /** Adds what the user did, or was told. */
  note(text: string): void;
  /** Calls `listener` with one line when the recording has come to an end by itself; at once where it has already. */
  onEnd(listener: (line: string) => void): void;
}

/** Hands work and faults to a cluster. */
export interface Operator {
  /** Resolves with the outcome; `unknown` when the node could not be reached or did not answer in time. */
  submit(request: {
    readonly requestId: string;
    readonly operations: readonly Operation[];
    readonly timeoutMs: number;
    /** When the request was issued first, in milliseconds since 1970; now where absent. */
    readonly issuedAtMs?: number;
    /** The node that shall coordinate; the cluster's coordinator where absent. */
    readonly via?: NodeName;
    /** The request id was made up for this call, so nobody else has the request: giving it up is then an abort. */
    readonly isNew?: boolean;
  }): Promise<OutcomeMessage>;
  /** Arms a fault in a node, to fire `count` times; 0 disarms. Rejects with a TpcError that says why not, as all of these do. */
  armFault(node: NodeName, fault: Fault, count: number): Promise<void>;
  /** Lets a node crash at the `count`th time that it gets to a named point; 0 disarms. */
  armCrash(node: NodeName, point: string, count: number): Promise<void>;
  /** Cuts a node's link to a peer, silently; null heals it. */
  cutLink(node: NodeName, peer: NodeName, direction: CutDirection | null): Promise<void>;
  /** Makes a node hold back its protocol messages for as long as this operator lives, or lets it go on. */
  hold(node: NodeName, hold: boolean): Promise<void>;
  /** Lets held messages of a node go, or drops them. */
  releaseHeld(node: NodeName, ids: readonly number[], drop: boolean): Promise<void>;
  /**
   * An operator's word about one transaction at one node: what the node would do where `preview`, else what it has done,
   * once that is on disk. A refusal is an answer; rejects with a TpcError where the node could not be asked.
   */
  resolve(node: NodeName, request: ResolveRequest): Promise<Resolution>;
}

export interface ResolveRequest {
  readonly transactionId: TransactionId;
  readonly action: Resolve["action"];
  /** Kept in the log with who decided, `by`. */
  readonly reason: string;
  readonly by: string;
  /** `forget` although the coordinator's decision is not known. */
  readonly acceptHazard: boolean;
  readonly preview: boolean;
}

/** The processes of a local cluster. Absent where the console is attached to one it did not start. */
export interface ClusterControl {
  processes(): readonly ProcessView[];
  /** SIGKILL. Resolves when the process is gone. */
  kill(name: NodeName): Promise<void>;
  /**
   * Starts it again on its own directory and address, holding its messages from the start where `held`. Resolves when it is
   * ready; rejects with a TpcError that carries exit status and log tail.
   */
  restart(name: NodeName, held?: boolean): Promise<void>;
  /** SIGSTOP: it stands still, holds what it holds and answers nobody. Resolves when that is so. */
  pause(name: NodeName): Promise<void>;
  /** SIGCONT. */
  resume(name: NodeName): Promise<void>;
  /**
   * Stops every node, deletes for good what they keep, and starts them anew at their addresses. `emptied` is called when nothing
   * is left and nothing runs. Resolves when all are ready; rejects with the first TPC_NODE_FAILED.
   */
  reset(emptied: () => void): Promise<void>;
  /** Where it keeps its state. */
  readonly dir: string;
  /** The arguments of the program that would start it by hand; null before its address is known. */
  startCommand(name: NodeName): readonly string[] | null;
}
