import Type from "typebox";
import { Count, NodeName, WallMs } from "./ids.ts";
import { ResourceRows } from "./views.ts";

const closed = { additionalProperties: false };

/** The smallest share: one transaction in so many. */
export const ONE_IN_MAX = 65_536;
/** One transaction in so many is told: a power of two. */
export const OneIn = Type.Integer({ minimum: 1, maximum: ONE_IN_MAX });

/**
 * What a node has done, in figures, for a watcher that is told a share of its transactions: all of them count, told or not.
 * Sums are of this run of the node.
 */
export const Tally = Type.Object(
  {
    node: NodeName,
    epoch: Count,
    atMs: WallMs,
    /** The share that this watcher is told from now on: the one asked for, or less where that was too much. */
    oneIn: OneIn,
    /** Events worth a line, told or left out: all but those that only carry a view. */
    events: Count,
    /** Transactions that it began to coordinate, and how they ended. */
    begun: Count,
    committed: Count,
    aborted: Count,
    /** What the committed ones took together, in milliseconds. */
    tookMs: Count,
    /** As in the node's own view. */
    unfinished: Count,
    inDoubt: Count,
    forcedSeq: Count,
    /** Rows that have changed since the last tally, as they all stand at one moment; absent where none did, or not yet. */
    rows: Type.Optional(ResourceRows),
  },
  closed,
);
export type Tally = Type.Static<typeof Tally>;
