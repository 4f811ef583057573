import { expect, test } from "vitest";
import { SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import type { LogRecord } from "../../src/schema/records.ts";
import type { Sight } from "./by-commands.ts";
import { type Asked, findFaults } from "./verdict.ts";

// The judge of the crash matrix finds nothing wrong with what is sound, and each kind of damage that it exists for.

const ID = "coordinator-abc123abc123.1.1";
const NAMES = ["coordinator", "warehouse", "ledger"];
const starts = new Map(NAMES.map((name) => [name, 1]));

// biome-ignore lint/suspicious/noExplicitAny: views, records and outcomes are cut down to what the judge reads.
type Loose = any;

const entry = (seq: number, record: Partial<LogRecord>): Loose => ({ seq, record });
const log = (...records: Loose[]): Loose => ({
  report: { ok: true, summary: "clean", storeId: "abc123abc123" },
  entries: [entry(1, { type: "run-start" }), ...records.map((record, index) => entry(index + 2, record))],
});
const preparedAt = { storeId: "abc123abc123", epoch: 1, seq: 2 };
const prepared = { type: "prepared", transactionId: ID };
const committed = { type: "committed", transactionId: ID, onePhase: null };
const node = (name: string): Loose => ({
  name,
  up: true,
  view: { violations: [], alarms: [], unfinished: 0, inDoubt: 0, epoch: 1 },
});
const participant = { role: "participant", transactionId: ID, phase: "committed" };

const ORDER: Loose = {
  requestId: "order-1",
  operations: [{ participant: "warehouse", op: "ship", sku: "PENCIL-01", quantity: 1 }],
  outcome: { outcome: "committed", transactionId: ID },
};
const ASKED: readonly Asked[] = [ORDER];

/** One pencil was shipped, and everybody knows. */
function soundSight(): Loose {
  return {
    nodes: NAMES.map(node),
    transactions: {
      coordinator: [{ role: "coordinator", transactionId: ID, phase: "forgotten", outcome: "committed" }],
      warehouse: [participant],
      ledger: [participant],
    },
    logs: {
      coordinator: log({ type: "commit", transactionId: ID, voters: [{ name: "warehouse", preparedAt }] }),
      warehouse: log(prepared, committed),
      ledger: log(prepared, committed),
    },
    holdings: {
      items: SAMPLE_ITEMS.map((item) => ({
        ...item,
        onHand: item.sku === "PENCIL-01" ? String(Number(item.onHand) - 1) : item.onHand,
        reserved: "0",
      })),
      accounts: SAMPLE_ACCOUNTS.map((account) => ({ ...account, debitsPending: "0", creditsPending: "0" })),
    },
    again: [{ transactionId: ID, outcome: "committed" }],
  };
}

const faultsOf = (damage: (sight: Loose) => void, asked = ASKED, isSound = true) => {
  const sight = soundSight();
  damage(sight);
  return findFaults(sight as Sight, asked, starts, isSound);
};

test("nothing is wrong with what is sound", () => {
  expect(faultsOf(() => {})).toEqual([]);
});

const DAMAGE: readonly (readonly [string, (sight: Loose) => void])[] = [
  ["I11: ledger is down", ({ nodes }) => Object.assign(nodes[2], { up: false, view: null })],
  ["I11: ledger is missing", ({ nodes }) => nodes.pop()],
  ["I8: warehouse: stock below zero", ({ nodes }) => nodes[1].view.violations.push("stock below zero")],
  ["I11: warehouse has 1 in doubt", ({ nodes }) => Object.assign(nodes[1].view, { inDoubt: 1 })],
  ["I11: warehouse has 2 unfinished", ({ nodes }) => Object.assign(nodes[1].view, { unfinished: 2 })],
  ["I15: ledger is in run 0 after 1 starts", ({ nodes }) => Object.assign(nodes[2].view, { epoch: 0 })],
  ["I9: ledger: alarm: low", ({ nodes }) => nodes[2].view.alarms.push("low")],
  [
    `I11: warehouse: ${ID} is prepared`,
    ({ transactions }) => {
      transactions.warehouse = [{ ...participant, phase: "prepared" }];
    },
  ],
  [
    `I1: ${ID} is committed and committed and aborted`,
    ({ transactions }) => {
      transactions.ledger = [{ ...participant, phase: "aborted" }];
    },
  ],
  [
    `I5: order-1 was told committed and is aborted`,
    ({ transactions }) => {
      transactions.ledger = [{ ...participant, phase: "aborted" }];
    },
  ],
  [
    `I4: order-1 was committed by ${ID}, and is committed by warehouse-1 when sent again`,
    ({ again }) => Object.assign(again[0], { transactionId: "warehouse-1" }),
  ],
  [
    "I9: the log of ledger: corrupt",
    ({ logs }) => Object.assign(logs.ledger.report, { ok: false, summary: "corrupt" }),
  ],
  [
    `I2: ledger committed ${ID} at 3 unprepared`,
    ({ logs }) => {
      logs.ledger = log({ type: "aborted", transactionId: "another" }, committed);
    },
  ],
  [
    `I2: ledger committed ${ID} without a decision`,
    ({ logs }) => {
      logs.coordinator = log();
    },
  ],
  [
    `I2: ${ID} is committed, and warehouse has no prepared of it at 2`,
    ({ logs }) => {
      logs.warehouse = log(committed, prepared);
    },
  ],
  [
    `I9: ledger prepared ${ID}, and its log never ends it`,
    ({ logs }) => {
      logs.ledger = log(prepared);
    },
  ],
  [
    "I8: stock PENCIL-01: expected 2399, found 2398",
    ({ holdings }) => Object.assign(holdings.items.at(-1), { onHand: "2398" }),
  ],
  ["I8: PENCIL-01 reserved 1", ({ holdings }) => Object.assign(holdings.items.at(-1), { reserved: "1" })],
  [
    "I8: trial balance: 5 posted, 0 pending",
    ({ holdings }) => Object.assign(holdings.accounts[0], { debitsPosted: "2500005" }),
  ],
];

test.each(DAMAGE)("it finds: %s", (text, damage) => {
  expect(faultsOf(damage)).toContain(text);
});

test("an order whose outcome nobody told is found", () => {
  const untold: Loose = { ...ORDER, outcome: { outcome: "unknown", transactionId: null } };
  expect(faultsOf(() => {}, [untold])).toContain("I11: nobody told the outcome of order-1");
});

test("after an operator has broken atomicity, what nodes and logs must keep is still looked at", () => {
  const differ = (sight: Loose) => {
    sight.transactions.ledger = [{ ...participant, phase: "aborted" }];
    sight.nodes[1].view.inDoubt = 1;
  };
  expect(faultsOf(differ, ASKED, false)).toEqual(["I11: warehouse has 1 in doubt"]);
});
