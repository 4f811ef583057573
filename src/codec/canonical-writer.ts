import type Type from "typebox";
import { TpcError } from "../core/errors.ts";
import { Address, TransactionId } from "../schema/ids.ts";
import { Prepare } from "../schema/protocol.ts";
import { CommitRecord, PreparedRecord } from "../schema/records.ts";
import { OutcomeMessage } from "../schema/session.ts";
import {
  add,
  checkOf,
  type Draft,
  KEY,
  nameOf,
  outside,
  type Schema,
  variable,
  wordsOf,
} from "./canonical-code.ts";
import { transactionIds } from "./canonical-ids.ts";
import { createPutKnown, createPutRecalled } from "./canonical-known.ts";
import { makeAllowed } from "./canonical-pieces.ts";
import { createPutShapes, OTHER_SHAPE } from "./canonical-put-shapes.ts";
import { createPutRun, type PutRun, type PutText, type PutValue, putNumber } from "./canonical-puts.ts";

/**
 * Makes code for a schema that puts a value of it into bytes, from `at` up to `limit`: its fields in the schema's order, otherwise what
 * `JSON.stringify` gives. `MISS` for a value that is not of the schema, or in which a character would have to be escaped, or where there
 * is too little room. It may write `SLACK_BYTES` beyond the limit. Throws where code may not be made from text, and TPC_INTERNAL for a
 * schema that says what this does not know.
 */
export function compileWriter(schema: Type.TSchema): PutValue {
  return compile(schema as Schema);
}

/** No text between two values that are held against the limit is longer. */
export const SLACK_BYTES = 512;

function compile(schema: Schema): PutValue {
  return compileWith(schema, (draft) => writeAnew(draft, schema, "value"));
}

function compileWith(schema: Schema, write: (draft: Draft) => void): PutValue {
  const draft: Draft = { lines: [], outside: [], variables: 0, constant: "" };
  write(draft);
  flush(draft);
  const used = draft.outside.map((_value, at) => `const o${at} = outside[${at}];`);
  const code = `${used.join("\n")}
return function ${nameOf("put", schema)}(value, bytes, view, limit, at) {
  ${draft.lines.join("\n  ")}
  return at;
};`;
  return new Function("outside", code)(draft.outside) as PutValue;
}

/** Code for the constant text that is due. */
function flush(draft: Draft): void {
  const text = draft.constant;
  draft.constant = "";
  if (text === "") return;
  if (text.length < 4) {
    for (let at = 0; at < text.length; at += 1) add(draft, `bytes[at + ${at}] = ${text.charCodeAt(at)};`);
  } else {
    for (const [at, word] of wordsOf(text)) add(draft, `view.setInt32(at + ${at}, ${word});`);
  }
  add(draft, `at += ${text.length};`);
}

/** What is the same object in message after message and record after record, and is never changed. */
const RECALLED: ReadonlySet<unknown> = new Set([
  Address,
  Prepare.properties.participants,
  PreparedRecord.properties.participants,
  OutcomeMessage.properties.votes,
]);

/** Code that checks and puts the value in a variable of the code. */
function writeValue(draft: Draft, schema: Schema, value: string): void {
  if (!RECALLED.has(schema)) return writeAnew(draft, schema, value);
  flush(draft);
  const put = outside(draft, putRecalledOf(schema));
  add(draft, `at = ${put}(${value}, bytes, view, limit, at);`, "if (at < 0) return at;");
}

const putRecalled = new Map<Schema, PutValue>();

/** One for all places of a schema. */
function putRecalledOf(schema: Schema): PutValue {
  const put = putRecalled.get(schema) ?? createPutRecalled(compile(schema));
  putRecalled.set(schema, put);
  return put;
}

function writeAnew(draft: Draft, schema: Schema, value: string): void {
  if (schema.const !== undefined) {
    const text = JSON.stringify(schema.const);
    add(draft, `if (${value} !== ${text}) return -1;`);
    draft.constant += text;
    return;
  }
  if (schema.anyOf !== undefined) return writeChoice(draft, schema.anyOf, value);
  switch (schema.type) {
    case "string":
      return writeString(draft, schema, value);
    case "integer":
    case "number":
      return writeNumber(draft, schema, value);
    case "boolean":
      return writeConstants(draft, [true, false], value);
    case "null":
      return writeConstants(draft, [null], value);
    case "array":
      return writeArray(draft, schema, value);
    case "object":
      return writeObject(draft, schema, value);
    default:
      throw new TpcError("TPC_INTERNAL", `no writer for a schema of the type ${schema.type}`);
  }
}

