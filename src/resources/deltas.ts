import { invariant } from "../core/errors.ts";
import type { Delta } from "../schema/operations.ts";

/** The deltas that take `deltas` back: a hold from its undo, and the other way round. */
export function negate(deltas: readonly Delta[]): Delta[] {
  return deltas.map(({ key, add }) => ({
    key,
    add: Object.fromEntries(Object.entries(add).map(([field, amount]) => [field, String(-BigInt(amount))])),
  }));
}

/**
 * What deltas add to each row, all of them together: a row that is named twice is one entry.
 * Throws TPC_INTERNAL at a field that rows of this kind do not have.
 */
export function sumDeltas<Field extends string>(
  deltas: readonly Delta[],
  fields: readonly Field[],
): Map<string, Record<Field, bigint>> {
  const sums = new Map<string, Record<Field, bigint>>();
  for (const { key, add } of deltas) {
    const sum = sums.get(key) ?? zeros(fields);
    for (const [name, amount] of Object.entries(add)) {
      const field = fields.find((known) => known === name);
      invariant(field !== undefined, `a delta of ${key} names the unknown field ${name}`);
      sum[field] += BigInt(amount);
    }
    sums.set(key, sum);
  }
  return sums;
}

/** One delta, without the fields that it would leave as they are. */
export function deltaOf(key: string, add: Readonly<Record<string, bigint>>): Delta {
  const changes = Object.entries(add).filter(([, amount]) => amount !== 0n);
  return { key, add: Object.fromEntries(changes.map(([field, amount]) => [field, String(amount)])) };
}

function zeros<Field extends string>(fields: readonly Field[]): Record<Field, bigint> {
  const row: Partial<Record<Field, bigint>> = {};
  for (const field of fields) row[field] = 0n;
  return row as Record<Field, bigint>;
}
