import type { NodeName } from "../schema/ids.ts";
import type { Counts } from "../schema/views.ts";
import type { Transaction } from "./model.ts";

/** What one node spent on a transaction, beside what presumed abort promises for it. */
export interface Cost {
  readonly node: NodeName | null;
  readonly role: string;
  readonly measured: Counts | null;
  /** Null where the published table does not apply: not committed, or not over yet. */
  readonly promised: Counts | null;
}

/**
 * The cost table of one transaction. The promise is that of Mohan, Lindsay and Obermarck (1986) for a commit
 * without faults; a re-sent message or a restart makes the measured figures larger.
 */
export function costTable(transaction: Transaction): readonly Cost[] {
  const view = transaction.coordinatorView;
  const committed = view?.outcome === "committed" && view.phase === "forgotten";
  const branches = view?.branches ?? [];
  const readers = branches.filter((branch) => branch.vote === "read-only").length;
  const updaters = branches.length - readers;
  const onePhase = branches.length === 1;
  const rows: Cost[] = [
    {
      node: transaction.coordinator,
      role: "leads",
      measured: view?.counts ?? null,
      promised: committed ? coordinatorPromise(updaters, readers, onePhase) : null,
    },
  ];
  for (const [name, own] of transaction.participants) {
    const vote = branches.find((branch) => branch.name === name)?.vote ?? own.vote;
    const reads = vote === "read-only";
    rows.push({
      node: name,
      role: onePhase ? "one-phase" : reads ? "read-only" : "update",
      measured: own.counts,
      promised: committed ? participantPromise(reads, onePhase) : null,
    });
  }
  return rows;
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
export function isAsPromised({ measured, promised }: Cost): boolean | null {
  if (measured === null || promised === null) return null;
  return (
    measured.recordsAppended === promised.recordsAppended &&
    measured.recordsForced === promised.recordsForced &&
    measured.messagesSent === promised.messagesSent
  );
}