function writeConstants(draft: Draft, constants: readonly unknown[], value: string): void {
  flush(draft);
  for (const constant of constants) {
    const text = JSON.stringify(constant);
    add(draft, `if (${value} === ${text}) {`);
    draft.constant = text;
    flush(draft);
    add(draft, "} else");
  }
  add(draft, "return -1;");
}

function writeNumber(draft: Draft, { type, minimum, maximum }: Schema, value: string): void {
  flush(draft);
  const tests = [type === "integer" ? `Number.isSafeInteger(${value})` : `Number.isFinite(${value})`];
  if (minimum !== undefined) tests.push(`${value} >= ${minimum}`);
  if (maximum !== undefined) tests.push(`${value} <= ${maximum}`);
  add(
    draft,
    `if (!(${tests.join(" && ")})) return -1;`,
    `at = ${outside(draft, putNumber)}(bytes, at, limit, ${value});`,
    "if (at < 0) return at;",
  );
}

/** May be any text, and is mostly one of a few. */
const FEW: ReadonlySet<unknown> = new Set([CommitRecord.properties.voters.items.properties.url]);

const putKnown = new Map<Schema, PutText>();

/** Characters between two, so many of them, perhaps after a minus: `^-?[0-9]{1,40}$`. */
const RUN = /^\^(-\?)?\[(.)-(.)\]\{(\d+),(\d+)\}\$$/;
const MINUS = 45;

function writeString(draft: Draft, schema: Schema, value: string): void {
  draft.constant += '"';
  flush(draft);
  add(draft, `if (typeof ${value} !== "string") return -1;`);
  const run = RUN.exec(schema.pattern ?? "");
  const isAny = schema.pattern === undefined && schema.enum === undefined && !FEW.has(schema);
  if (run !== null || isAny) {
    const [, sign, low = " ", high = "~", least = schema.minLength ?? 0, most = schema.maxLength] = run ?? [];
    const put = outside(draft, putRunOf(low.charCodeAt(0), high.charCodeAt(0)));
    const from = sign === undefined ? "0" : variable(draft);
    if (sign !== undefined) {
      add(draft, `const ${from} = ${value}.charCodeAt(0) === ${MINUS} ? 1 : 0;`);
      add(draft, `if (${from} > 0) bytes[at++] = ${MINUS};`);
    }
    const tooLong = most === undefined ? "" : ` || ${value}.length - ${from} > ${most}`;
    add(draft, `if (${value}.length - ${from} < ${least}${tooLong}) return -1;`);
    add(draft, `at = ${put}(bytes, at, limit, ${value}, ${from});`);
  } else {
    add(draft, `at = ${outside(draft, putTextOf(schema))}(bytes, view, at, limit, ${value});`);
  }
  add(draft, "if (at < 0) return at;");
  draft.constant = '"';
}

const putRuns = new Map<string, PutRun>();

function putRunOf(low: number, high: number): PutRun {
  const key = `${low} ${high}`;
  const put = putRuns.get(key) ?? createPutRun(makeAllowed(low, high));
  putRuns.set(key, put);
  return put;
}

function putTextOf(schema: Schema): PutText {
  if (Object.is(schema, TransactionId)) return transactionIds.put;
  const put = putKnown.get(schema) ?? createPutKnown(checkOf(schema));
  putKnown.set(schema, put);
  return put;
}

/** The kind of the value tells which of several schemas it must be of. */
function writeChoice(draft: Draft, schemas: readonly Schema[], value: string): void {
  if (schemas.every((schema) => schema.const !== undefined)) {
    return writeConstants(
      draft,
      schemas.map((schema) => schema.const),
      value,
    );
  }
  flush(draft);
  for (const schema of schemas) {
    const isNull = `${value} === null`;
    const isObject = `typeof ${value} === "object" && ${value} !== null`;
    const isOther = `typeof ${value} === "${schema.type}"`;
    add(draft, `if (${schema.type === "null" ? isNull : schema.type === "object" ? isObject : isOther}) {`);
    writeValue(draft, schema, value);
    flush(draft);
    add(draft, "} else");
  }
  add(draft, "return -1;");
}

function writeArray(draft: Draft, { items, minItems = 0, maxItems = 2 ** 32 }: Schema, value: string): void {
  if (items === undefined) throw new TpcError("TPC_INTERNAL", "no writer for an array of anything");
  const place = variable(draft);
  const element = variable(draft);
  draft.constant += "[";
  flush(draft);
  add(
    draft,
    `if (!Array.isArray(${value}) || ${value}.length < ${minItems} || ${value}.length > ${maxItems}) return -1;`,
    `for (let ${place} = 0; ${place} < ${value}.length; ${place} += 1) {`,
    `const ${element} = ${value}[${place}];`,
    `if (${place} > 0) bytes[at++] = 44;`,
  );
  writeValue(draft, items, element);
  flush(draft);
  add(draft, "}");
  draft.constant = "]";
}

