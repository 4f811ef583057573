import { TpcError } from "../core/errors.ts";
import { type NodeImage, restoreImage } from "../core/image.ts";
import type { NodeState } from "../core/node-state.ts";
import { noteRunStart, replayRecord } from "../core/recovery.ts";
import { negate } from "../resources/deltas.ts";
import type { Lsn } from "../schema/ids.ts";
import type { LogRecord } from "../schema/records.ts";
import type { Recovered, Resource } from "./ports.ts";

/** What a checkpoint of a node holds. */
export interface CheckpointImage {
  readonly node: NodeImage;
  readonly resource: unknown;
}

/**
 * The same as `recoverNode`, piece by piece while the log is read; `finishReading` ends it. The image is what a node has
 * written, so its shape is not checked field by field; what does not fit is found in use.
 */
export function takeCheckpoint(
  node: NodeState,
  resource: Resource | null,
  checkpoint: Recovered["checkpoint"],
): void {
  if (checkpoint === null) return;
  try {
    const { node: tables, resource: kept } = checkpoint.image as CheckpointImage;
    restoreImage(node, tables, checkpoint.pages);
    resource?.restore(kept);
  } catch (error) {
    throw corrupt("the checkpoint cannot be used", error);
  }
}

export function takeRecord(node: NodeState, resource: Resource | null, record: LogRecord, lsn: Lsn): void {
  try {
    const replayed = replayRecord(node, record, lsn);
    if (replayed.type === "hold") resource?.apply(negate(replayed.undo));
    else if (replayed.type === "redo") resource?.apply(replayed.redo);
    else if (replayed.type === "undo") resource?.apply(replayed.undo);
  } catch (error) {
    throw corrupt(`record ${lsn.epoch}:${lsn.seq} cannot be replayed`, error);
  }
}

/** The log was read: this run's own first record stands behind everything that was replayed. */
export function finishReading(node: NodeState, { epoch, end }: Pick<Recovered, "epoch" | "end">): void {
  node.epoch = epoch;
  noteRunStart(node, epoch, end.seq + 1);
}

/**
 * Brings the tables and what the participant keeps to the state of the log: the checkpoint, then every record after it.
 * Prepared transactions hold their reservations when this returns. Throws TPC_LOG_CORRUPT when a record contradicts the rest.
 */
export function recoverNode(node: NodeState, resource: Resource | null, recovered: Recovered): void {
  takeCheckpoint(node, resource, recovered.checkpoint);
  for (const { record, lsn } of recovered.records) takeRecord(node, resource, record, lsn);
  finishReading(node, recovered);
}

function corrupt(what: string, error: unknown): TpcError {
  const detail = error instanceof Error ? error.message : String(error);
  return new TpcError("TPC_LOG_CORRUPT", `${what}: ${detail}`);
}
