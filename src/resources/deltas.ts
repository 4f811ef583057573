import { TpcError } from "../core/errors.ts";
import type { Delta } from "../schema/operations.ts";

/** The deltas that take `deltas` back: a hold from its undo, and the other way round. */
export function negate(deltas: readonly Delta[]): Delta[] {
  return deltas.map(({ key, add }) => {
    const taken: Record<string, string> = {};
    for (const [field, amount] of Object.entries(add)) taken[field] = String(-BigInt(amount));
    return { key, add: taken };
  });
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
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = zeros(fields);
      sums.set(key, sum);
    }
    for (const name of Object.keys(add)) {
      const field = fields.find((known) => known === name);
      if (field === undefined) throw unknownField(key, name);
      sum[field] += BigInt(add[name] ?? 0);
    }
  }
  return sums;
}

function unknownField(key: string, name: string): TpcError {
  return new TpcError("TPC_INTERNAL", `a delta of ${key} names the unknown field ${name}`);
}

/** One delta, without the fields that it would leave as they are. */
export function deltaOf(key: string, add: Readonly<Record<string, bigint>>): Delta {
  const changes: Record<string, string> = {};
  for (const field of Object.keys(add)) {
    const amount = add[field] ?? 0n;
    if (amount !== 0n) changes[field] = String(amount);
  }
  return { key, add: changes };
}

function zeros<Field extends string>(fields: readonly Field[]): Record<Field, bigint> {
  const row: Partial<Record<Field, bigint>> = {};
  for (const field of fields) row[field] = 0n;
  return row as Record<Field, bigint>;
}
