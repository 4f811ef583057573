import type { NodeState } from "../../core/node-state.ts";
import { newestOutcomes, type Outcomes } from "../../core/outcomes.ts";
import { type PackedRequests, packedRequests } from "../../core/packed-requests.ts";
import { makeSettledRequests } from "../../core/settled-requests.ts";
import { makeTransactionTable, type TransactionTable } from "../../core/transaction-table.ts";

/** A node with tables of its own, whatever tables there are. */
export function copyNode({ coordinator, participant, ...node }: NodeState): NodeState {
  const { transactions: led, settled, ...leading } = coordinator;
  const { transactions: held, finished, ...holding } = participant;
  return {
    ...structuredClone(node),
    coordinator: {
      ...structuredClone(leading),
      transactions: makeTransactionTable(led),
      settled: makeSettledRequests(settled),
    },
    participant: {
      ...structuredClone(holding),
      transactions: makeTransactionTable(held),
      finished: copyTables(finished),
    },
  };
}

function copyTables<Key, Value>(tables: ReadonlyMap<Key, TransactionTable<Value>>) {
  return new Map([...tables].map(([key, table]) => [key, makeTransactionTable(table)]));
}

/** Whether it is a table, of transactions or of anything else. */
export function isTable(part: unknown): part is Iterable<[unknown, unknown]> & { readonly size: number } {
  return typeof part === "object" && part !== null && "size" in part && Symbol.iterator in part;
}

/** A text that is the same exactly for equal values: keys, table entries and lists of nodes in order, whatever the order they came in. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    // Where a request stands among the bytes says nothing.
    if (key === "packed") return [...packedRequests(part as PackedRequests)].sort(byKey);
    if (key === "outcomes" && isOutcomes(part))
      return newestOutcomes(part, Number.MAX_SAFE_INTEGER).sort(byKey);
    if (isTable(part)) return [...part].filter(isTelling).sort(byKey);
    if (Array.isArray(part)) return part.every(isOfOneNode) ? [...part].sort(byText) : part;
    if (typeof part === "object" && part !== null) {
      return Object.fromEntries(Object.entries(part).sort(byKey));
    }
    return part;
  });
}

function isOutcomes(part: unknown): part is Outcomes {
  return typeof part === "object" && part !== null && "runs" in part;
}

/** Names, and what is kept of a node under its name; timers as well. */
function isOfOneNode(part: unknown): boolean {
  if (typeof part === "string") return true;
  return (
    typeof part === "object" && part !== null && ("name" in part || "participant" in part || "kind" in part)
  );
}

function byText(one: unknown, other: unknown): number {
  return byKey([textOf(one), null], [textOf(other), null]);
}

function textOf(part: unknown): string {
  return typeof part === "string" ? part : JSON.stringify(part);
}

/** An empty inner table says the same as none. */
function isTelling([, value]: readonly [unknown, unknown]): boolean {
  return !(isTable(value) && value.size === 0);
}

function byKey([one]: readonly [unknown, unknown], [other]: readonly [unknown, unknown]): number {
  const [first, second] = [String(one), String(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}
