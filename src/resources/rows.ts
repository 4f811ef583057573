import { invariant, TpcError } from "../core/errors.ts";
import type { Delta } from "../schema/operations.ts";
import { wholeOf } from "./amounts.ts";
import { checkRows, type FieldReader } from "./field-reader.ts";
import { describeProblem } from "./problem.ts";
import { type Columns, rowsOfJson } from "./raw-rows.ts";

/** A row whose `amounts` are what deltas change, and nothing else. */
export interface AmountRow {
  amounts: Readonly<Record<string, bigint>>;
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

/** A delta was added to a row: its amounts before and after. */
export interface Change<Row extends AmountRow> {
  readonly row: Row;
  readonly before: Row["amounts"];
  readonly after: Row["amounts"];
}

/**
 * Adds deltas to the rows, all of them or none. `findBroken` judges all changes of one call together, so that their order means
 * nothing. Throws TPC_INTERNAL at a rule that is broken, a row that is not kept, or a field that rows of this kind do not have.
 */
export function changeRows<Row extends AmountRow>(
  rows: ReadonlyMap<string, Row>,
  deltas: readonly Delta[],
  findBroken: (changes: readonly Change<Row>[]) => string | null,
): void {
  const changes = new Array<Change<Row>>(deltas.length);
  let made = 0;
  try {
    for (const { key, add } of deltas) {
      const row = rows.get(key);
      if (row === undefined) throw broken(`a delta names ${key}, which is not kept here`);
      const before = row.amounts;
      const after = { ...before };
      addTo(after, key, add);
      row.amounts = after;
      changes[made] = { row, before, after };
      made += 1;
    }
    const rule = findBroken(changes);
    if (rule !== null) throw broken(`a delta would break a rule: ${rule}`);
  } catch (error) {
    for (const { row, before } of changes.slice(0, made).reverse()) row.amounts = before;
    throw error;
  }
}

function addTo(amounts: Record<string, bigint>, key: string, add: Delta["add"]): void {
  for (const field in add) {
    const before = Object.hasOwn(amounts, field) ? amounts[field] : undefined;
    if (before === undefined) throw broken(`a delta of ${key} names the unknown field ${field}`);
    amounts[field] = before + wholeOf(add[field] ?? "0");
  }
}

function broken(text: string): TpcError {
  return new TpcError("TPC_INTERNAL", text);
}

/** A list that is made while it is read, as often as it is. */
interface Images extends Iterable<object> {
  toJSON(): readonly object[];
}

/**
 * The images of all rows as they are now. Each is made when it is read, however many rows change meanwhile: a row gets other amounts, and
 * what its amounts were stays as it was.
 */
export function imagesOf<Row extends AmountRow>(
  rows: ReadonlyMap<string, Row>,
  imageOf: (row: Row) => object,
): Images {
  const kept = pickRows(rows).map((row) => ({ ...row }));
  return {
    *[Symbol.iterator]() {
      for (const row of kept) yield imageOf(row);
    },
    toJSON: () => kept.map(imageOf),
  };
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
