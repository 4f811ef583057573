import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrowingBytes } from "../../src/codec/growing-bytes.ts";
import { decodeRecord, encodeRecord, putRecord, readRecord } from "../../src/codec/record-codec.ts";
import type { NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import { LOG_RECORDS, type LogRecord, type PreparedRecord } from "../../src/schema/records.ts";
import { RECORDS } from "../runtime/records.ts";
import { valuesOf } from "./schema-values.ts";

const transactionId = "coordinator-0123456789ab.1.7" as TransactionId;
const END: LogRecord = { type: "end", transactionId };
const PREPARED: PreparedRecord = {
  type: "prepared",
  transactionId,
  requestId: "r1" as RequestId,
  issuedAtMs: 5,
  digest: "d",
  coordinator: { name: "coordinator" as NodeName, url: "" },
  participants: [],
  redo: [],
  undo: [],
  floor: { epoch: 1, counter: 7 },
};

describe("a record is read back in its full shape, or not at all", () => {
  test("a record survives the round trip", () => {
    expect(decodeRecord(encodeRecord(END))).toEqual({ record: END });
  });

  test("a prepared record of a version that wrote no floor is read as well", () => {
    const { floor, ...older } = PREPARED;
    expect(decodeRecord(JSON.stringify(PREPARED))).toEqual({ record: PREPARED });
    expect(decodeRecord(JSON.stringify(older))).toEqual({ record: older });
    expect(decodeRecord(JSON.stringify({ ...older, ceiling: floor }))).toEqual({
      problem: expect.stringContaining("prepared at /"),
    });
    expect(decodeRecord(JSON.stringify({ ...older, floor: { epoch: 1 } }))).toEqual({
      problem: expect.stringContaining("prepared at /floor"),
    });
  });

  test.each([
    ["not JSON", "{", "not JSON"],
    ["not an object", "7", "no record has this type"],
    ["a type of nobody's", '{"type":"begin"}', "no record has this type"],
    ["a type from the prototype", '{"type":"constructor"}', "no record has this type"],
    ["a field too few", '{"type":"end"}', "end at /"],
    ["a field too many", `{"type":"end","transactionId":"${transactionId}","extra":1}`, "end at /"],
    ["a malformed id", '{"type":"end","transactionId":"7"}', "end at /transactionId"],
  ])("%s is refused, and the problem says where", (_name, text, problem) => {
    expect(decodeRecord(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test.each(Object.entries(RECORDS))(
    "%s is read the same however it is spelt, whole and damaged",
    (_name, record) => {
      const text = JSON.stringify(record);
      expect(decodeRecord(text)).toEqual({ record });
      for (const each of [text, ...damaged(text)]) {
        const bytes = Buffer.from(`.${each}..`);
        expect(readRecord(bytes, 1, bytes.length - 2), each).toEqual(decodeRecord(each));
      }
    },
  );

  const { commit, end, prepared, committed, aborted } = LOG_RECORDS;
  test.each(Object.entries({ commit, end, prepared, committed, aborted }))(
    "any %s that is written is read back, the short way and the long one",
    (_name, schema) => {
      const growing = createGrowingBytes(Buffer.allocUnsafe, 600);
      fc.assert(
        fc.property(valuesOf(schema), (record) => {
          const to = putRecord(growing, record as LogRecord, 5);
          expect(readRecord(growing.bytes, 5, to)).toEqual({ record });
          expect(decodeRecord(growing.bytes.toString("utf8", 5, to))).toEqual({ record });
        }),
      );
    },
  );

  test("what could not be read again is not written", () => {
    const storeId = "not a store" as StoreId;
    const voters = [{ name: "warehouse", url: "", preparedAt: { storeId, epoch: 1, seq: 1 } }];
    const record = { type: "commit", transactionId, voters } as unknown as LogRecord;
    expect(() => encodeRecord(record)).toThrow(expect.objectContaining({ code: "TPC_INTERNAL" }));
  });
});

/** Cut at every character, and each with one of its bits flipped. */
function* damaged(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    yield text.slice(0, at);
    for (let bit = 0; bit < 7; bit += 1) {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
      yield text.slice(0, at) + flipped + text.slice(at + 1);
    }
  }
}
