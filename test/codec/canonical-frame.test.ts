import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCanonicalFrame } from "../../src/codec/canonical-frame.ts";
import { decodeBytes, decodeFrame } from "../../src/codec/wire.ts";
import { PROTOCOL_MESSAGES } from "../../src/schema/protocol.ts";
import { SESSION_MESSAGES } from "../../src/schema/session.ts";
import { edited, mutations } from "../fuzz/fuzzing.ts";
import { valuesOf } from "./schema-values.ts";

// Goal: the short way through a frame gives what parsing and validating it gives, or nothing at all, whatever the bytes are.

const { prepare, vote, commit, ack, abort, decided } = PROTOCOL_MESSAGES;
const { begin, outcome } = SESSION_MESSAGES;
const hot = fc.oneof(...[prepare, vote, commit, ack, abort, decided, begin, outcome].map(valuesOf));
const frames = fc.array(hot, { minLength: 1, maxLength: 4 });

/** What is read the short way; it is checked against the long one. */
function read(text: string | Uint8Array): readonly unknown[] | null {
  const bytes = Buffer.from(text as string);
  const messages = readCanonicalFrame(bytes);
  if (messages === null) return null;
  expect(decodeFrame(bytes.toString())).toEqual({ messages });
  // The fields stand in the same order.
  expect(JSON.stringify(messages)).toBe(JSON.stringify(JSON.parse(bytes.toString())));
  return messages;
}

const id = "coordinator-0123456789ab.1.7";
const address = (name: string) => ({ name, url: `ws://127.0.0.1/${name}` });
const reason = { participant: "ledger", code: "busy", message: "it is busy", retryable: true };
const operations: readonly object[] = [
  { participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 2 },
  { participant: "ledger", op: "read", account: "cash", constructor: true, share: -0.5e-7 },
];
const SAMPLES: readonly object[] = [
  { type: "begin", requestId: "r", issuedAtMs: 1, operations, timeoutMs: 1, isFirstSend: true },
  { type: "begin", requestId: "r", issuedAtMs: 1, operations, timeoutMs: 1 },
  {
    type: "prepare",
    transactionId: id,
    requestId: "r",
    issuedAtMs: 1,
    digest: "d",
    operations,
    onePhase: false,
    coordinator: address("coordinator"),
    participants: [address("warehouse"), address("ledger")],
    floor: { epoch: 1, counter: 0 },
    toStore: "0123456789ab",
    toEpoch: 1,
  },
  {
    type: "vote",
    transactionId: id,
    from: "ledger",
    vote: "yes",
    reason: null,
    results: [{ balance: "5", note: null }],
    preparedAt: { storeId: "0123456789ab", epoch: 1, seq: 9 },
  },
  {
    type: "vote",
    transactionId: id,
    from: "ledger",
    vote: "no",
    reason: {
      ...reason,
      duplicateOf: { transactionId: id, committed: true },
      heldBy: { key: "k", transactionIds: [id] },
    },
    results: [],
    preparedAt: null,
  },
  {
    type: "commit",
    transactionId: id,
    runEpoch: 1,
    floor: { epoch: 1, counter: 7 },
    preparedAt: { storeId: "0123456789ab", epoch: 1, seq: 9 },
  },
  { type: "ack", transactionId: id, from: "ledger" },
  { type: "abort", transactionId: id, runEpoch: 1, floor: { epoch: 1, counter: 7 } },
  { type: "decided", transactionId: id, from: "ledger", outcome: "aborted", reason, results: [] },
  {
    type: "outcome",
    requestId: "r",
    transactionId: id,
    outcome: "committed",
    attempts: 1,
    reason: null,
    votes: { ledger: "yes", warehouse: null },
    results: [],
    durationMs: 1.25,
  },
];
const TEXTS = [...SAMPLES.map((message) => JSON.stringify([message])), JSON.stringify(SAMPLES)];

