import { CommanderError } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseOrders } from "../../src/cli/order-file.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { printable, printableJson } from "../../src/codec/printable.ts";
import { decodeBytes, decodeFrame, type WireMessage } from "../../src/codec/wire.ts";
import { errorLine, TpcError } from "../../src/core/errors.ts";
import { parseAccounts } from "../../src/resources/accounts-file.ts";
import { parseInventory } from "../../src/resources/inventory-file.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { describeProblem } from "../../src/resources/problem.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { ack, hello } from "../drivers/wire/rig.ts";
import { edited, FUZZ_TIMEOUT_MS, fuzz, mutations } from "./fuzzing.ts";

// Goal: whatever text comes from outside, the answer is a value or an error with a code: never another exception, never
// a text that a terminal would obey, and never a value that the program would not have written itself.

const COMMANDS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/;

const operation = { participant: "warehouse", op: "ship", sku: "PEN-01", quantity: 2 };
const id = "coordinator-aaaaaaaaaaaa.1.1";
const MESSAGES: readonly unknown[] = [
  hello(null),
  hello({}),
  ack("ledger"),
  { type: "begin", requestId: "a", issuedAtMs: 1, operations: [operation], timeoutMs: 1 },
  { type: "query", queryId: 1, what: "transaction", transactionId: id },
  { type: "directory", nodes: [{ name: "ledger", kind: "ledger", url: "ws://127.0.0.1:1" }] },
  {
    type: "commit",
    transactionId: id,
    runEpoch: 1,
    floor: { epoch: 1, counter: 1 },
    preparedAt: { storeId: "aaaaaaaaaaaa", epoch: 1, seq: 1 },
  },
];
const FRAMES = [...MESSAGES.map((message) => JSON.stringify([message])), JSON.stringify(MESSAGES)];

test("wire frames", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("wire frames", mutations(FRAMES), (input) => {
    const bytes = Buffer.from(edited(FRAMES, input));
    const decoded = decodeFrame(bytes.toString());
    expect(decodeBytes(bytes)).toEqual(decoded);
    if ("problem" in decoded) {
      expect(decoded.problem.message).not.toMatch(COMMANDS);
      expect(decoded.problem.message.length).toBeLessThan(1_000);
    } else expect(again(decoded.messages)).toEqual(decoded.messages);
  }),
);

/** What was accepted is accepted again, and means the same. */
function again(messages: readonly WireMessage[]): readonly WireMessage[] | null {
  const decoded = decodeFrame(JSON.stringify(messages));
  return "messages" in decoded ? decoded.messages : null;
}

test("any JSON as a frame", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("any JSON as a frame", fc.json({ maxDepth: 6 }), (text) => {
    decodeFrame(text);
    decodeFrame(`[${text}]`);
  }),
);

const STOCK = [
  'sku,name,onHand,priceMinor\nPEN-01,"Pen, blue",5,100\nINK-01,Ink,0,\n',
  '[{"sku":"PEN-01","name":"Pen","onHand":5,"priceMinor":"100"},{"sku":"INK-01","name":"Ink","onHand":"0"}]',
];
test("starting stocks", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("starting stocks", mutations(STOCK), (input) => {
    const text = edited(STOCK, input);
    for (const format of ["csv", "json"] as const) {
      const parsed = parseInventory(text, { format, source: "stock" });
      if (parsed.ok) expect(createWarehouse(parsed.rows).violations()).toEqual([]);
      else for (const problem of parsed.problems) expect(describeProblem(problem)).not.toMatch(COMMANDS);
    }
  }),
);

const CHART = [
  "id,name,type,debitsPosted,creditsPosted,overdraft\ncash,Cash,asset,100,0,\nequity,Equity,equity,0,100,false\n",
  '[{"id":"cash","name":"Cash","type":"asset","debitsPosted":"5"},{"id":"e","name":"E","type":"equity","creditsPosted":5}]',
];
test("charts of accounts", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("charts of accounts", mutations(CHART), (input) => {
    const text = edited(CHART, input);
    for (const format of ["csv", "json"] as const) {
      const parsed = parseAccounts(text, { format, source: "chart" });
      if (parsed.ok) expect(createLedger(parsed.rows).violations()).toEqual([]);
      else for (const problem of parsed.problems) expect(describeProblem(problem)).not.toMatch(COMMANDS);
    }
  }),
);

const ORDERS = [
  JSON.stringify({ requestId: "a", operations: [operation] }),
  JSON.stringify({ operations: [operation, operation] }, null, 2),
  `${JSON.stringify({ operations: [operation] })}\n${JSON.stringify({ operations: [operation] })}\n`,
];
test("order files", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("order files", mutations(ORDERS), (input) => {
    const orders = valueOrCode(() => parseOrders(edited(ORDERS, input), "orders"), ["TPC_BAD_INPUT"]);
    for (const order of orders ?? []) expect(order.operations.length).toBeGreaterThan(0);
  }),
);

const LINES = [
  ["submit", "-", "--to", "127.0.0.1:7420", "--timeout-ms", "100"],
  ["participant", "warehouse", "--listen", "[::1]:0", "--coordinator", "ws://127.0.0.1:1", "--name", "w"],
  ["tx", "show", id, "--json"],
  ["tx", "list", "--limit", "5"],
  ["run", "order", "--jsonl", "--junit", "out.xml"],
  ["log", "verify", "dir"],
  ["--data", "dir", "--fresh"],
].map((words) => words.join("\n"));
test("command lines", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("command lines", mutations(LINES), async (input) => {
    const words = edited(LINES, input).split("\n");
    const program = buildProgram(() => {});
    const disarm = (command: typeof program): void => {
      // Only the reading is of interest: what would be run is not.
      command.action(() => {}).configureOutput({ writeOut: () => {}, writeErr: () => {} });
      for (const each of command.commands) disarm(each as typeof program);
    };
    disarm(program);
    try {
      await program.parseAsync(["node", "2pc-console", ...words]);
    } catch (error) {
      if (!(error instanceof CommanderError || error instanceof TpcError)) throw error;
    }
  }),
);

test("JSON for a terminal", { timeout: FUZZ_TIMEOUT_MS }, () =>
  fuzz("JSON for a terminal", fc.jsonValue({ stringUnit: "binary" }), (value) => {
    for (const indent of [0, 2]) {
      const text = printableJson(value, indent);
      expect(text.replaceAll("\n", "")).not.toMatch(COMMANDS);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }
    expect(printable(JSON.stringify(value))).not.toMatch(COMMANDS);
  }),
);

function valueOrCode<Value>(run: () => Value, codes: readonly string[]): Value | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TpcError)) throw error;
    expect(codes).toContain(error.code);
    expect(errorLine(error)).not.toMatch(COMMANDS);
    return null;
  }
}
