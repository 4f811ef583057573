import { describe, expect, it } from "vitest";
import { heldBack, trialBalance, unexplained } from "../../src/headless/conservation.ts";
import { chooseMarket, order, receive } from "../../src/headless/market.ts";
import { account, CAST, item } from "./fixtures.ts";

const BEFORE = {
  items: [item("PEN", 10n), item("INK", 3n)],
  accounts: [account("customer-a", "liability", 0n, 500n), account("revenue", "revenue", 0n, 0n)],
};
/** What is left after an order of two pens and a delivery of four. */
const AFTER = {
  items: [item("PEN", 12n), item("INK", 3n)],
  accounts: [account("customer-a", "liability", 20n, 500n), account("revenue", "revenue", 0n, 20n)],
};
const OPERATIONS = [...order(CAST, chooseMarket(BEFORE), 2n), receive(CAST, "PEN", 4n)];

describe("conservation of stock and money", () => {
  it("finds nothing where exactly the committed operations have moved", () => {
    expect(unexplained(BEFORE, AFTER, OPERATIONS, CAST)).toEqual([]);
  });

  it("finds goods that were shipped twice, and money that did not follow", () => {
    const twice = { ...AFTER, items: [item("PEN", 10n), item("INK", 3n)] };
    expect(unexplained(BEFORE, twice, OPERATIONS, CAST)).toEqual(["stock PEN: expected 12, found 10"]);
    const unpaid = { ...AFTER, accounts: BEFORE.accounts };
    expect(unexplained(BEFORE, unpaid, OPERATIONS, CAST)).toEqual([
      "debits customer-a: expected 20, found 0",
      "credits revenue: expected 20, found 0",
    ]);
  });

  it("finds an item that has vanished", () => {
    const vanished = { ...AFTER, items: [item("PEN", 12n)] };
    expect(unexplained(BEFORE, vanished, OPERATIONS, CAST)).toEqual(["stock INK: expected 3, found nothing"]);
  });

  it("finds what is still reserved or pending", () => {
    const pending = { ...account("customer-a", "liability", 0n, 5n), debitsPending: "3" };
    expect(heldBack({ items: [item("PEN", 10n, 2n)], accounts: [pending] })).toEqual([
      "PEN reserved 2",
      "customer-a pending 3 debits, 0 credits",
    ]);
    expect(heldBack(BEFORE)).toEqual([]);
  });

  it("balances beyond 2^53", () => {
    const huge = 2n ** 53n + 1n;
    const accounts = [account("cash", "asset", huge, 0n), account("capital", "equity", 0n, huge)];
    expect(trialBalance(accounts)).toEqual({ posted: 0n, pending: 0n });
    expect(trialBalance(accounts.slice(1)).posted).toBe(-huge);
  });
});

describe("the market", () => {
  it("prefers a customer who has money to a supplier who is owed more", () => {
    const accounts = [
      account("suppliers", "liability", 0n, 900n),
      account("customer-a", "liability", 0n, 5n),
      account("customer-b", "liability", 0n, 50n),
      account("sales", "revenue", 0n, 0n),
    ];
    const market = chooseMarket({ items: BEFORE.items, accounts });
    expect([market.item.sku, market.customer.id, market.revenue.id]).toEqual(["PEN", "customer-b", "sales"]);
  });

  it("says what is missing where nothing can be sold", () => {
    expect(() => chooseMarket({ ...BEFORE, items: [item("PEN", 0n)] })).toThrow(/an item in stock/);
  });
});
