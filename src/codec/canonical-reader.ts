import type Type from "typebox";
import { TpcError } from "../core/errors.ts";
import { Address, Floor, NodeName, RequestId, StoreId, TransactionId } from "../schema/ids.ts";
import { OperationName } from "../schema/operations.ts";
import { Prepare } from "../schema/protocol.ts";
import { PreparedRecord } from "../schema/records.ts";
import {
  add,
  checkOf,
  type Draft,
  flush,
  KEY,
  nameOf,
  outside,
  type Schema,
  standsHere,
  variable,
} from "./canonical-code.ts";
import { transactionIds } from "./canonical-ids.ts";
import {
  createFew,
  createInterned,
  createRecalled,
  type Interned,
  makeAllowed,
  place,
  readNumber,
  readPlain,
  type TextBytes,
} from "./canonical-pieces.ts";
import { createShapes } from "./canonical-shapes.ts";

/**
 * Reads the value that begins at `from` where it stands exactly as this program writes it: fields in the schema's order, no blank,
 * nothing escaped. Undefined where a byte differs or the schema does not hold. Its end is then in `place.end`.
 */
export type CanonicalReader = (bytes: TextBytes, view: DataView, from: number) => unknown;

/** What differs from message to message, and is not worth remembering. */
const FRESH: ReadonlySet<unknown> = new Set([RequestId, Prepare.properties.digest]);
/** What is the same in message after message and record after record, and stays within a node: all who hold it hold one object, which nobody may change. */
const RECALLED: ReadonlySet<unknown> = new Set([
  Address,
  Prepare.properties.participants,
  PreparedRecord.properties.participants,
]);
/** Texts of which a node meets a few. */
const FEW: ReadonlySet<unknown> = new Set([NodeName, StoreId, OperationName]);
/** What is mostly the same as in the message before: then it is the same object. */
const REPEATED: ReadonlySet<unknown> = new Set([Floor]);
/** Fields of an object that may have any. */
const FIELDS_MAX = 64;

/**
 * Makes code for a schema, as the schema library does for its validators. Throws where code may not be made from text, and
 * TPC_INTERNAL for a schema that says what this does not know.
 */
export function compileReader(schema: Type.TSchema): CanonicalReader {
  const draft: Draft = { lines: [], outside: [], variables: 0, constant: "" };
  const value = writeValue(draft, schema as Schema);
  flush(draft);
  const used = draft.outside.map((_value, at) => `const o${at} = outside[${at}];`);
  const code = `${used.join("\n")}
return function ${nameOf("read", schema)}(bytes, view, from) {
  const length = view.byteLength;
  let at = from;
  ${draft.lines.join("\n  ")}
  place.end = at;
  return ${value};
};`;
  return new Function("outside", "place", code)(draft.outside, place) as CanonicalReader;
}

/** Code that reads a value of the schema; the variable that it is then in. */
function writeValue(draft: Draft, schema: Schema): string {
  return RECALLED.has(schema) ? writeRecalled(draft, schema) : writeAnew(draft, schema);
}

function writeRecalled(draft: Draft, schema: Schema): string {
  flush(draft);
  const recalled = outside(draft, createRecalled());
  const value = variable(draft);
  const start = variable(draft);
  add(
    draft,
    `let ${value} = ${recalled}.find(view, at);`,
    `if (${value} !== undefined) at += ${recalled}.length;`,
    `else { const ${start} = at;`,
  );
  const made = writeAnew(draft, schema);
  flush(draft);
  add(draft, `${value} = ${made};`, `${recalled}.keep(bytes, ${start}, at, ${value}); }`);
  return value;
}

function writeAnew(draft: Draft, schema: Schema): string {
  if (schema.const !== undefined) {
    const text = JSON.stringify(schema.const);
    draft.constant += text;
    return text;
  }
  if (schema.anyOf !== undefined) return writeChoice(draft, schema.anyOf);
  switch (schema.type) {
    case "string":
      return writeString(draft, schema);
    case "integer":
      return writeInteger(draft, schema);
    case "number":
      return writeNumber(draft, schema);
    case "boolean":
      return writeConstants(draft, [true, false]);
    case "null":
      return writeConstants(draft, [null]);
    case "array":
      return writeArray(draft, schema);
    case "object":
      return schema.properties !== undefined && schema.additionalProperties === false
        ? writeClosed(draft, schema.properties, schema.required ?? [], REPEATED.has(schema))
        : writeOpen(draft, schema);
    default:
      throw new TpcError("TPC_INTERNAL", `no reader for a schema of the type ${schema.type}`);
  }
}

function writeConstants(draft: Draft, values: readonly unknown[]): string {
  flush(draft);
  const value = variable(draft);
  add(draft, `let ${value};`);
  for (const each of values) {
    const text = JSON.stringify(each);
    add(draft, `if (${standsHere(text)}) { ${value} = ${text}; at += ${text.length}; } else`);
  }
  add(draft, "return;");
  return value;
}

