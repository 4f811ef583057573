import type { Cast } from "./ports.ts";
import type { ReportedCounts, TransactionReport } from "./report.ts";

/** Records appended, of them forced, messages sent. */
type Cost = readonly [recordsAppended: number, recordsForced: number, messagesSent: number];

export interface PublishedCost {
  readonly text: string;
  readonly coordinator: Cost;
  readonly warehouse: Cost;
  readonly ledger: Cost | null;
}

/**
 * The cost of presumed abort without faults, at the first attempt, with warehouse and ledger as participants
 * (Mohan, Lindsay, Obermarck 1986). Two messages to each updating participant and two from it.
 */
export const PUBLISHED_COST = {
  update: {
    text: "commit with two updates",
    coordinator: [2, 1, 4],
    warehouse: [2, 2, 2],
    ledger: [2, 2, 2],
  },
  readOnly: { text: "all read-only", coordinator: [0, 0, 2], warehouse: [0, 0, 1], ledger: [0, 0, 1] },
  partlyReadOnly: {
    text: "commit with one update and one read",
    coordinator: [2, 1, 3],
    warehouse: [2, 2, 2],
    ledger: [0, 0, 1],
  },
  onePhase: {
    text: "one participant, one phase",
    coordinator: [0, 0, 1],
    warehouse: [1, 1, 1],
    ledger: null,
  },
} as const satisfies Record<string, PublishedCost>;

/** Where the counted cost of a transaction differs from the published one, in words; empty when they agree. */
export function costDifferences(
  report: TransactionReport,
  cost: PublishedCost,
  cast: Cast,
): readonly string[] {
  const differences = [difference(cast.coordinator, report.coordinator, cost.coordinator)];
  differences.push(difference(cast.warehouse, report.participants[cast.warehouse], cost.warehouse));
  if (cost.ledger !== null) {
    differences.push(difference(cast.ledger, report.participants[cast.ledger], cost.ledger));
  }
  return differences.filter((text) => text !== null);
}

/** "2 records, 1 forced, 4 messages". */
export function costText([appended, forced, sent]: Cost): string {
  return `${appended} records, ${forced} forced, ${sent} messages`;
}

function difference(name: string, counts: ReportedCounts | undefined, cost: Cost): string | null {
  if (counts === undefined || counts.recordsAppended === null) return `${name} counted nothing`;
  const counted: Cost = [counts.recordsAppended, counts.recordsForced, counts.messagesSent];
  return counted.every((count, index) => count === cost[index])
    ? null
    : `${name}: ${costText(counted)}; published ${costText(cost)}`;
}
