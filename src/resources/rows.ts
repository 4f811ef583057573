import { invariant, TpcError } from "../core/errors.ts";
import type { Delta } from "../schema/operations.ts";
import { checkRows, type FieldReader } from "./field-reader.ts";
import { describeProblem } from "./problem.ts";
import { type Columns, rowsOfJson } from "./raw-rows.ts";
import { negative, type Whole, wholeOf } from "./whole.ts";

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

/** How deltas change rows of one kind, and the rules that stand against it. */
export interface Books<Row> {
  /** Adds to the field of this name; false where rows have none. */
  add(row: Row, field: string, amount: Whole): boolean;
  /** The rule that a row breaks, in words; null when it keeps all. */
  findBroken(row: Row): string | null;
  /** The rule that all rows together break, where they kept it before. */
  findUnbalanced(): string | null;
}

/**
 * Adds deltas to the rows, or takes them off: all of them or none. The rows are judged when all is done, so that the order of the deltas
 * means nothing. Throws TPC_INTERNAL at a rule that is broken, a row that is not kept, or a field that rows of this kind do not have.
 */
export function changeRows<Row>(
  rows: ReadonlyMap<string, Row>,
  deltas: readonly Delta[],
  how: "add" | "take off",
  books: Books<Row>,
): void {
  const changed = new Array<Row>(deltas.length);
  let place = 0;
  let made = 0;
  try {
    for (const { key, add } of deltas) {
      const row = rows.get(key);
      if (row === undefined) throw broken(`a delta names ${key}, which is not kept here`);
      changed[place] = row;
      place += 1;
      for (const field in add) {
        if (!books.add(row, field, amountOf(add, field, how))) {
          throw broken(`a delta of ${key} names the unknown field ${field}`);
        }
        made += 1;
      }
    }
    judge(changed, books);
  } catch (error) {
    takeBack(changed, deltas, made, how, books);
    throw error;
  }
}

function amountOf(add: Delta["add"], field: string, how: "add" | "take off"): Whole {
  const amount = wholeOf(add[field] ?? "0");
  return how === "add" ? amount : negative(amount);
}

function judge<Row>(changed: readonly Row[], books: Books<Row>): void {
  for (const row of changed) {
    const rule = books.findBroken(row);
    if (rule !== null) throw broken(`a delta would break a rule: ${rule}`);
  }
  const rule = books.findUnbalanced();
  if (rule !== null) throw broken(`a delta would break a rule: ${rule}`);
}

/** Sums are exact: the first so many fields that were added to are what they were when the same is taken off again. */
function takeBack<Row>(
  changed: readonly Row[],
  deltas: readonly Delta[],
  made: number,
  how: "add" | "take off",
  books: Books<Row>,
): void {
  let left = made;
  for (const [place, { add }] of deltas.entries()) {
    const row = changed[place];
    for (const field in add) {
      if (row === undefined || left === 0) return;
      books.add(row, field, negative(amountOf(add, field, how)));
      left -= 1;
    }
  }
}

function broken(text: string): TpcError {
  return new TpcError("TPC_INTERNAL", text);
}

/** A list that is made while it is read, as often as it is. */
interface Images extends Iterable<object> {
  toJSON(): readonly object[];
}

/** The images of all rows as they are now. Each is made when it is read, however many rows change meanwhile, of a copy of the row. */
export function imagesOf<Row>(rows: ReadonlyMap<string, Row>, imageOf: (row: Row) => object): Images {
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
