import fc from "fast-check";
import { Compile } from "typebox/compile";
import { describe, expect, test } from "vitest";
import { MISS, type PutValue } from "../../src/codec/canonical-puts.ts";
import { compileWriter } from "../../src/codec/canonical-writer.ts";
import { createGrowingBytes } from "../../src/codec/growing-bytes.ts";
import { PROTOCOL_MESSAGES } from "../../src/schema/protocol.ts";
import { LOG_RECORDS } from "../../src/schema/records.ts";
import { SESSION_MESSAGES } from "../../src/schema/session.ts";
import { valuesOf } from "./schema-values.ts";

// Goal: what is written from a schema is what `JSON.stringify` gives, and only ever of a value that the schema allows.

const { prepare, vote, commit, ack, abort, decided } = PROTOCOL_MESSAGES;
const { begin, outcome } = SESSION_MESSAGES;
const SCHEMAS = {
  ...{ prepare, vote, commit, ack, abort, decided, begin, outcome },
  ...{ "a commit record": LOG_RECORDS.commit, end: LOG_RECORDS.end, prepared: LOG_RECORDS.prepared },
  ...{ committed: LOG_RECORDS.committed, aborted: LOG_RECORDS.aborted },
};

/** The text that a writer gives, beginning in a corner where nothing fits; null for a miss. */
function written(put: PutValue, value: unknown): string | null {
  const growing = createGrowingBytes(Buffer.allocUnsafe, 600);
  const end = growing.put(put, value, 80);
  return end === MISS ? null : growing.bytes.toString("utf8", 80, end);
}

/** A value with something else in a place of it. */
function changed(value: unknown, path: readonly number[], other: unknown): unknown {
  if (typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const [step = 0, ...rest] = path;
  const key = keys[step % (keys.length + 1)];
  if (Array.isArray(value))
    return value.map((each, at) => (String(at) === key ? changed(each, rest, other) : each));
  if (key === undefined) return { ...value, [typeof other === "string" ? other : "more"]: other };
  return { ...value, [key]: changed((value as Record<string, unknown>)[key], rest, other) };
}

const other = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom('"', "\\", "\u0000", "ä", "\ud800", "x".repeat(300), "__proto__", "", "-1", "1.5"),
  fc.constantFrom(
    undefined,
    null,
    true,
    [],
    {},
    -1,
    -0,
    1.5,
    1e21,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
);

describe.each(Object.entries(SCHEMAS))("%s", (_name, schema) => {
  const put = compileWriter(schema);
  const values = valuesOf(schema);

  test("any value in plain ASCII is written as JSON.stringify writes it", () => {
    fc.assert(fc.property(values, (value) => void expect(written(put, value)).toBe(JSON.stringify(value))));
  });

  test("with something else in it, it is written the same, or is a miss", () => {
    const validator = Compile(schema);
    fc.assert(
      fc.property(values, fc.array(fc.nat({ max: 12 }), { maxLength: 5 }), other, (value, path, piece) => {
        const strange = changed(value, path, piece);
        const text = written(put, strange);
        if (text === null) return;
        expect(text).toBe(JSON.stringify(strange));
        expect(validator.Check(strange)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

test("fields in another order are written in the schema's", () => {
  const message = { from: "ledger", transactionId: "coordinator-0123456789ab.1.7", type: "ack" };
  const { from, transactionId, type } = message;
  expect(written(compileWriter(ack), message)).toBe(JSON.stringify({ type, transactionId, from }));
});
