import { describe, expect, test } from "vitest";
import { createLedger } from "../../src/resources/ledger.ts";
import type { Delta } from "../../src/schema/operations.ts";
import type { AccountView } from "../../src/schema/views.ts";
import { account, answer, hold, imageOf, onLedger, prepare, transfer } from "./operations.ts";

// Goal: every unit that leaves one account arrives in another, none is promised twice, and the books always balance.

const books = () =>
  createLedger([
    account("cash", "asset", 500n, 0n),
    account("ada", "liability", 0n, 300n),
    account("dora", "liability", 0n, 0n, true),
    account("capital", "equity", 0n, 200n),
    account("revenue", "revenue", 0n, 0n),
    account("rent", "expense", 0n, 0n),
  ]);
const viewOf = (ledger: ReturnType<typeof books>, id: string): AccountView | undefined => {
  const rows = ledger.rows(new Set([id]));
  return rows.kind === "ledger" ? rows.accounts[0] : undefined;
};

describe("a transfer", () => {
  test("plans to hold on both accounts, then to post, or to release", () => {
    expect(books().plan([transfer("ada", "revenue", "120")])).toEqual({
      verdict: "yes",
      redo: [
        { key: "ada", add: { debitsPosted: "120", debitsPending: "-120" } },
        { key: "revenue", add: { creditsPosted: "120", creditsPending: "-120" } },
      ],
      undo: [
        { key: "ada", add: { debitsPending: "-120" } },
        { key: "revenue", add: { creditsPending: "-120" } },
      ],
      results: [],
    });
  });

  test("is pending on both accounts until it is posted on both", () => {
    const ledger = books();
    const plan = hold(ledger, transfer("ada", "revenue", 120));
    expect(viewOf(ledger, "ada")).toMatchObject({ debitsPending: "120", balance: "300" });
    expect(viewOf(ledger, "revenue")).toMatchObject({ creditsPending: "120", balance: "0" });
    ledger.apply(plan.redo);
    expect(viewOf(ledger, "ada")).toMatchObject({ debitsPosted: "120", debitsPending: "0", balance: "180" });
    expect(viewOf(ledger, "revenue")).toMatchObject({
      creditsPosted: "120",
      creditsPending: "0",
      balance: "120",
    });
    expect(ledger.violations()).toEqual([]);
  });

  test.each([
    ["asset", "rent", "cash"],
    ["liability", "ada", "revenue"],
    ["equity", "capital", "revenue"],
  ])("that lowers an %s account is limited by its balance", (_, debit, credit) => {
    expect(answer(books(), transfer(debit, credit, 501))).toMatch(/^insufficient-funds: .*, 5.01 asked$/);
    expect(answer(books(), transfer(debit, credit, 200))).toBe("yes");
  });

  test("that lowers an empty revenue or expense account is refused", () => {
    expect(answer(books(), transfer("revenue", "ada", 1))).toMatch(/^insufficient-funds/);
    expect(answer(books(), transfer("cash", "rent", 1))).toMatch(/^insufficient-funds/);
  });

  test("from an account with overdraft may take it below zero", () => {
    const ledger = books();
    ledger.apply(hold(ledger, transfer("dora", "revenue", 1_000)).redo);
    expect(viewOf(ledger, "dora")).toMatchObject({ balance: "-1000", overdraft: true });
    expect(ledger.violations()).toEqual([]);
  });

  test("never spends what is only on its way in", () => {
    const ledger = books();
    hold(ledger, transfer("cash", "ada", 100));
    expect(answer(ledger, transfer("ada", "revenue", 301))).toMatch(/^insufficient-funds/);
    expect(answer(ledger, transfer("cash", "ada", 100), transfer("ada", "revenue", 301))).toMatch(
      /^insufficient-funds/,
    );
  });

  test("of one account in several operations adds up", () => {
    expect(answer(books(), transfer("ada", "revenue", 200), transfer("ada", "capital", 101))).toBe(
      "insufficient-funds: ledger has 3.00 posted in ada, 3.01 asked",
    );
  });

  test("keeps every unit beyond 2^53", () => {
    const huge = 10n ** 30n;
    const ledger = createLedger([
      account("cash", "asset", huge + 1n, 0n),
      account("ada", "liability", 0n, huge + 1n),
    ]);
    ledger.apply(hold(ledger, transfer("ada", "cash", String(huge))).redo);
    expect(viewOf(ledger, "ada")?.balance).toBe("1");
    expect(viewOf(ledger, "cash")?.balance).toBe("1");
  });
});

describe("a read", () => {
  test("alone makes the vote read-only and shows the account with what is available", () => {
    const ledger = books();
    hold(ledger, transfer("ada", "revenue", 120));
    expect(ledger.plan([onLedger("read", { account: "ada" })])).toEqual({
      verdict: "read-only",
      results: [
        {
          participant: "ledger",
          op: "read",
          id: "ada",
          name: "ada",
          type: "liability",
          debitsPosted: "0",
          creditsPosted: "300",
          debitsPending: "120",
          creditsPending: "0",
          balance: "300",
          overdraft: false,
          available: "180",
        },
      ],
    });
  });
});

