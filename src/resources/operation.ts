import { isRead } from "../core/operations.ts";
import { reasonFor } from "../core/reasons.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import { describeRange, type Range } from "./amounts.ts";
import { plain, quote } from "./printable.ts";
import type { Plan } from "./resource.ts";

/** Which fields each op has, beside `participant` and `op`. */
export type OpFields = ReadonlyMap<string, readonly string[]>;

/** A value that was read from an operation, or why the operation is refused. */
export type Read<Value> = { readonly value: Value } | { readonly reason: Reason };

/** How one kind of resource understands operations. An entry is what a request does to one row, all its operations together. */
export interface Understanding<Row, Entry extends { readonly row: Row }> {
  readonly fields: OpFields;
  read(rows: ReadonlyMap<string, Row>, operation: Operation): Read<ReadResult>;
  /** What one operation does, with one entry for a row; or the reason why it cannot be done. */
  enter(rows: ReadonlyMap<string, Row>, operation: Operation): Entry[] | Reason;
  /** Adds what another entry of the same row does. */
  merge(entry: Entry, other: Entry): void;
  findInvalid(entry: Entry): Reason | null;
  /** Why an entry has to wait for what others hold. */
  findReserved(entry: Entry): Reason | null;
  redoOf(entry: Entry): Delta;
  undoOf(entry: Entry): Delta;
}

const NO_RESULTS: readonly ReadResult[] = [];

/** What a participant would do for the operations of one request. */
export function planOperations<Row, Entry extends { readonly row: Row }>(
  understanding: Understanding<Row, Entry>,
  rows: ReadonlyMap<string, Row>,
  operations: readonly Operation[],
): Plan {
  const { fields, findInvalid, findReserved, redoOf, undoOf } = understanding;
  let entries: Entry[] = [];
  let results = NO_RESULTS;
  for (const operation of operations) {
    const malformed = findMalformed(operation, fields);
    if (malformed !== null) return voteNo(malformed);
    if (isRead(operation)) {
      const read = understanding.read(rows, operation);
      if ("reason" in read) return voteNo(read.reason);
      results = [...results, read.value];
    } else {
      const entered = understanding.enter(rows, operation);
      if (!Array.isArray(entered)) return voteNo(entered);
      if (entries.length === 0) entries = entered;
      else mergeAll(entries, entered, understanding);
    }
  }
  if (entries.length === 0) return { verdict: "read-only", results };
  // What is invalid anywhere in the request makes waiting for others pointless, so it is looked for first.
  const reason = findReason(entries, findInvalid) ?? findReason(entries, findReserved);
  if (reason !== null) return voteNo(reason);
  return { verdict: "yes", redo: entries.map(redoOf), undo: entries.map(undoOf), results };
}

/** A request has few entries: they are looked through. */
function mergeAll<Row, Entry extends { readonly row: Row }>(
  entries: Entry[],
  entered: readonly Entry[],
  { merge }: Understanding<Row, Entry>,
): void {
  for (const entry of entered) {
    const known = entries.find(({ row }) => row === entry.row);
    if (known === undefined) entries.push(entry);
    else merge(known, entry);
  }
}

function voteNo(reason: Reason): Plan {
  return { verdict: "no", reason };
}

/** Why an operation has no meaning here: an unknown op, or a field that its op does not have. Null when neither. */
function findMalformed(operation: Operation, opFields: OpFields): Reason | null {
  const own = opFields.get(operation.op);
  if (own === undefined) {
    return malformed(operation, "op", operation.op, `one of ${[...opFields.keys()].join(", ")}`);
  }
  for (const name in operation) {
    if (name === "participant" || name === "op" || own.includes(name)) continue;
    return malformed(operation, plain(name), operation[name], `only the fields ${own.join(", ")}`);
  }
  return null;
}

/** The row with this key; undefined where there is none. */
export function findRow<Row>(rows: ReadonlyMap<string, Row>, key: unknown): Row | undefined {
  return typeof key === "string" ? rows.get(key) : undefined;
}

/** Why there is no row: the field is no key, or it is the key of none, which `unknown` puts into words. */
export function noRow(operation: Operation, field: string, unknown: (key: string) => Reason): Reason {
  const key = operation[field];
  return typeof key === "string" && key !== "" ? unknown(key) : malformed(operation, field, key, "text");
}

/** Why a field holds no quantity or amount. */
export function notWhole(operation: Operation, field: string, range: Range): Reason {
  return malformed(operation, field, operation[field], describeRange(range));
}

/** The first reason that `find` has against one of the parts. */
function findReason<Part>(parts: readonly Part[], find: (part: Part) => Reason | null): Reason | null {
  for (const part of parts) {
    const reason = find(part);
    if (reason !== null) return reason;
  }
  return null;
}

function malformed(operation: Operation, field: string, value: unknown, expected: string): Reason {
  const op = field === "op" ? "" : `${plain(operation.op)}: `;
  return reasonFor(
    operation.participant,
    "invalid-operation",
    `${op}${field} is ${quote(value)}, expected ${expected}`,
  );
}
