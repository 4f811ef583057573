import { Compile } from "typebox/compile";
import { TpcError } from "../core/errors.ts";
import { LOG_RECORDS, type LogRecord } from "../schema/records.ts";
import { madeLater } from "./canonical-code.ts";
import { place, QUOTE, type TextBytes } from "./canonical-pieces.ts";
import { MISS, type PutValue } from "./canonical-puts.ts";
import { compileReader } from "./canonical-reader.ts";
import { compileWriter } from "./canonical-writer.ts";
import type { GrowingBytes } from "./growing-bytes.ts";
import { once } from "./once.ts";
import { typeOf } from "./violation.ts";

export type DecodedRecord = { readonly record: LogRecord } | { readonly problem: string };

type RecordValidator = {
  Check(value: unknown): value is LogRecord;
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
};

/** Compiled when the first such record comes. A record without its line is an error of the types. */
const COMPILED = {
  "run-start": () => Compile(LOG_RECORDS["run-start"]),
  commit: () => Compile(LOG_RECORDS.commit),
  end: () => Compile(LOG_RECORDS.end),
  prepared: () => Compile(LOG_RECORDS.prepared),
  committed: () => Compile(LOG_RECORDS.committed),
  aborted: () => Compile(LOG_RECORDS.aborted),
  heuristic: () => Compile(LOG_RECORDS.heuristic),
  "heuristic-end": () => Compile(LOG_RECORDS["heuristic-end"]),
  released: () => Compile(LOG_RECORDS.released),
};
const BY_TYPE: Readonly<Record<LogRecord["type"], () => RecordValidator>> = COMPILED;
const VALIDATORS: ReadonlyMap<string, () => RecordValidator> = new Map(
  Object.entries(BY_TYPE).map(([type, compile]) => [type, once(compile)]),
);

/**
 * The payload of a record's frame, as text. Throws TPC_INTERNAL for a record that `decodeRecord` would not take back:
 * better to stop now than not to start later.
 */
export function encodeRecord(record: LogRecord): string {
  const checked = checkRecord(record);
  if ("problem" in checked) {
    throw new TpcError("TPC_INTERNAL", `a record that could not be read again: ${checked.problem}`);
  }
  return JSON.stringify(record);
}

/** The records of every transaction. */
const HOT = [
  LOG_RECORDS.commit,
  LOG_RECORDS.end,
  LOG_RECORDS.prepared,
  LOG_RECORDS.committed,
  LOG_RECORDS.aborted,
].map((schema) => ({
  type: schema.properties.type.const,
  writer: madeLater(() => compileWriter(schema)),
  reader: madeLater(() => compileReader(schema)),
}));

/** Puts what `encodeRecord` gives, the fields in the schema's order, and returns where it ends. Throws as `encodeRecord` does. */
export function putRecord(draft: GrowingBytes, record: LogRecord, at: number): number {
  const put = writerFor(record.type);
  const end = put === null ? MISS : draft.put(put, record, at);
  return end === MISS ? draft.putText(encodeRecord(record), at) : end;
}

function writerFor(type: LogRecord["type"]): PutValue | null {
  for (const hot of HOT) if (hot.type === type) return hot.writer();
  return null;
}

const BEFORE_TYPE = '{"type":"'.length;

/**
 * Reads the payload of a record's frame, the bytes from `from` up to `to`: the record in its full shape, or one line that says what is
 * wrong with it. What stands there as `putRecord` writes it is not parsed.
 */
export function readRecord(bytes: TextBytes, from: number, to: number): DecodedRecord {
  const record = readHot(bytes, from, to);
  if (record !== undefined && place.end === to) return { record: record as LogRecord };
  return decodeRecord(bytes.toString("utf8", from, to));
}

function readHot(bytes: TextBytes, from: number, to: number): unknown {
  const begin = from + BEFORE_TYPE;
  for (const { type, reader } of HOT) {
    const end = begin + type.length;
    if (end >= to || bytes[end] !== QUOTE || bytes[begin] !== type.charCodeAt(0)) continue;
    return reader()?.(bytes, new DataView(bytes.buffer, bytes.byteOffset, to), from);
  }
  return undefined;
}

/** The same of a text, which is parsed. */
export function decodeRecord(text: string): DecodedRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "not JSON" };
  }
  return checkRecord(value);
}

function checkRecord(value: unknown): DecodedRecord {
  const type = typeOf(value);
  const validator = type === null ? undefined : VALIDATORS.get(type)?.();
  if (validator === undefined) return { problem: "no record has this type" };
  if (validator.Check(value)) return { record: value };
  const first = validator.Errors(value)[0];
  return { problem: `${type} at ${first?.instancePath || "/"}: ${first?.message ?? "invalid"}` };
}
