import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Length } from "../../src/codec/batch.ts";
import { createFrameDraft } from "../../src/codec/frame-draft.ts";
import { createFrameWriter } from "../../src/codec/frame-writer.ts";
import { NESTING_MAX, parseJson } from "../../src/codec/json-text.ts";
import { printable } from "../../src/codec/printable.ts";
import { decodeFrame, jsonSchema } from "../../src/codec/wire.ts";

const ACK = { type: "ack", transactionId: "coordinator-0123456789ab.1.7", from: "warehouse" };

function problemOf(text: string): { code: string; message: string } {
  const frame = decodeFrame(text);
  if (!("problem" in frame)) throw new Error("the frame was accepted");
  return frame.problem;
}

describe("a frame is a batch of valid messages, or nothing of it is read", () => {
  test("a batch keeps its order", () => {
    const inquiry = { ...ACK, type: "inquiry" };
    expect(decodeFrame(JSON.stringify([ACK, inquiry]))).toEqual({ messages: [ACK, inquiry] });
  });

  test("one bad message refuses the whole batch, and the problem names type and place", () => {
    const { code, message } = problemOf(JSON.stringify([ACK, { ...ACK, from: "Not A Name" }]));
    expect(code).toBe("schema");
    expect(message).toContain("ack at /from");
  });

  test.each([
    ["[", "malformed-json"],
    ["", "malformed-json"],
    ["[NaN]", "malformed-json"],
    ["{}", "not-a-batch"],
    ["[]", "not-a-batch"],
    ["7", "not-a-batch"],
    ["[7]", "unknown-type"],
    ["[null]", "unknown-type"],
    ['[{"type":7}]', "unknown-type"],
    ['[{"type":"toString"}]', "unknown-type"],
    ['[{"type":"subscribe","more":1}]', "schema"],
    ['[{"type":"subscribe","type":"subscribe"}]', "duplicate-key"],
    ['[{"type":"subscribe","\\u0074ype":"subscribe"}]', "duplicate-key"],
    ['[{"type":"subscribe","__proto__":{"x":1}}]', "forbidden-key"],
    ['[{"type":"subscribe","a\\nb":1}]', "forbidden-key"],
    [`[${"[".repeat(100_000)}${"]".repeat(100_000)}]`, "too-deep"],
    ["[".repeat(500_000), "too-deep"],
    [`[${"7,".repeat(4096)}7]`, "not-a-batch"],
  ])("%s is refused as %s", (text, code) => {
    expect(problemOf(text).code).toBe(code);
  });

  test("nesting is counted outside strings, up to the limit and not beyond", () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(parseJson(nested(NESTING_MAX))).toHaveProperty("value");
    expect(parseJson(nested(NESTING_MAX + 1))).toHaveProperty("problem.code", "too-deep");
    expect(parseJson(`["${"[{".repeat(100)}\\\\", "\\"[[[[", ":::"]`)).toHaveProperty("value");
  });

  test("what JSON.stringify writes is always accepted unchanged", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, depthSize: "small" }), (value) => {
        const text = JSON.stringify(value);
        const read = parseJson(text);
        if ("problem" in read) expect(read.problem.code).toBe("forbidden-key");
        else expect(JSON.stringify(read.value)).toBe(text);
      }),
    );
  });

  test("a problem's text never carries an escape sequence to the screen", () => {
    const { message } = problemOf('[{"type":"\\u001b[2J\\u202e"}]');
    expect(message).toContain("\\u001b[2J\\u202e");
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test("a frame full of violations is refused quickly, without a list of them all", () => {
    const operations = Array.from({ length: 200 }, () => ({ participant: 7, op: [] }));
    const begin = { type: "begin", requestId: "r", issuedAtMs: 1, timeoutMs: 1, operations };
    expect(problemOf(JSON.stringify([begin])).message.length).toBeLessThan(400);
  });
});

const writeFrames = createFrameWriter(Buffer.allocUnsafe);

function framesOf(messages: readonly unknown[], bytesMax: number, messagesMax?: number) {
  const { frames, tooLarge } = writeFrames(messages, bytesMax, messagesMax);
  return { frames: frames.map((frame) => frame.toString()), tooLarge };
}

describe("a batch is split only where one frame cannot hold it", () => {
  test("every frame keeps the limit in bytes, nothing is lost, the order stays", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 60 })),
        fc.integer({ min: 4, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        (messages, bytesMax, messagesMax) => {
          const { frames, tooLarge } = framesOf(messages, bytesMax, messagesMax);
          for (const frame of frames) {
            expect(new TextEncoder().encode(frame).length).toBeLessThanOrEqual(bytesMax);
            expect(JSON.parse(frame).length).toBeLessThanOrEqual(messagesMax);
          }
          const kept = messages.filter((message) => utf8Length(JSON.stringify(message)) + 2 <= bytesMax);
          expect(frames.flatMap((frame) => JSON.parse(frame))).toEqual(kept);
          expect(tooLarge.length).toBe(messages.length - kept.length);
          const draft = createFrameDraft(Buffer.allocUnsafe, 1);
          for (const message of messages) draft.addText(JSON.stringify(message), bytesMax, messagesMax);
          expect(draft.take().map((frame) => frame.toString())).toEqual(frames);
          expect(draft.take()).toEqual([]);
        },
      ),
    );
  });

  test("what fits goes into one frame, to the last byte", () => {
    expect(framesOf(["ab", "cd"], 11).frames).toEqual(['["ab","cd"]']);
    expect(framesOf(["ab", "cd"], 10).frames).toEqual(['["ab"]', '["cd"]']);
    expect(framesOf([], 10).frames).toEqual([]);
  });

  test("bytes are counted as UTF-8 writes them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
    expect(utf8Length("\ud800x")).toBe(4);
  });
});

describe("printable text cannot act on a terminal", () => {
  test("control, bidirectional and invisible characters become visible escapes", () => {
    expect(printable("a\u001b[31mb\n\u009b\u202ec\u{e0041}\ud800")).toBe(
      "a\\u001b[31mb\\n\\u009b\\u202ec\\u{e0041}\\ud800",
    );
  });

  test("ordinary text in any script stays as it is", () => {
    const text = "Äpfel 林檎 яблоко תפוח 🍎 €5 \\u001b";
    expect(printable(text)).toBe(text);
  });
});

describe("the published schema", () => {
  test("is plain JSON, and every reference in it resolves", () => {
    const schema = JSON.parse(JSON.stringify(jsonSchema()));
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(Object.keys(schema.$defs)).toHaveLength(28);
    for (const { $ref } of schema.items.anyOf) expect(schema.$defs).toHaveProperty([$ref.slice(8)]);
    expect(schema.$defs.vote.properties.vote.anyOf).toContainEqual({ type: "string", const: "read-only" });
  });
});