/** The first byte tells which of several schemas it is: no two of them may begin alike. */
function writeChoice(draft: Draft, schemas: readonly Schema[]): string {
  if (schemas.every((schema) => schema.const !== undefined)) {
    return writeConstants(
      draft,
      schemas.map((schema) => schema.const),
    );
  }
  flush(draft);
  const first = variable(draft);
  const value = variable(draft);
  add(draft, `const ${first} = bytes[at]; let ${value};`);
  for (const schema of schemas) {
    add(draft, `if (${beginningOf(schema, first)}) {`);
    const made = writeValue(draft, schema);
    flush(draft);
    add(draft, `${value} = ${made}; } else`);
  }
  add(draft, "return;");
  return value;
}

function beginningOf(schema: Schema, byte: string): string {
  switch (schema.type) {
    case "string":
      return `${byte} === 34`;
    case "number":
      return `${byte} === 45 || (${byte} >= 48 && ${byte} <= 57)`;
    case "boolean":
      return `${byte} === 116 || ${byte} === 102`;
    case "null":
      return `${byte} === 110`;
    case "object":
      return `${byte} === 123`;
    default:
      throw new TpcError("TPC_INTERNAL", `no choice of a schema of the type ${schema.type}`);
  }
}

/** A run of characters between two, such as `^[!-~]{1,64}$`. */
const RUN = /^\^\[(.)-(.)\]\{(\d+),(\d+)\}\$$/;

function writeString(draft: Draft, schema: Schema): string {
  draft.constant += '"';
  flush(draft);
  const value = variable(draft);
  const run = RUN.exec(schema.pattern ?? "");
  if (Object.is(schema, TransactionId))
    add(draft, `const ${value} = ${outside(draft, transactionIds)}.read(bytes, view, at);`);
  else if (!FRESH.has(schema)) {
    add(draft, `const ${value} = ${outside(draft, internedFor(schema))}.read(bytes, view, at);`);
  } else if (run === null) {
    add(
      draft,
      `const ${value} = ${outside(draft, readPlain)}(bytes, at);`,
      `if (${value} !== undefined && !${outside(draft, checkOf(schema))}(${value})) return;`,
    );
  } else {
    const [, low = "", high = "", least, most] = run;
    const allowed = outside(draft, makeAllowed(low.charCodeAt(0), high.charCodeAt(0)));
    add(
      draft,
      `const ${value} = ${outside(draft, readPlain)}(bytes, at, ${allowed});`,
      `if (${value} !== undefined && (${value}.length < ${least} || ${value}.length > ${most})) return;`,
    );
  }
  add(draft, `if (${value} === undefined) return;`, `at += ${value}.length;`);
  draft.constant = '"';
  return value;
}

const interned = new Map<Schema, Interned>();

/** One table for all places of a schema. */
function internedFor(schema: Schema): Interned {
  const make = FEW.has(schema) ? createFew : createInterned;
  const known = interned.get(schema) ?? make(checkOf(schema));
  interned.set(schema, known);
  return known;
}

