import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { Fault, OutcomeMessage } from "../schema/session.ts";
import type { Holdings } from "./conservation.ts";
import type { PublishedCost } from "./cost.ts";
import type { Market } from "./market.ts";
import type { Cast, ClusterQuery } from "./ports.ts";

export interface SubmitOptions {
  /** A new one where absent. */
  readonly requestId?: string;
  /** The node that shall coordinate; the cluster's coordinator where absent. */
  readonly via?: NodeName;
  /** Bounds all attempts together; 30 000 where absent. */
  readonly timeoutMs?: number;
}

/** What a scenario can do and ask. Every wait has a deadline and rejects with TPC_NODE_FAILED when it passes. */
export interface Stage {
  readonly cast: Cast;
  readonly query: ClusterQuery;
  /** Says what comes next, for people. */
  step(text: string): void;
  /** Notes an expectation; `detail` says what was seen. Returns `ok`. */
  expect(text: string, ok: boolean, detail?: string): boolean;
  newRequestId(): string;
  /** Resolves with the answer, which is also part of the report. */
  submit(operations: readonly Operation[], options?: SubmitOptions): Promise<OutcomeMessage>;
  /** Expects the answer to be a commit. */
  expectCommitted(text: string, answer: OutcomeMessage): boolean;
  /** Expects an abort with this reason. */
  expectAborted(text: string, answer: OutcomeMessage, code: string, participant: NodeName): boolean;
  /** Waits until all nodes have ended the transaction, then compares what they counted. */
  expectCost(answer: OutcomeMessage, cost: PublishedCost): Promise<boolean>;
  holdings(): Promise<Holdings>;
  market(): Promise<Market>;
  arm(node: NodeName, fault: Fault, count?: number): Promise<void>;
  /** Resolves when the node has decided to vote no to a transaction of this request. */
  refused(node: NodeName, requestId: string): Promise<void>;
  /** Resolves when the process is gone by itself. */
  crashed(node: NodeName): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(node: NodeName): Promise<void>;
  restart(node: NodeName): Promise<void>;
  /** Asks until `probe` gives something other than null; an error counts as null. */
  waitFor<T>(what: string, probe: () => Promise<T | null>): Promise<T>;
  /** Resolves when all nodes have ended the transaction. */
  settled(transactionId: TransactionId | null): Promise<void>;
}

export interface Scenario {
  readonly name: string;
  /** One line: what happens, and what must hold. */
  readonly description: string;
  /** It restarts processes, so it cannot run on a cluster that another process supervises. */
  readonly needsProcesses: boolean;
  run(stage: Stage): Promise<void>;
}
