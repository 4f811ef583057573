import { isRead } from "../core/operations.ts";
import { reasonFor } from "../core/reasons.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import { describeRange, parseWhole, type Range } from "./amounts.ts";
import { plain, quote } from "./printable.ts";
import type { Plan } from "./resource.ts";

/** Which fields each op has, beside `participant` and `op`. */
export type OpFields = ReadonlyMap<string, readonly string[]>;

/** A value that was read from an operation, or why the operation is refused. */
export type Read<Value> = { readonly value: Value } | { readonly reason: Reason };

/** How one kind of resource understands operations. An entry is what a request does to one key, all its operations together. */
export interface Understanding<Row, Entry> {
  readonly fields: OpFields;
  read(rows: ReadonlyMap<string, Row>, operation: Operation): Read<ReadResult>;
  /** Adds what an operation does to the entries, of which a row has one. Gives the reason where it cannot be done. */
  enter(rows: ReadonlyMap<string, Row>, entries: Entry[], operation: Operation): Reason | null;
  findInvalid(entry: Entry): Reason | null;
  /** Why an entry has to wait for what others hold. */
  findReserved(entry: Entry): Reason | null;
  redoOf(entry: Entry): Delta;
  undoOf(entry: Entry): Delta;
}

/** What a participant would do for the operations of one request. */
export function planOperations<Row, Entry>(
  understanding: Understanding<Row, Entry>,
  rows: ReadonlyMap<string, Row>,
  operations: readonly Operation[],
): Plan {
  const { fields, findInvalid, findReserved, redoOf, undoOf } = understanding;
  const entries: Entry[] = [];
  const results: ReadResult[] = [];
  for (const operation of operations) {
    const malformed = findMalformed(operation, fields);
    if (malformed !== null) return voteNo(malformed);
    if (isRead(operation)) {
      const read = understanding.read(rows, operation);
      if ("reason" in read) return voteNo(read.reason);
      results.push(read.value);
    } else {
      const reason = understanding.enter(rows, entries, operation);
      if (reason !== null) return voteNo(reason);
    }
  }
  if (entries.length === 0) return { verdict: "read-only", results };
  // What is invalid anywhere in the request makes waiting for others pointless, so it is looked for first.
  const reason = findReason(entries, findInvalid) ?? findReason(entries, findReserved);
  if (reason !== null) return voteNo(reason);
  return { verdict: "yes", redo: entries.map(redoOf), undo: entries.map(undoOf), results };
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

/** Reads the key of a row. */
export function readKey(operation: Operation, field: string): Read<string> {
  const value = fieldOf(operation, field);
  if (typeof value === "string" && value !== "") return { value };
  return { reason: malformed(operation, field, value, "text") };
}

/** Reads a quantity or an amount. */
export function readWhole(operation: Operation, field: string, range: Range): Read<bigint> {
  const value = fieldOf(operation, field);
  const whole = parseWhole(value, range);
  return whole === null
    ? { reason: malformed(operation, field, value, describeRange(range)) }
    : { value: whole };
}

/** The entry of a row, undefined where it has none yet. A request has few: they are looked through. */
export function entryOf<Row, Entry extends { readonly row: Row }>(
  entries: readonly Entry[],
  row: Row,
): Entry | undefined {
  for (const entry of entries) if (entry.row === row) return entry;
  return undefined;
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

function fieldOf(operation: Operation, field: string): unknown {
  return Object.hasOwn(operation, field) ? operation[field] : undefined;
}