describe("what this program writes is read the short way", () => {
  test.each(TEXTS)("%s", (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
    // And once more, when its parts are known.
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test("whatever the schema allows in plain ASCII", () => {
    fc.assert(
      fc.property(frames, (messages) => void expect(read(JSON.stringify(messages))).toEqual(messages)),
    );
  });

  test("what comes again and again is one object within a node, and never one that a client is given", () => {
    const readAgain = () =>
      read(JSON.stringify(SAMPLES)) as readonly { participants?: unknown; votes?: unknown }[];
    const many = Array.from({ length: 10 }, readAgain);
    const [before, after] = many.slice(-2);
    expect(after?.[2]?.participants).toBe(before?.[2]?.participants);
    expect(after?.at(-1)?.votes).toEqual(before?.at(-1)?.votes);
    expect(after?.at(-1)?.votes).not.toBe(before?.at(-1)?.votes);
  });
});

describe("any other bytes are read the long way, or mean the same", () => {
  test("every bit of every message flipped, and each cut short at every byte", () => {
    for (const text of TEXTS.slice(0, -1)) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 1) {
        expect(read(bytes.subarray(0, at))).toBeNull();
        for (let bit = 0; bit < 8; bit += 1) {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          read(bytes);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        }
      }
    }
  });

  test("texts with values, brackets, escapes and deep nesting put in", () => {
    fc.assert(
      fc.property(mutations(TEXTS), (input) => void read(edited(TEXTS, input))),
      { numRuns: 1_000 },
    );
  });

  test("fields in another order, twice, or of a name that no field may have", () => {
    for (const message of SAMPLES) {
      const fields = Object.entries(message).map(
        ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
      );
      const [first = "", second = "", ...others] = fields;
      const frame = (parts: readonly string[]) => `[{${parts.join(",")}}]`;
      expect(read(frame([second, first, ...others]))).toBeNull();
      expect(read(frame([...fields, second]))).toBeNull();
      expect(read(frame([...fields, '"__proto__":1']))).toBeNull();
      expect(read(frame([first, ` ${second}`, ...others]))).toBeNull();
    }
  });

  test.each([
    ['"sku":"PEN-01"', '"__proto__":"PEN-01"'],
    ['"sku":"PEN-01"', '"op":"PEN-01"'],
    ['"sku":"PEN-01"', `"sku":"${"x".repeat(257)}"`],
    ['"sku":"PEN-01"', '"sku":"Stift-\u00e4"'],
    ['"quantity":2', '"quantity":1e999'],
    ['"quantity":2', '"quantity":02'],
    ['"quantity":2', '"quantity":null'],
    ['"issuedAtMs":1', '"issuedAtMs":8640000000000001'],
    ['"issuedAtMs":1', '"issuedAtMs":9007199254740993'],
    ['"issuedAtMs":1', '"issuedAtMs":1e0'],
    ['"timeoutMs":1', '"timeoutMs":0'],
    ['"requestId":"r"', '"requestId":""'],
    ['"requestId":"r"', '"requestId":"a b"'],
    ['"requestId":"r"', `"requestId":"${"r".repeat(65)}"`],
    [/"operations":\[.*\]/, '"operations":[]'],
    [/"operations":\[.*\]/, `"operations":[${Array(257).fill('{"participant":"a","op":"b"}')}]`],
  ])("a change of %s (%#)", (before, after) => {
    const text = (TEXTS[0] ?? "").replace(before, after);
    expect(text).not.toBe(TEXTS[0]);
    expect(read(text)).toBeNull();
  });

  test("of more coordinators and participants than are remembered, each is read as it is", () => {
    for (let round = 0; round < 20; round += 1) {
      const messages = Array.from({ length: 20 }, (_, at) => ({
        ...SAMPLES[2],
        transactionId: `c${at}-0123456789ab.1.${round}`,
        coordinator: address(`c${at}`),
        participants: [address(`p${at}`), address(`q${at}`)],
      }));
      expect(read(JSON.stringify(messages))).toEqual(messages);
    }
  });

  test("an id whose counter is written with zeros is another id", () => {
    for (const other of ["coordinator-0123456789ab.1.07", `coordinator-0123456789ab.1.${"7".repeat(16)}`]) {
      const messages = [id, other].map((transactionId) => ({ type: "ack", transactionId, from: "ledger" }));
      const decoded = decodeBytes(Buffer.from(JSON.stringify(messages)));
      expect(decoded).toEqual(decodeFrame(JSON.stringify(messages)));
    }
  });
});

test("where no code may be made from text, frames are read the long way", () => {
  const program = `
    import { decodeBytes } from ${JSON.stringify(join(import.meta.dirname, "../../dist/codec/wire.js"))};
    process.stdout.write(JSON.stringify(decodeBytes(Buffer.from(${JSON.stringify(TEXTS.at(-1))})).messages));`;
  const options = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", program];
  expect(execFileSync(process.execPath, options, { encoding: "utf8" })).toBe(TEXTS.at(-1));
});
