import type { Effect } from "../core/effects.ts";
import { assertNever } from "../core/errors.ts";
import { namingHolders } from "../core/holders.ts";
import type { NodeInput } from "../core/node.ts";
import type { NodeState } from "../core/node-state.ts";
import { reasonOf } from "../core/participant-desk.ts";
import type { PlannedWork } from "../core/participant-state.ts";
import { negate } from "../resources/deltas.ts";
import type { Delta, Operation } from "../schema/operations.ts";
import type { ResourceRows } from "../schema/views.ts";
import type { Faults } from "./faults.ts";
import type { Resource } from "./ports.ts";
import type { Watchers } from "./watchers.ts";

type WorkEffect = Extract<Effect, { type: "plan-work" | "perform-work" | "finish-work" | "undo-work" }>;

/** Carries out what transactions ask of the participant's store; answers come back as inputs. */
export interface Work {
  run(effect: WorkEffect): void;
  /** End of a turn: tells watchers the rows that have changed in it, or keeps them for a tally. */
  emitRows(): void;
  /** The rows that have changed since they were taken last, for a tally; null where none have. */
  takeRows(): ResourceRows | null;
  hasRows(): boolean;
}

export function createWork(options: {
  readonly state: NodeState;
  readonly resource: Resource | null;
  readonly faults: Faults | null;
  readonly watchers: Pick<Watchers, "isToldRows" | "isTallied" | "emit">;
  readonly push: (input: NodeInput) => void;
}): Work {
  const { state, resource, faults, watchers, push } = options;
  // Begun anew rather than cleared: what a Set was cleared of would be kept alive by the one before (`core/renewed.ts`).
  let changedKeys = new Set<string>();
  let keptKeys = new Set<string>();

  const noteChanged = (deltas: readonly Delta[]) => {
    if (!watchers.isToldRows() && !watchers.isTallied()) return; // Who comes later is shown all rows first.
    for (const { key } of deltas) changedKeys.add(key);
  };

  const apply = (deltas: readonly Delta[]) => {
    resource?.apply(deltas);
    noteChanged(deltas);
  };

  const plan = (operations: readonly Operation[], onePhase: boolean): PlannedWork => {
    if (faults?.fires("crash-before-prepare")) faults.crash();
    if (faults?.fires("vote-no")) {
      return {
        verdict: "no",
        reason: reasonOf(state, "injected-invalid", "told to vote no by fault injection"),
      };
    }
    if (faults?.fires("vote-no-transient")) {
      return {
        verdict: "no",
        reason: reasonOf(state, "injected-transient", "told to be busy by fault injection"),
      };
    }
    if (!resource)
      return { verdict: "no", reason: reasonOf(state, "unknown-participant", "this node keeps nothing") };
    const planned = resource.plan(operations);
    if (planned.verdict === "no") return { ...planned, reason: namingHolders(state, planned.reason) };
    if (planned.verdict === "read-only") return planned;
    // What only reads writes nothing, and what cannot be done at all is better told as that.
    if (state.lowSpace !== null) {
      return { verdict: "no", reason: reasonOf(state, "disk-full", state.lowSpace) };
    }
    if (onePhase) return { ...planned, redo: [...negate(planned.undo), ...planned.redo], undo: [] };
    resource.hold(planned.undo);
    noteChanged(planned.undo);
    if (faults?.fires("crash-after-prepare")) faults.crash();
    return planned;
  };

  return {
    run(effect) {
      const { transactionId } = effect;
      switch (effect.type) {
        case "plan-work":
          return push({
            type: "work-planned",
            transactionId,
            plan: plan(effect.operations, effect.onePhase),
          });
        case "perform-work": {
          const failure = faults?.fires("perform-fails")
            ? "told to fail by fault injection"
            : tryTo(apply, effect.redo);
          if (failure) return push({ type: "work-failed", transactionId, text: failure });
          return push({ type: "work-performed", transactionId });
        }
        case "finish-work":
          // The deltas are applied and durable; a store that has more to do would do it here, until it succeeds.
          if (faults?.fires("finish-fails")) {
            return push({ type: "finish-failed", transactionId, text: "told to fail by fault injection" });
          }
          return push({ type: "work-finished", transactionId });
        case "undo-work":
          return apply(effect.undo);
        default:
          return assertNever(effect, "effect");
      }
    },
    emitRows() {
      if (keptKeys.size > 0 && !watchers.isTallied()) keptKeys = new Set();
      if (changedKeys.size === 0) return;
      if (watchers.isToldRows() && resource) {
        watchers.emit(null, { type: "rows-changed", rows: resource.rows(changedKeys) });
      }
      if (watchers.isTallied()) for (const key of changedKeys) keptKeys.add(key);
      changedKeys = new Set();
    },
    takeRows() {
      if (keptKeys.size === 0 || !resource) return null;
      const rows = resource.rows(keptKeys);
      keptKeys = new Set();
      return rows;
    },
    hasRows: () => keptKeys.size > 0,
  };
}

/** All deltas or none: a failure leaves the store as it was, and says why. */
function tryTo(apply: (deltas: readonly Delta[]) => void, deltas: readonly Delta[]): string | null {
  try {
    apply(deltas);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
