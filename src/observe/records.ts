import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import { eventsOf } from "./events-of.ts";
import type { Model } from "./model.ts";

/** One log record of a transaction, as its node told of it. */
export interface RecordLine {
  readonly node: NodeName;
  /** Null where only its forcing was heard. */
  readonly appendedAtMs: number | null;
  readonly record: string;
  readonly seq: number;
  /** Whether the node waited for the disk. */
  readonly forced: boolean;
  /** `at`: since when it is on disk; `later`: a later record took it along; `not-yet`: nothing tells that it is. */
  readonly onDisk:
    | { readonly type: "at"; readonly atMs: number }
    | { readonly type: "later" }
    | { readonly type: "not-yet" };
}

/** The records of one transaction at all nodes, in order of time, from the events still kept. */
export function recordsOf(model: Model, id: TransactionId): readonly RecordLine[] {
  const events = eventsOf(model.log, id);
  const forced = new Map<string, NodeEvent>();
  for (const event of events)
    if (event.body.type === "record-forced") forced.set(keyOf(event, event.body.seq), event);
  const lines: RecordLine[] = [];
  for (const event of events) {
    const { body, node, atMs } = event;
    if (body.type === "record-appended") {
      const proof = forced.get(keyOf(event, body.seq));
      forced.delete(keyOf(event, body.seq));
      lines.push({
        node,
        appendedAtMs: atMs,
        record: body.record,
        seq: body.seq,
        forced: body.force,
        onDisk: proof === undefined ? durability(model, event, body.seq) : { type: "at", atMs: proof.atMs },
      });
    }
  }
  for (const { node, atMs, body } of forced.values()) {
    if (body.type !== "record-forced") continue;
    const { record, seq } = body;
    lines.push({ node, appendedAtMs: null, record, seq, forced: true, onDisk: { type: "at", atMs } });
  }
  return lines.sort((a, b) => timeOf(a) - timeOf(b));
}

function keyOf({ node, epoch }: NodeEvent, seq: number): string {
  return `${node} ${epoch} ${seq}`;
}

/** A log is one file: what is on disk takes everything before it along. */
function durability(model: Model, { node, epoch }: NodeEvent, seq: number): RecordLine["onDisk"] {
  const state = model.nodes.get(node);
  const isOnDisk = state?.view !== undefined && state.view !== null && state.view.forcedSeq >= seq;
  return isOnDisk && state.epoch >= epoch ? { type: "later" } : { type: "not-yet" };
}

function timeOf({ appendedAtMs, onDisk }: RecordLine): number {
  return appendedAtMs ?? (onDisk.type === "at" ? onDisk.atMs : 0);
}
