import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import type { NodeKind, ResourceRows } from "../schema/views.ts";

/** What a participant would do for a prepare. */
export type Plan =
  | {
      readonly verdict: "yes";
      readonly redo: readonly Delta[];
      readonly undo: readonly Delta[];
      readonly results: readonly ReadResult[];
    }
  | { readonly verdict: "read-only"; readonly results: readonly ReadResult[] }
  | { readonly verdict: "no"; readonly reason: Reason };

/**
 * What a participant keeps. Deltas are the only way in which it changes.
 * Preparing holds, which is the inverse of `undo`; committing applies `redo`, aborting applies `undo`.
 */
export interface Resource {
  readonly kind: Exclude<NodeKind, "coordinator">;
  /** Decides about the operations; changes nothing. */
  plan(operations: readonly Operation[]): Plan;
  /** Applies all deltas, or none and throws. */
  apply(deltas: readonly Delta[]): void;
  /** Applies the inverse of all deltas, or none and throws. */
  hold(undo: readonly Delta[]): void;
  /** Rows as watchers see them: all, or those with the given keys. */
  rows(keys?: ReadonlySet<string>): ResourceRows;
  /** What becomes JSON from which `restore` makes the state of this moment, however late it becomes that. */
  image(): unknown;
  restore(image: unknown): void;
  /** Broken invariants in words; empty when all hold. */
  violations(): readonly string[];
}
