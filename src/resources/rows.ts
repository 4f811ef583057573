import { invariant, TpcError } from "../core/errors.ts";
import { checkRows, type FieldReader } from "./field-reader.ts";
import { describeProblem } from "./problem.ts";
import { type Columns, rowsOfJson } from "./raw-rows.ts";

/** A row whose `amounts` are what deltas change, and nothing else. */
export interface AmountRow<Field extends string> {
  amounts: Readonly<Record<Field, bigint>>;
}

/** Rows by key, in the order given. Throws TPC_INTERNAL when two have the same key. */
export function indexRows<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string): Map<string, Row> {
  const index = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    invariant(!index.has(key), `two rows have the key ${key}`);
    index.set(key, row);
  }
  return index;
}

/** All rows, or those of the given keys that exist. */
export function pickRows<Row>(rows: ReadonlyMap<string, Row>, keys?: ReadonlySet<string>): Row[] {
  if (keys === undefined) return [...rows.values()];
  return [...keys].flatMap((key) => rows.get(key) ?? []);
}

/**
 * Adds sums of deltas to the rows they name, or throws TPC_INTERNAL and changes nothing. `findBroken` judges a row with
 * all of one call's deltas, so that their order means nothing. Costs as much as there are sums.
 */
export function applyDeltas<Field extends string, Row extends AmountRow<Field>>(
  rows: ReadonlyMap<string, Row>,
  sums: ReadonlyMap<string, Readonly<Record<Field, bigint>>>,
  fields: readonly Field[],
  findBroken: (row: Row, amounts: Readonly<Record<Field, bigint>>) => string | null,
): void {
  const changed: Row[] = [];
  const changes: Record<Field, bigint>[] = [];
  for (const [key, add] of sums) {
    const row = rows.get(key);
    if (row === undefined) throw broken(`a delta names ${key}, which is not kept here`);
    const amounts: Record<Field, bigint> = { ...row.amounts };
    for (const field of fields) if (add[field] !== 0n) amounts[field] += add[field];
    const rule = findBroken(row, amounts);
    if (rule !== null) throw broken(`a delta would break a rule: ${rule}`);
    changed.push(row);
    changes.push(amounts);
  }
  changed.forEach((row, place) => {
    row.amounts = changes[place] ?? row.amounts;
  });
}

function broken(text: string): TpcError {
  return new TpcError("TPC_INTERNAL", text);
}

/** Reads the rows of an image. Throws TPC_LOG_CORRUPT when it is not one, since it comes from the node's own checkpoint. */
export function readImage<Row>(
  image: unknown,
  columns: Columns,
  keyField: string,
  read: (fields: FieldReader) => Row,
): readonly Row[] {
  if (Array.isArray(image) && image.length === 0) return [];
  const parsed = checkRows("checkpoint", rowsOfJson(image, "checkpoint", columns), keyField, read);
  if (parsed.ok) return parsed.rows;
  throw new TpcError("TPC_LOG_CORRUPT", parsed.problems.slice(0, 1).map(describeProblem).join());
}
