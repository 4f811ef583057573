import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE, FRAME_BYTES_MAX } from "../../src/drivers/wire/limits.ts";
import { dialRaw, hello, until } from "../drivers/wire/rig.ts";
import { closeCodeOf, drainToEnd, OPCODE, rawFrame, textFrame, upgrade } from "./raw-frames.ts";
import { startTarget, type Target, withstand } from "./target.ts";

// Goal: text that is no frame, from a stranger or from a client with the token, is answered by an error with a code
// and ends that connection alone; text that is a frame with an impossible order is answered by an abort.

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.remove());

const operation = { participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 1 };

function begin(changes: object = {}): string {
  const base = { type: "begin", requestId: "malformed", issuedAtMs: Date.now(), timeoutMs: 2_000 };
  return JSON.stringify({ ...base, operations: [operation], ...changes });
}

const DEEP = 100_000;
const cases: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "malformed-json"],
  ["half a document", '[{"type":', "malformed-json"],
  ["a document and a half", "[][", "malformed-json"],
  ["a lone quote", '["', "malformed-json"],
  ["no array", begin(), "not-a-batch"],
  ["an empty array", "[]", "not-a-batch"],
  ["too many messages", `[${Array.from({ length: 4_097 }, () => 0).join()}]`, "not-a-batch"],
  ["100 000 open brackets", "[".repeat(DEEP), "too-deep"],
  ["100 000 nested arrays", `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`, "too-deep"],
  ["100 000 nested objects", `[${'{"a":'.repeat(DEEP)}0${"}".repeat(DEEP)}]`, "too-deep"],
  ["a key that stands twice", `[${begin().replace("{", '{"requestId":"other",')}]`, "duplicate-key"],
  ["a key twice, once escaped", `[${begin().replace("{", '{"\\u0074ype":"query",')}]`, "duplicate-key"],
  ["`__proto__`", `[${begin().replace("{", '{"__proto__":{"isAdmin":true},')}]`, "forbidden-key"],
  ["`__proto__` in an operation", `[${begin().replace('"op"', '"__proto__":1,"op"')}]`, "forbidden-key"],
  ["a control character in a key", `[${begin().replace('"sku"', '"\\u001b[2J"')}]`, "forbidden-key"],
  ["`constructor` as a type", '[{"type":"constructor"}]', "unknown-type"],
  ["a number as a type", '[{"type":1}]', "unknown-type"],
  ["an escape sequence as a type", '[{"type":"\\u001b]0;owned\\u0007"}]', "unknown-type"],
  ["a control character in a request id", `[${begin({ requestId: "a\u001b[31m" })}]`, "schema"],
  ["a request id of 65 characters", `[${begin({ requestId: "x".repeat(65) })}]`, "schema"],
  [
    "a name with a control character",
    `[${begin({ operations: [{ ...operation, participant: "ware\nhouse" }] })}]`,
    "schema",
  ],
  [
    "a name that climbs",
    `[${begin({ operations: [{ ...operation, participant: "../../etc" }] })}]`,
    "schema",
  ],
  [
    "a time of issue beyond 2^53",
    `[${begin().replace(/"issuedAtMs":\d+/, '"issuedAtMs":9007199254740993')}]`,
    "schema",
  ],
  ["a time-out of 1e309", `[${begin().replace('"timeoutMs":2000', '"timeoutMs":1e309')}]`, "schema"],
  ["an object as a quantity", `[${begin({ operations: [{ ...operation, quantity: {} }] })}]`, "schema"],
  ["257 operations", `[${begin({ operations: Array.from({ length: 257 }, () => operation) })}]`, "schema"],
  ["a field too many", `[${begin({ admin: true })}]`, "schema"],
];

