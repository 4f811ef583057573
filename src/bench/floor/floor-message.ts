import type { NodeFigures } from "../../schema/views.ts";
import type { TransactionKind } from "../mixture.ts";

/** A message of the floor about a transaction: as many bytes as the protocol's, and nothing in it. */
export interface FloorWord {
  readonly type: "begin" | "prepare" | "vote" | "commit" | "abort" | "ack" | "outcome";
  readonly id: number;
  readonly kind: TransactionKind;
  /** Fills the message up to its length. */
  readonly pad: string;
}

/** Beside the load: who dials, and what a node has spent. */
export type FloorMessage =
  | FloorWord
  | { readonly type: "hello"; readonly name: string }
  | { readonly type: "figures-wanted" }
  | { readonly type: "figures"; readonly figures: NodeFigures; readonly unfinished: number };

/** Bytes of a message or record with an id of six digits, without its pad. */
export function unpaddedBytes(type: string, kind: TransactionKind): number {
  return JSON.stringify({ type, id: 999_999, kind, pad: "" }).length;
}