function writeObject(draft: Draft, schema: Schema, value: string): void {
  if (othersOf(schema) === undefined) return writeFields(draft, schema, value);
  flush(draft);
  const put = outside(draft, putOpenOf(schema));
  add(draft, `at = ${put}(${value}, bytes, view, limit, at);`, "if (at < 0) return at;");
}

/** What fields may be that a schema does not name; undefined where there may be none. */
function othersOf({ additionalProperties, patternProperties = {} }: Schema): Schema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : patternProperties["^.*$"];
}

const putOpen = new Map<Schema, PutValue>();

/** One for all places of a schema. */
function putOpenOf(schema: Schema): PutValue {
  const known = putOpen.get(schema);
  if (known !== undefined) return known;
  const putAny = compileWith(schema, (draft) => writeFields(draft, schema, "value"));
  const put = createPutShapes(putAny, (keys) =>
    compileWith(schema, (draft) => writeShape(draft, schema, keys)),
  );
  putOpen.set(schema, put);
  return put;
}

/** An object that has exactly these fields, in this order. */
function writeShape(draft: Draft, schema: Schema, keys: readonly string[]): void {
  const { properties = {} } = schema;
  add(
    draft,
    `if (typeof value !== "object" || value === null) return ${OTHER_SHAPE};`,
    "let met = 0;",
    `for (const key in value) if (key !== ${outside(draft, keys)}[met++]) return ${OTHER_SHAPE};`,
    `if (met !== ${keys.length}) return ${OTHER_SHAPE};`,
  );
  const others = keys.filter((key) => !Object.hasOwn(properties, key));
  const inOrder = [...Object.keys(properties).filter((key) => keys.includes(key)), ...others];
  draft.constant += "{";
  for (const [at, key] of inOrder.entries()) {
    const field = variable(draft);
    add(draft, `const ${field} = value[${JSON.stringify(key)}];`);
    draft.constant += `${at === 0 ? "" : ","}${JSON.stringify(key)}:`;
    const each = Object.hasOwn(properties, key) ? properties[key] : othersOf(schema);
    if (each !== undefined) writeValue(draft, each, field);
  }
  draft.constant += "}";
}

/** An object with other fields than its schema has, or fewer, is a miss. */
function writeFields(draft: Draft, schema: Schema, value: string): void {
  const { properties = {}, required = [] } = schema;
  add(draft, `if (typeof ${value} !== "object" || ${value} === null) return -1;`);
  const count = variable(draft);
  add(draft, `let ${count} = 0;`);
  draft.constant += "{";
  for (const [at, [key, each]] of Object.entries(properties).entries()) {
    const name = `${at === 0 ? "" : ","}${JSON.stringify(key)}:`;
    const field = variable(draft);
    add(draft, `const ${field} = ${value}[${JSON.stringify(key)}];`);
    if (required.includes(key)) {
      draft.constant += name;
      writeValue(draft, each, field);
      continue;
    }
    flush(draft);
    add(draft, `if (${field} !== undefined) { ${count} -= 1;`);
    draft.constant = name;
    writeValue(draft, each, field);
    flush(draft);
    add(draft, "}");
  }
  const others = othersOf(schema);
  if (others === undefined) add(draft, `for (const _ in ${value}) ${count} += 1;`);
  else writeOthers(draft, Object.keys(properties), others, value, count);
  add(draft, `if (${count} !== ${required.length}) return -1;`);
  draft.constant += "}";
}

/** The fields that are not known before, in the order in which they stand; those that are known are counted. */
function writeOthers(
  draft: Draft,
  known: readonly string[],
  others: Schema,
  value: string,
  count: string,
): void {
  flush(draft);
  const key = variable(draft);
  const field = variable(draft);
  const isFirst = variable(draft);
  const isKnown = known.map((name) => `${key} === ${JSON.stringify(name)}`).join(" || ");
  add(draft, `let ${isFirst} = ${known.length === 0};`, `for (const ${key} in ${value}) {`);
  if (known.length > 0) add(draft, `if (${isKnown}) { ${count} += 1; continue; }`);
  add(draft, `if (${key} === "__proto__") return -1;`);
  add(draft, `if (${isFirst}) ${isFirst} = false; else bytes[at++] = 44;`);
  add(draft, `const ${field} = ${value}[${key}];`);
  writeString(draft, KEY, key);
  draft.constant += ":";
  writeValue(draft, others, field);
  flush(draft);
  add(draft, "}");
}
