import type { NodeName } from "../schema/ids.ts";
import type { Counts } from "../schema/views.ts";
import type { Model, Transaction } from "./model.ts";
import { restartedNodes } from "./runs.ts";

/** What one node spent on a transaction, beside what presumed abort promises for it. */
export interface Cost {
  readonly node: NodeName | null;
  readonly role: string;
  readonly measured: Counts | null;
  /** Null where the published table does not apply: it was aborted, or its coordinator is not heard. */
  readonly promised: Counts | null;
  /** Whether nothing more will be spent. */
  readonly isFinal: boolean;
  /** Only what was spent since the node's last start is measured. */
  readonly isPartial: boolean;
}

/**
 * The cost table of one transaction. The promise is that of Mohan, Lindsay and Obermarck (1986) for a commit
 * without faults; a re-sent message or a restart makes the measured figures larger.
 */
export function costTable(model: Model, transaction: Transaction): readonly Cost[] {
  const restarted = restartedNodes(model, transaction);
  const view = transaction.coordinatorView;
  const isFinal = view?.phase === "forgotten";
  const promises = view !== null && view.outcome !== "aborted" && view.outcome !== "unknown";
  const branches = view?.branches ?? [];
  const readers = branches.filter((branch) => branch.vote === "read-only").length;
  const updaters = branches.length - readers;
  const onePhase = branches.length === 1;
  const rows: Cost[] = [
    {
      node: transaction.coordinator,
      role: "leads",
      measured: view?.counts ?? null,
      promised: promises ? coordinatorPromise(updaters, readers, onePhase) : null,
      isFinal,
      isPartial: transaction.coordinator !== null && restarted.has(transaction.coordinator),
    },
  ];
  for (const [name, own] of transaction.participants) {
    const vote = branches.find((branch) => branch.name === name)?.vote ?? own.vote;
    const reads = vote === "read-only";
    rows.push({
      node: name,
      role: onePhase ? "one-phase" : reads ? "read-only" : "update",
      measured: own.counts,
      promised: promises ? participantPromise(reads, onePhase) : null,
      isFinal,
      isPartial: restarted.has(name),
    });
  }
  return rows;
}

/** All nodes together. */
export function totalCost(table: readonly Cost[]): Cost {
  const sum = (kind: "measured" | "promised"): Counts | null => {
    const all = table.map((cost) => cost[kind]).filter((each) => each !== null);
    if (kind === "promised" && all.length < table.length) return null;
    return all.reduce(
      (total, each) =>
        counts(
          total.recordsAppended + each.recordsAppended,
          total.recordsForced + each.recordsForced,
          total.messagesSent + each.messagesSent,
        ),
      counts(0, 0, 0),
    );
  };
  const isFinal = table.every((cost) => cost.isFinal);
  const isPartial = table.some((cost) => cost.isPartial);
  return {
    node: null,
    role: "all",
    measured: sum("measured"),
    promised: sum("promised"),
    isFinal,
    isPartial,
  };
}

function coordinatorPromise(updaters: number, readers: number, onePhase: boolean): Counts {
  if (onePhase) return counts(0, 0, 1);
  if (updaters === 0) return counts(0, 0, readers);
  return counts(2, 1, 2 * updaters + readers);
}

function participantPromise(reads: boolean, onePhase: boolean): Counts {
  if (reads) return counts(0, 0, 1);
  return onePhase ? counts(1, 1, 1) : counts(2, 2, 2);
}

function counts(recordsAppended: number, recordsForced: number, messagesSent: number): Counts {
  return { recordsAppended, recordsForced, messagesSent };
}

/** Whether the measured figures are exactly the promised ones; null where there is nothing to compare. */
export function isAsPromised({ measured, promised, isPartial }: Cost): boolean | null {
  if (measured === null || promised === null || isPartial) return null;
  return (
    measured.recordsAppended === promised.recordsAppended &&
    measured.recordsForced === promised.recordsForced &&
    measured.messagesSent === promised.messagesSent
  );
}
