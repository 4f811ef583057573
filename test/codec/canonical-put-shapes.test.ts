import { describe, expect, test } from "vitest";
import { MISS } from "../../src/codec/canonical-puts.ts";
import { compileWriter } from "../../src/codec/canonical-writer.ts";
import { createGrowingBytes } from "../../src/codec/growing-bytes.ts";
import { SESSION_MESSAGES } from "../../src/schema/session.ts";

// In a file of its own: of each schema the shapes that are met first are kept, and other tests meet many.

const put = compileWriter(SESSION_MESSAGES.begin);

/** The request's text; null for a miss. */
function written(request: object, startBytes = 600): string | null {
  const growing = createGrowingBytes(Buffer.allocUnsafe, startBytes);
  const end = growing.put(put, request, 0);
  return end === MISS ? null : growing.bytes.toString("utf8", 0, end);
}

describe("an object whose fields are not all known before", () => {
  const requestOf = (operation: object) => ({
    ...{ type: "begin", requestId: "one", issuedAtMs: 1 },
    operations: [{ participant: "ledger", op: "transfer", ...operation }],
    timeoutMs: 1,
  });

  test.each([4, 14])("with %i long keys and no text is written however little room there is", (length) => {
    const fields = Array.from({ length }, (_, at) => [`${at}`.padStart(40, "k"), false]);
    const request = requestOf(Object.fromEntries(fields));
    for (let startBytes = 500; startBytes < 2_000; startBytes += 1)
      expect(written(request, startBytes)).toBe(JSON.stringify(request));
  });

  test("is written as it stands, whatever shapes were met before, and however many", () => {
    const shapes = Array.from({ length: 20 }, (_, at) => [
      { [`field${at}`]: "a", amount: at },
      { amount: at, [`field${at}`]: true },
      { amount: at },
      { 7: "digits come first", [`field${at}`]: 1.5 },
    ]).flat();
    for (const operation of [...shapes, ...shapes]) {
      const request = requestOf(operation);
      const text = written(request);
      expect(JSON.parse(text ?? "null")).toEqual(request);
      // A key that is a number comes first in an object, and behind the schema's where it is put.
      if (!("7" in operation)) expect(text).toBe(JSON.stringify(request));
    }
  });

  test("of a shape that was met is a miss where a value may not stand, or a field is missing", () => {
    expect(written(requestOf({ debit: "cash", amount: "1" }))).not.toBeNull();
    for (const strange of [null, {}, [], Number.NaN, "x".repeat(257), 'a"b', undefined])
      expect([strange, written(requestOf({ debit: "cash", amount: strange }))]).toEqual([strange, null]);
    expect(written({ ...requestOf({}), operations: [{ participant: "ledger", amount: "1" }] })).toBeNull();
  });
});
