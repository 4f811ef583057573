import type { NodeName } from "../schema/ids.ts";
import type { NodeFigures } from "../schema/views.ts";
import type { Quantiles } from "./histogram.ts";
import type { Mixture } from "./mixture.ts";

// What the processes of a benchmark say to each other: lines of JSON over the pipes between parent and child.

/** Where the load goes and what it is. */
export interface LoadShape extends Mixture {
  /** How many transactions are in flight in a closed loop. */
  readonly concurrency: number;
  /** And how many while it warms up. */
  readonly warmUpConcurrency: number;
  /** How many begin in a second of an open loop; null for a closed one. */
  readonly openLoopRate: number | null;
  /** All on one row. */
  readonly hot: boolean;
  /** Nodes tell how long their loops stood still. */
  readonly stalls: boolean;
}

export interface NodeAt {
  readonly name: NodeName;
  readonly url: string;
}

/** The first line to a process that makes load. */
export interface LoadJob {
  readonly shape: LoadShape;
  readonly coordinators: readonly NodeAt[];
  readonly participants: readonly NodeAt[];
  readonly token: string;
}

/** The first line to a node of the floor. */
export interface FloorJob {
  readonly name: NodeName;
  /** The file that it logs to. */
  readonly logPath: string;
  /** The coordinators that a participant dials; null for a coordinator. */
  readonly coordinatorUrls: readonly string[] | null;
  readonly participants: readonly NodeName[];
}

/** Every later line to a process that makes load. */
export type LoadCommand =
  | { readonly type: "run"; readonly transactions: number; readonly measured: boolean }
  | { readonly type: "finish" };

/** What a process of a benchmark says. */
export type WorkerLine =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "progress"; readonly done: number }
  | { readonly type: "ran"; readonly run: LoadRun }
  | { readonly type: "result"; readonly result: LoadResult }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** What one run of a load came to. */
export interface LoadRun extends Pick<LoadResult, "transactions" | "seconds" | "spent"> {
  readonly inFlightMax: number;
}

/** What all measured runs of one load came to. */
export interface LoadResult {
  readonly transactions: number;
  readonly seconds: number;
  readonly inFlightMax: number;
  readonly latencyMs: Quantiles;
  /** From a request's arrival at its coordinator to the answer; null where nobody measured it. */
  readonly decisionLatencyMs: Quantiles | null;
  /** Transactions that ended otherwise than they were planned to. */
  readonly unplanned: number;
  /** What every node has spent on them, and the process that made the load. */
  readonly spent: Readonly<Record<string, NodeFigures>>;
}