/** Digits alone, with no zero before others: sixteen of them hold every safe integer, and what is more is beyond `maximum`. */
function writeInteger(draft: Draft, { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema): string {
  flush(draft);
  const value = variable(draft);
  const first = variable(draft);
  const digit = variable(draft);
  add(
    draft,
    `let ${value} = 0, ${digit}; const ${first} = at;`,
    `while ((${digit} = bytes[at] - 48) >= 0 && ${digit} <= 9) { ${value} = ${value} * 10 + ${digit}; at += 1; }`,
    `if (at === ${first} || at - ${first} > 16 || (bytes[${first}] === 48 && at - ${first} > 1)) return;`,
    `if (${value} < ${minimum} || ${value} > ${maximum}) return;`,
  );
  return value;
}

function writeNumber(
  draft: Draft,
  { minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE }: Schema,
): string {
  flush(draft);
  const value = variable(draft);
  add(
    draft,
    `const ${value} = ${outside(draft, readNumber)}(bytes, at);`,
    `if (!(${value} >= ${minimum} && ${value} <= ${maximum})) return;`,
    "at = place.end;",
  );
  return value;
}

/** All lists of nothing. */
const NO_ELEMENTS: readonly unknown[] = [];

function writeArray(draft: Draft, { items, minItems = 0, maxItems = 2 ** 32 }: Schema): string {
  if (items === undefined) throw new TpcError("TPC_INTERNAL", "no reader for an array of anything");
  draft.constant += "[";
  flush(draft);
  // Elements are gathered in a list that stays, so that the one that is handed out is no longer than it must be.
  const gathered = outside(draft, []);
  const count = variable(draft);
  const value = variable(draft);
  add(draft, `let ${count} = 0;`, `if (bytes[at] === 93) at += 1; else for (;;) {`);
  const element = writeValue(draft, items);
  flush(draft);
  add(
    draft,
    `${gathered}[${count}++] = ${element};`,
    "if (bytes[at] === 44) at += 1; else if (bytes[at] === 93) { at += 1; break; } else return;",
    "}",
    `if (${count} < ${minItems} || ${count} > ${maxItems}) return;`,
    // Most lists are this short, and to make one here takes less than to call for it.
    `const ${value} = ${count} === 0 ? ${outside(draft, NO_ELEMENTS)} : ${count} === 1 ? [${gathered}[0]] :`,
    `${count} === 2 ? [${gathered}[0], ${gathered}[1]] : ${gathered}.slice(0, ${count});`,
  );
  return value;
}

/** An object of known fields. Those that may be absent come last, and a second object is made for each that is there. */
function writeClosed(
  draft: Draft,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
  isRepeated: boolean,
): string {
  const fields: Field[] = [];
  const optional: Field[] = [];
  draft.constant += "{";
  for (const [key, schema] of Object.entries(properties)) {
    const field = JSON.stringify(key);
    const name = `${fields.length + optional.length === 0 ? "" : ","}${field}:`;
    if (required.includes(key)) {
      if (optional.length > 0) throw new TpcError("TPC_INTERNAL", `${key} comes after what may be absent`);
      draft.constant += name;
      fields.push({ key: field, value: writeValue(draft, schema) });
      continue;
    }
    flush(draft);
    const value = variable(draft);
    add(draft, `let ${value}; if (${standsHere(name)}) { at += ${name.length};`);
    const made = writeValue(draft, schema);
    flush(draft);
    add(draft, `${value} = ${made}; }`);
    optional.push({ key: field, value });
  }
  draft.constant += "}";
  const value = variable(draft);
  flush(draft);
  if (!isRepeated) {
    add(draft, `const ${value} = ${withOptional(fields, optional)};`);
    return value;
  }
  const last = outside(draft, { value: {} });
  const isSame = [...fields, ...optional].map(({ key, value: made }) => `${value}[${key}] === ${made}`);
  add(
    draft,
    `let ${value} = ${last}.value;`,
    `if (!(${isSame.join(" && ")})) ${last}.value = ${value} = ${withOptional(fields, optional)};`,
  );
  return value;
}

/** A field's name as JSON has it, and the variable that its value is in. */
interface Field {
  readonly key: string;
  readonly value: string;
}

function withOptional(fields: readonly Field[], [first, ...others]: readonly Field[]): string {
  if (first === undefined) return `{ ${fields.map(({ key, value }) => `${key}: ${value}`).join(", ")} }`;
  const whole = withOptional([...fields, first], others);
  return `${first.value} !== undefined ? ${whole} : ${withOptional(fields, others)}`;
}

/** An object of known fields, all of them required, and any others after them. */
function writeOpen(draft: Draft, schema: Schema): string {
  const { properties = {}, additionalProperties, patternProperties = {} } = schema;
  const others = typeof additionalProperties === "object" ? additionalProperties : patternProperties["^.*$"];
  if (others === undefined) throw new TpcError("TPC_INTERNAL", "no reader for an object of anything");
  const known = Object.keys(properties);
  const shapes = outside(draft, createShapes(known));
  const values = outside(draft, []);
  draft.constant += "{";
  for (const [at, [key, each]] of Object.entries(properties).entries()) {
    draft.constant += `${at === 0 ? "" : ","}${JSON.stringify(key)}:`;
    add(draft, `${values}[${at}] = ${writeValue(draft, each)};`);
  }
  flush(draft);
  const count = variable(draft);
  const fields = variable(draft);
  add(
    draft,
    `let ${count} = ${known.length}, ${fields} = ${shapes}.first;`,
    "if (bytes[at] !== 125) for (;;) {",
  );
  if (known.length > 0) add(draft, "if (bytes[at] !== 44) return;", "at += 1;");
  writeKey(draft, shapes, fields);
  const made = writeValue(draft, others);
  flush(draft);
  add(draft, `${values}[${count}++] = ${made};`);
  add(draft, `if (bytes[at] === 125) break; if (${count} > ${FIELDS_MAX}) return;`);
  if (known.length === 0) add(draft, "if (bytes[at] !== 44) return;", "at += 1;");
  add(draft, "}", "at += 1;");
  const value = variable(draft);
  add(draft, `const ${value} = ${shapes}.make(${fields}, ${values});`);
  return value;
}

/** Code that reads a key and its colon; the fields with it are then in `fields`. */
function writeKey(draft: Draft, shapes: string, fields: string): void {
  const next = variable(draft);
  const start = variable(draft);
  add(
    draft,
    `let ${next} = ${shapes}.find(${fields}, view, at);`,
    `if (${next} !== undefined) at += ${next}.piece.byteLength;`,
    `else { const ${start} = at;`,
  );
  const key = writeString(draft, KEY);
  draft.constant += ":";
  flush(draft);
  add(
    draft,
    `${next} = ${shapes}.add(${fields}, ${key}, bytes, ${start}, at);`,
    `if (${next} === undefined) return; }`,
    `${fields} = ${next};`,
  );
}
