import { TpcError } from "../core/errors.ts";
import { type NodeImage, restoreImage } from "../core/image.ts";
import type { NodeState } from "../core/node-state.ts";
import { indexPacked, leaveUnindexed } from "../core/packed-requests.ts";
import { noteRunStart, type Replayed, replayRecord } from "../core/recovery.ts";
import { negate } from "../resources/deltas.ts";
import type { Lsn, TransactionId } from "../schema/ids.ts";
import type { Delta } from "../schema/operations.ts";
import type { LogRecord } from "../schema/records.ts";
import type { Recovered, Resource } from "./ports.ts";

/** What a checkpoint of a node holds. */
export interface CheckpointImage {
  readonly node: NodeImage;
  readonly resource: unknown;
}

/** The way of a node's log into its tables and into what it keeps, piece by piece while the log is read. */
export interface Recovery {
  /** What the node keeps, as a new directory has it, and the checkpoint, where there is one. */
  begin(resource: Resource | null, checkpoint: Recovered["checkpoint"]): void;
  /** The records after the checkpoint, in log order. */
  takeRecord(record: LogRecord, lsn: Lsn): void;
  /** The log was read: this run's own first record stands behind everything that was replayed. */
  finish(recovered: Pick<Recovered, "epoch" | "end">): void;
}

/** Deltas of records that are applied in one go: each row that they name is judged once. */
const DELTAS_AT_ONCE = 500;

/**
 * Prepared transactions hold their reservations when `finish` returns; before that what is kept is behind: a hold that a later
 * record ends is applied with it, and many records at once. Everything throws TPC_LOG_CORRUPT when a record contradicts the
 * rest. The image is what a node has written, so its shape is not checked field by field; what does not fit is found in use.
 */
export function createRecovery(node: NodeState): Recovery {
  let resource: Resource | null = null;
  /** What transactions that the records leave prepared so far would undo. */
  const held = new Map<TransactionId, readonly Delta[]>();
  let due: Delta[] = [];

  const applyDue = (through: Lsn): void => {
    try {
      if (due.length > 0) resource?.apply(due);
    } catch (error) {
      throw corrupt(`the records up to ${through.epoch}:${through.seq} cannot be replayed`, error);
    }
    due = [];
  };

  const note = (id: TransactionId, replayed: Replayed): void => {
    if (replayed.type === "nothing") return;
    if (replayed.type === "hold") {
      held.set(id, replayed.undo);
      return;
    }
    // A hold that the checkpoint has is not among these: it is in what is kept.
    const hold = held.get(id);
    held.delete(id);
    if (replayed.type === "redo") due.push(...negate(hold ?? []), ...replayed.redo);
    else if (hold === undefined) due.push(...replayed.undo);
  };

  return {
    begin(given, checkpoint) {
      resource = given;
      leaveUnindexed(node.participant.requests.packed);
      if (checkpoint !== null) takeCheckpoint(node, resource, checkpoint);
    },
    takeRecord(record, lsn) {
      try {
        const replayed = replayRecord(node, record, lsn);
        if (resource !== null && "transactionId" in record) note(record.transactionId, replayed);
      } catch (error) {
        throw corrupt(`record ${lsn.epoch}:${lsn.seq} cannot be replayed`, error);
      }
      if (due.length >= DELTAS_AT_ONCE) applyDue(lsn);
    },
    finish({ epoch, end }) {
      for (const undo of held.values()) due.push(...negate(undo));
      applyDue(end);
      indexPacked(node.participant.requests.packed);
      node.epoch = epoch;
      noteRunStart(node, epoch, end.seq + 1);
    },
  };
}

function takeCheckpoint(
  node: NodeState,
  resource: Resource | null,
  checkpoint: NonNullable<Recovered["checkpoint"]>,
): void {
  try {
    const { node: tables, resource: kept } = checkpoint.image as CheckpointImage;
    restoreImage(node, tables, checkpoint.pages);
    resource?.restore(kept);
  } catch (error) {
    throw corrupt("the checkpoint cannot be used", error);
  }
}

/** Brings the tables and what the participant keeps to the state of a log that was read whole. Throws as a `Recovery` does. */
export function recoverNode(node: NodeState, resource: Resource | null, recovered: Recovered): void {
  const recovery = createRecovery(node);
  recovery.begin(resource, recovered.checkpoint);
  for (const { record, lsn } of recovered.records) recovery.takeRecord(record, lsn);
  recovery.finish(recovered);
}

function corrupt(what: string, error: unknown): TpcError {
  const detail = error instanceof Error ? error.message : String(error);
  return new TpcError("TPC_LOG_CORRUPT", `${what}: ${detail}`);
}
