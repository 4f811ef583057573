import { invariant, TpcError } from "../core/errors.ts";
import type { Delta } from "../schema/operations.ts";
import { sumDeltas } from "./deltas.ts";
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
 * Applies deltas to the rows they name, or throws TPC_INTERNAL and changes nothing. Deltas of one call are summed
 * before `findBroken` judges a row, so that their order means nothing. Costs as much as there are deltas.
 */
export function applyDeltas<Field extends string, Row extends AmountRow<Field>>(
  rows: ReadonlyMap<string, Row>,
  deltas: readonly Delta[],
  fields: readonly Field[],
  findBroken: (row: Row, amounts: Readonly<Record<Field, bigint>>) => string | null,
): void {
  const changes: (() => void)[] = [];
  for (const [key, add] of sumDeltas(deltas, fields)) {
    const row = rows.get(key);
    invariant(row !== undefined, `a delta names ${key}, which is not kept here`);
    const amounts: Record<Field, bigint> = { ...row.amounts };
    for (const field of fields) amounts[field] += add[field];
    const broken = findBroken(row, amounts);
    invariant(broken === null, `a delta would break a rule: ${broken}`);
    changes.push(() => {
      row.amounts = amounts;
    });
  }
  for (const change of changes) change();
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