describe("a refusal", () => {
  test("is transient when the rest is only reserved, invalid when it is not posted at all", () => {
    const ledger = books();
    hold(ledger, transfer("ada", "revenue", 250));
    expect(prepare(ledger, transfer("ada", "revenue", 51))).toEqual({
      verdict: "no",
      reason: {
        participant: "ledger",
        code: "funds-reserved",
        message: "ledger has 3.00 posted in ada, 2.50 reserved by others, 0.51 asked",
        retryable: true,
        heldBy: { key: "ada", transactionIds: [] },
      },
    });
    expect(answer(ledger, transfer("ada", "revenue", 301))).toMatch(/^insufficient-funds/);
  });

  test("of an overflow counts what is pending", () => {
    const nearly = 10n ** 36n - 10n;
    const ledger = createLedger([
      account("cash", "asset", nearly, 0n),
      account("dora", "liability", 0n, nearly, true),
      account("rent", "expense", 0n, 0n),
      account("eve", "liability", 0n, 0n, true),
    ]);
    hold(ledger, transfer("cash", "eve", 8));
    expect(answer(ledger, transfer("cash", "eve", 2))).toBe("yes");
    expect(answer(ledger, transfer("cash", "eve", 3))).toMatch(/^amount-overflow: .* to one side of cash$/);
  });

  test.each([
    [transfer("ada", "nobody", 1), "unknown-account: ledger has no account nobody"],
    [transfer("constructor", "ada", 1), "unknown-account: ledger has no account constructor"],
    [
      transfer("ada", "ada", 1),
      "invalid-operation: transfer: debit and credit are both ada, expected two accounts",
    ],
    [
      transfer("ada", "revenue", "0"),
      'invalid-operation: transfer: amount is "0", expected a whole number from 1 to 10^30',
    ],
    [
      transfer("ada", "revenue", "-5"),
      'invalid-operation: transfer: amount is "-5", expected a whole number from 1 to 10^30',
    ],
    [
      transfer("ada", "revenue", 0.1),
      "invalid-operation: transfer: amount is 0.1, expected a whole number from 1 to 10^30",
    ],
    [
      transfer("ada", "revenue", 2 ** 53),
      "invalid-operation: transfer: amount is 9007199254740992, expected a whole number from 1 to 10^30",
    ],
    [
      transfer("ada", "revenue", `1${"0".repeat(30)}1`),
      `invalid-operation: transfer: amount is "1${"0".repeat(30)}1", expected a whole number from 1 to 10^30`,
    ],
    [
      onLedger("transfer", { debit: "ada", amount: 1 }),
      "invalid-operation: transfer: credit is missing, expected text",
    ],
    [
      onLedger("read", { sku: "ada" }),
      'invalid-operation: read: sku is "ada", expected only the fields account',
    ],
    [onLedger("pay", {}), 'invalid-operation: op is "pay", expected one of transfer, read'],
  ])("%j", (operation, expected) => {
    expect(answer(books(), operation)).toBe(expected);
  });
});

describe("apply", () => {
  test.each<[string, Delta[]]>([
    ["a debit without its credit", [{ key: "cash", add: { debitsPosted: "1" } }]],
    ["a hold on one side", [{ key: "cash", add: { debitsPending: "1" } }]],
    [
      "a release without a hold",
      [
        { key: "cash", add: { debitsPending: "-1" } },
        { key: "ada", add: { creditsPending: "-1" } },
      ],
    ],
    [
      "an overdraft that is not granted",
      [
        { key: "ada", add: { debitsPending: "301" } },
        { key: "revenue", add: { creditsPending: "301" } },
      ],
    ],
    [
      "an unknown account",
      [
        { key: "cash", add: { debitsPosted: "1" } },
        { key: "nobody", add: { creditsPosted: "1" } },
      ],
    ],
  ])("refuses %s and changes nothing", (_, deltas) => {
    const ledger = books();
    const before = imageOf(ledger);
    expect(() => ledger.apply(deltas)).toThrow(expect.objectContaining({ code: "TPC_INTERNAL" }));
    expect(imageOf(ledger)).toEqual(before);
  });
});

describe("an image", () => {
  test("survives JSON and brings back holds, so that they can still end", () => {
    const before = books();
    const plan = hold(before, transfer("ada", "revenue", 120), transfer("dora", "revenue", 7));
    const after = createLedger([]);
    after.restore(imageOf(before));
    expect(imageOf(after)).toEqual(imageOf(before));
    after.apply(plan.redo);
    expect(viewOf(after, "revenue")).toMatchObject({ balance: "127", creditsPending: "0" });
    expect(viewOf(after, "dora")).toMatchObject({ balance: "-7", overdraft: true });
    expect(after.violations()).toEqual([]);
  });

  test("that does not balance is shown as a violation", () => {
    const ledger = books();
    const image = [
      {
        id: "cash",
        name: "Cash",
        type: "asset",
        debitsPosted: "5",
        creditsPosted: "0",
        debitsPending: "2",
        creditsPending: "0",
        overdraft: false,
      },
    ];
    ledger.restore(image);
    expect(ledger.violations()).toEqual([
      "trial balance: 5 debits posted, 0 credits posted",
      "trial balance: 2 debits pending, 0 credits pending",
    ]);
  });
});

test("books that do not balance, or start below zero, are not opened", () => {
  expect(() => createLedger([account("cash", "asset", 5n, 0n)])).toThrow(/5 debits posted, 0 credits posted/);
  const overdrawn = [account("cash", "asset", 0n, 5n), account("ada", "asset", 5n, 0n)];
  expect(() => createLedger(overdrawn)).toThrow(/cash: overdrawn by 5/);
});
