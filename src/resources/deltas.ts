import type { Delta } from "../schema/operations.ts";

/** The deltas that take `deltas` back: a hold from its undo, and the other way round. */
export function negate(deltas: readonly Delta[]): Delta[] {
  return deltas.map(({ key, add }) => {
    const taken: Record<string, string> = {};
    for (const field in add) taken[field] = negated(add[field] ?? "0");
    return { key, add: taken };
  });
}

function negated(amount: string): string {
  if (amount.startsWith("-")) return amount.slice(1);
  return amount === "0" ? amount : `-${amount}`;
}
