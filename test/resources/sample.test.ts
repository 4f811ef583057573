import { expect, test } from "vitest";
import { openingBalance } from "../../src/resources/account.ts";
import { parseAccounts } from "../../src/resources/accounts-file.ts";
import { parseInventory } from "../../src/resources/inventory-file.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { defaultOrder, SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { account, answer } from "./operations.ts";

// Goal: what a newcomer starts with is sound, and the first order it offers can commit.

test("the sample passes the checks of a user's file", () => {
  const items = parseInventory(JSON.stringify(SAMPLE_ITEMS), { format: "json", source: "sample" });
  expect(items).toEqual({ ok: true, rows: SAMPLE_ITEMS });
  const accounts = parseAccounts(JSON.stringify(SAMPLE_ACCOUNTS), { format: "json", source: "sample" });
  expect(accounts).toEqual({ ok: true, rows: SAMPLE_ACCOUNTS });
});

test("the sample has what a demonstration needs: scarce, sold out, nearly broke, overdraft", () => {
  expect(SAMPLE_ITEMS.map((item) => item.onHand)).toEqual(expect.arrayContaining(["3", "0"]));
  const cheapest =
    SAMPLE_ITEMS.map((item) => BigInt(item.priceMinor ?? 0)).sort((a, b) => Number(a - b))[0] ?? 0n;
  const customers = SAMPLE_ACCOUNTS.filter((each) => each.id.startsWith("customer-"));
  expect(customers.map(openingBalance).some((funds) => funds > 0n && funds < cheapest * 2n)).toBe(true);
  expect(customers.some((each) => each.overdraft)).toBe(true);
});

test("the default order is accepted by both participants", () => {
  const [shipment, payment] = defaultOrder(SAMPLE_ITEMS, SAMPLE_ACCOUNTS);
  expect(shipment).toEqual({ participant: "warehouse", op: "ship", sku: "LAMP-01", quantity: 1 });
  expect(payment).toMatchObject({ participant: "ledger", op: "transfer", credit: "revenue", amount: "4900" });
  if (shipment === undefined || payment === undefined) throw new Error("expected two operations");
  expect(answer(createWarehouse(SAMPLE_ITEMS), shipment)).toBe("yes");
  expect(answer(createLedger(SAMPLE_ACCOUNTS), payment)).toBe("yes");
});

test("the default order passes over what is sold out, unpriced or cannot be paid", () => {
  const items = [
    { sku: "OUT", name: "Out", onHand: "0", priceMinor: "1" },
    { sku: "GIFT", name: "Gift", onHand: "5" },
    { sku: "LAMP", name: "Lamp", onHand: "5", priceMinor: "70" },
  ];
  const accounts = [
    account("poor", "liability", 0n, 69n),
    account("rich", "liability", 0n, 70n),
    account("sales", "revenue", 0n, 0n),
  ];
  expect(defaultOrder(items, accounts)).toMatchObject([
    { sku: "LAMP" },
    { debit: "rich", credit: "sales", amount: "70" },
  ]);
  expect(defaultOrder(items, accounts.slice(0, 1))).toEqual([]);
  expect(defaultOrder([], accounts)).toEqual([]);
});

test("the default order takes the rows of a running cluster", () => {
  const stock = createWarehouse(SAMPLE_ITEMS).rows();
  const books = createLedger(SAMPLE_ACCOUNTS).rows();
  if (stock.kind !== "warehouse" || books.kind !== "ledger") throw new Error("expected both kinds");
  expect(defaultOrder(stock.items, books.accounts)).toEqual(defaultOrder(SAMPLE_ITEMS, SAMPLE_ACCOUNTS));
});