describe("a client with the token", () => {
  test.each(cases)("sends %s", async (_what, text, code) => {
    await withstand(target, "coordinator", async () => {
      const peer = await dialRaw(target.nodes.coordinator.url);
      peer.say(hello(null, { token: target.token }));
      peer.socket.send(text);
      expect(await peer.closed).toBe(CLOSE.protocol);
      const last = peer.received.at(-1);
      expect(last).toMatchObject({ type: "error", code });
      expect(last?.message).toMatch(/^[ -~]+$/);
    });
  });

  test.each([
    ["2^53 + 1 as a number", "9007199254740993"],
    ["2^53 + 1 as text", '"9007199254740993"'],
    ["forty digits", `"${"9".repeat(40)}"`],
    ["1e400, which is Infinity", "1e400"],
    ["minus nothing", "-0.0"],
    ["hexadecimal", '"0x10"'],
    ["digits of another script", '"\u0661\u0662"'],
    ["an escape sequence", '"\\u001b[2J\\u009b31m"'],
  ])("orders %s", async (_what, quantity) => {
    const answer = await withstand(
      target,
      "coordinator",
      async () => {
        const peer = await dialRaw(target.nodes.coordinator.url);
        peer.say(hello(null, { token: target.token }));
        const requestId = `amount-${quantity.replace(/[^!-~]/g, "")}`.slice(0, 64);
        const transfer = {
          participant: "ledger",
          op: "transfer",
          debit: "customer-ada",
          credit: "revenue",
          amount: "MONEY",
        };
        const order = begin({ requestId, operations: [{ ...operation, quantity: "GOODS" }, transfer] });
        peer.socket.send(`[${order.replace('"GOODS"', quantity).replace('"MONEY"', quantity)}]`);
        await until(() => peer.received.length > 1, "an answer");
        return JSON.stringify(peer.received[1]);
      },
      { tombstones: true },
    );
    expect(answer).toMatch(/"code":"(invalid-operation|insufficient-stock|insufficient-funds|schema)"/);
    expect(answer).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe("a stranger", () => {
  test.each(cases.filter(([what]) => /nested|proto|half|twice/.test(what)))(
    "sends %s",
    async (_what, text, code) => {
      await withstand(target, "warehouse", async () => {
        const peer = await dialRaw(target.nodes.warehouse.url);
        peer.socket.send(text);
        expect(await peer.closed).toBe(CLOSE.protocol);
        expect(peer.received).toEqual([expect.objectContaining({ type: "error", code })]);
      });
    },
  );

  const RSV1 = 0x40;
  const FIN = 0x80;
  test.each([
    ["invalid UTF-8", rawFrame(FIN | OPCODE.text, Buffer.from([0x5b, 0xff, 0xfe, 0x5d])), 1007],
    ["a surrogate in UTF-8", rawFrame(FIN | OPCODE.text, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 1007],
    ["an overlong slash", rawFrame(FIN | OPCODE.text, Buffer.from([0x22, 0xc0, 0xaf, 0x22])), 1007],
    ["a compressed frame that nobody agreed on", rawFrame(FIN | RSV1 | OPCODE.text, Buffer.alloc(64)), 1002],
    ["a reserved opcode", rawFrame(FIN | 0x3, "x"), 1002],
    ["an unmasked frame", Buffer.from([FIN | OPCODE.text, 2, 0x5b, 0x5d]), 1002],
    ["a continuation of nothing", rawFrame(FIN | OPCODE.continuation, "x"), 1002],
    ["a ping of 126 bytes", rawFrame(FIN | OPCODE.ping, "x".repeat(126)), 1002],
    ["a frame one byte too large", textFrame("x".repeat(FRAME_BYTES_MAX + 1)), CLOSE.tooBig],
  ])("sends %s", async (_what, bytes, closeCode) => {
    await withstand(target, "ledger", async () => {
      const socket = await upgrade(target.nodes.ledger.url);
      socket.write(bytes);
      expect(closeCodeOf(await drainToEnd(socket))).toBe(closeCode);
    });
  });
});
