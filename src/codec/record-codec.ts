import Type from "typebox";
import { Compile } from "typebox/compile";
import { TpcError } from "../core/errors.ts";
import { TransactionId } from "../schema/ids.ts";
import { LOG_RECORDS, type LogRecord } from "../schema/records.ts";
import { madeLater } from "./canonical-code.ts";
import { MISS, type PutValue } from "./canonical-puts.ts";
import { compileWriter } from "./canonical-writer.ts";
import type { GrowingBytes } from "./growing-bytes.ts";

export type DecodedRecord = { readonly record: LogRecord } | { readonly problem: string };

type RecordValidator = {
  Check(value: unknown): value is LogRecord;
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
};

/** Compiled once, as all of them, when the module is loaded. */
const PREPARED = Compile(LOG_RECORDS.prepared);
const PREPARED_WHOLE = Compile(Type.Required(LOG_RECORDS.prepared));
const COMPILED = {
  "run-start": Compile(LOG_RECORDS["run-start"]),
  commit: Compile(LOG_RECORDS.commit),
  end: Compile(LOG_RECORDS.end),
  prepared: wholeOr(PREPARED_WHOLE, PREPARED),
  committed: Compile(LOG_RECORDS.committed),
  aborted: Compile(LOG_RECORDS.aborted),
  heuristic: Compile(LOG_RECORDS.heuristic),
  "heuristic-end": Compile(LOG_RECORDS["heuristic-end"]),
  released: Compile(LOG_RECORDS.released),
};

/** A record without its line above does not compile. */
const BY_TYPE: Readonly<Record<LogRecord["type"], RecordValidator>> = COMPILED;
const VALIDATORS: ReadonlyMap<string, RecordValidator> = new Map(Object.entries(BY_TYPE));

/** The fields of a record that has all of them are counted; those of another are compared by name, which takes longer. */
function wholeOr(whole: { Check(value: unknown): boolean }, any: RecordValidator): RecordValidator {
  const check = (value: unknown): value is LogRecord => whole.Check(value) || any.Check(value);
  return { Check: check, Errors: (value) => any.Errors(value) };
}

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

/** The records of every transaction, which are checked as they are written. */
const WRITERS: ReadonlyMap<string, () => PutValue | null> = new Map(
  [LOG_RECORDS.commit, LOG_RECORDS.end, LOG_RECORDS.prepared, LOG_RECORDS.committed, LOG_RECORDS.aborted].map(
    (schema) => [schema.properties.type.const, madeLater(() => compileWriter(schema))],
  ),
);

/** Puts what `encodeRecord` gives, the fields in the schema's order, and returns where it ends. Throws as `encodeRecord` does. */
export function putRecord(draft: GrowingBytes, record: LogRecord, at: number): number {
  const put = WRITERS.get(record.type)?.() ?? null;
  const end = put === null ? MISS : draft.put(put, record, at);
  return end === MISS ? draft.putText(encodeRecord(record), at) : end;
}

const TRANSACTION_ID = Compile(TransactionId);

/**
 * Half of a log's records say how a transaction ended, and nothing else: as `encodeRecord` writes them they are known by what
 * stands around the id, in which nothing is escaped. All others, and any spelling that differs, are parsed.
 */
const ENDINGS: readonly {
  readonly before: string;
  readonly after: string;
  readonly of: (transactionId: TransactionId) => LogRecord;
}[] = [
  {
    before: '{"type":"committed","transactionId":"',
    after: '","onePhase":null}',
    of: (transactionId) => ({ type: "committed", transactionId, onePhase: null }),
  },
  {
    before: '{"type":"end","transactionId":"',
    after: '"}',
    of: (transactionId) => ({ type: "end", transactionId }),
  },
  {
    before: '{"type":"aborted","transactionId":"',
    after: '"}',
    of: (transactionId) => ({ type: "aborted", transactionId }),
  },
];

/** Reads a record's payload: the record in its full shape, or one line that says what is wrong with it. */
export function decodeRecord(text: string): DecodedRecord {
  for (const { before, after, of } of ENDINGS) {
    if (!text.startsWith(before) || !text.endsWith(after)) continue;
    const transactionId = text.slice(before.length, -after.length);
    if (TRANSACTION_ID.Check(transactionId)) return { record: of(transactionId) };
  }
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
  const validator = type === null ? undefined : VALIDATORS.get(type);
  if (validator === undefined) return { problem: "no record has this type" };
  if (validator.Check(value)) return { record: value };
  const first = validator.Errors(value)[0];
  return { problem: `${type} at ${first?.instancePath || "/"}: ${first?.message ?? "invalid"}` };
}

function typeOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" ? value.type : null;
}
