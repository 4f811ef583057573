import { describe, expect, test } from "vitest";
import { jsonPieces } from "../../src/codec/json-pieces.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import type { Delta } from "../../src/schema/operations.ts";
import { answer, hold, imageOf, onWarehouse, prepare, receive, ship } from "./operations.ts";

// Goal: stock is promised once, moved once, and refused with a reason that says whether waiting can help.

const MAX = "9007199254740991";
const shop = () =>
  createWarehouse([
    { sku: "LAMP-01", name: "Desk lamp", onHand: "10", priceMinor: "4900" },
    { sku: "CLOCK-01", name: "Wall clock", onHand: "3" },
    { sku: "FULL", name: "Full to the brim", onHand: MAX },
  ]);
const rowOf = (warehouse: ReturnType<typeof shop>, sku: string) => {
  const rows = warehouse.rows(new Set([sku]));
  return rows.kind === "warehouse" ? rows.items[0] : undefined;
};

describe("a shipment", () => {
  test("plans to reserve, then to move, or to release", () => {
    expect(shop().plan([ship("LAMP-01", 2)])).toEqual({
      verdict: "yes",
      redo: [{ key: "LAMP-01", add: { onHand: "-2", reserved: "-2" } }],
      undo: [{ key: "LAMP-01", add: { reserved: "-2" } }],
      results: [],
    });
  });

  test("is reserved by its hold and gone after its redo", () => {
    const warehouse = shop();
    const plan = hold(warehouse, ship("LAMP-01", 2));
    expect(rowOf(warehouse, "LAMP-01")).toMatchObject({ onHand: "10", reserved: "2", available: "8" });
    warehouse.apply(plan.redo);
    expect(rowOf(warehouse, "LAMP-01")).toMatchObject({ onHand: "8", reserved: "0", available: "8" });
  });

  test("overlaps with others of the same item, and each can end on its own", () => {
    const warehouse = shop();
    const [first, second, third] = [3, 4, 3].map((quantity) => hold(warehouse, ship("LAMP-01", quantity)));
    expect(rowOf(warehouse, "LAMP-01")?.available).toBe("0");
    warehouse.apply(second?.undo ?? []);
    warehouse.apply(third?.redo ?? []);
    warehouse.apply(first?.redo ?? []);
    expect(rowOf(warehouse, "LAMP-01")).toMatchObject({ onHand: "4", reserved: "0", available: "4" });
  });

  test("of one item in several operations adds up", () => {
    expect(answer(shop(), ship("CLOCK-01", 2), ship("LAMP-01", 1), ship("CLOCK-01", 2))).toBe(
      "insufficient-stock: warehouse has 3 of CLOCK-01 on hand, 4 asked",
    );
    expect(shop().plan([ship("CLOCK-01", 1), ship("CLOCK-01", "2")])).toMatchObject({
      redo: [{ key: "CLOCK-01", add: { onHand: "-3", reserved: "-3" } }],
    });
  });

  test("can be performed at once: hold and redo in one apply", () => {
    const warehouse = shop();
    const plan = warehouse.plan([ship("LAMP-01", 10)]);
    if (plan.verdict !== "yes") throw new Error("expected a yes");
    warehouse.apply([{ key: "LAMP-01", add: { reserved: "10" } }, ...plan.redo]);
    expect(rowOf(warehouse, "LAMP-01")).toMatchObject({ onHand: "0", reserved: "0" });
  });
});

describe("a receipt", () => {
  test("is not available before it is committed", () => {
    const warehouse = shop();
    const plan = hold(warehouse, receive("CLOCK-01", 5));
    expect(rowOf(warehouse, "CLOCK-01")).toMatchObject({ onHand: "3", available: "3" });
    expect(answer(warehouse, ship("CLOCK-01", 4))).toMatch(/^insufficient-stock/);
    warehouse.apply(plan.redo);
    expect(rowOf(warehouse, "CLOCK-01")).toMatchObject({ onHand: "8", available: "8" });
  });

  test("cannot overflow, not even together with one that is still prepared", () => {
    const warehouse = createWarehouse([{ sku: "A", name: "A", onHand: String(BigInt(MAX) - 5n) }]);
    hold(warehouse, receive("A", 3));
    expect(answer(warehouse, receive("A", 2))).toBe("yes");
    expect(answer(warehouse, receive("A", 3))).toBe(
      `amount-overflow: warehouse has 9007199254740986 of A on hand and 3 incoming, 3 more would exceed ${MAX}`,
    );
  });
});

describe("a read", () => {
  test("alone makes the vote read-only and shows the item", () => {
    const warehouse = shop();
    hold(warehouse, ship("LAMP-01", 4));
    expect(warehouse.plan([onWarehouse("read", { sku: "LAMP-01" })])).toEqual({
      verdict: "read-only",
      results: [
        {
          participant: "warehouse",
          op: "read",
          sku: "LAMP-01",
          name: "Desk lamp",
          onHand: 10,
          reserved: 4,
          available: 6,
          priceMinor: "4900",
        },
      ],
    });
  });

  test("beside a movement keeps its result", () => {
    const plan = shop().plan([ship("LAMP-01", 1), onWarehouse("read", { sku: "CLOCK-01" })]);
    expect(plan).toMatchObject({ verdict: "yes", results: [{ sku: "CLOCK-01", onHand: 3 }] });
  });
});

describe("a refusal", () => {
  test("is transient when the rest is only reserved, invalid when it is not there at all", () => {
    const warehouse = shop();
    hold(warehouse, ship("LAMP-01", 8));
    expect(prepare(warehouse, ship("LAMP-01", 3))).toEqual({
      verdict: "no",
      reason: {
        participant: "warehouse",
        code: "stock-reserved",
        message: "warehouse has 10 of LAMP-01 on hand, 8 reserved by others, 3 asked",
        retryable: true,
        heldBy: { key: "LAMP-01", transactionIds: [] },
      },
    });
    expect(prepare(warehouse, ship("LAMP-01", 11))).toMatchObject({
      reason: { code: "insufficient-stock", retryable: false },
    });
  });

  test("names what can never succeed before what may", () => {
    const warehouse = shop();
    hold(warehouse, ship("LAMP-01", 8));
    expect(answer(warehouse, ship("LAMP-01", 3), ship("CLOCK-01", 4))).toMatch(/^insufficient-stock/);
  });

  test.each([
    [ship("NOPE", 1), "unknown-item: warehouse has no item NOPE"],
    [ship("__proto__", 1), "unknown-item: warehouse has no item __proto__"],
    [ship("\u001b[2J", 1), "unknown-item: warehouse has no item \\u001b[2J"],
    [ship("LAMP-01", 0), `invalid-operation: ship: quantity is 0, expected a whole number from 1 to ${MAX}`],
    [
      ship("LAMP-01", -2),
      `invalid-operation: ship: quantity is -2, expected a whole number from 1 to ${MAX}`,
    ],
    [
      ship("LAMP-01", 1.5),
      `invalid-operation: ship: quantity is 1.5, expected a whole number from 1 to ${MAX}`,
    ],
    [
      ship("LAMP-01", "1e3"),
      `invalid-operation: ship: quantity is "1e3", expected a whole number from 1 to ${MAX}`,
    ],
    [
      ship("LAMP-01", true),
      `invalid-operation: ship: quantity is true, expected a whole number from 1 to ${MAX}`,
    ],
    [
      ship("LAMP-01", 2 ** 53),
      `invalid-operation: ship: quantity is 9007199254740992, expected a whole number from 1 to ${MAX}`,
    ],
    [
      ship("LAMP-01", "9007199254740993"),
      `invalid-operation: ship: quantity is "9007199254740993", expected a whole number from 1 to ${MAX}`,
    ],
    [
      onWarehouse("ship", { sku: "LAMP-01" }),
      `invalid-operation: ship: quantity is missing, expected a whole number from 1 to ${MAX}`,
    ],
    [onWarehouse("ship", { quantity: 1 }), "invalid-operation: ship: sku is missing, expected text"],
    [onWarehouse("ship", { sku: 5, quantity: 1 }), "invalid-operation: ship: sku is 5, expected text"],
    [
      onWarehouse("read", { sku: "LAMP-01", quantity: 1 }),
      "invalid-operation: read: quantity is 1, expected only the fields sku",
    ],
    [
      onWarehouse("toString", { sku: "LAMP-01" }),
      'invalid-operation: op is "toString", expected one of ship, receive, read',
    ],
  ])("%j", (operation, expected) => {
    expect(answer(shop(), operation)).toBe(expected);
  });

  test("has a message that fits the wire, whatever was asked", () => {
    const message = answer(
      shop(),
      onWarehouse("\u0007".repeat(32), { ["\u009b".repeat(256)]: "x".repeat(256) }),
    );
    expect(message.length).toBeLessThan(512);
    expect(answer(shop(), ship("\u001b".repeat(256), 1)).length).toBeLessThan(512);
  });
});

describe("apply", () => {
  test.each<[string, Delta[]]>([
    [
      "an unknown item",
      [
        { key: "LAMP-01", add: { onHand: "1" } },
        { key: "NOPE", add: { onHand: "1" } },
      ],
    ],
    [
      "less than nothing",
      [
        { key: "LAMP-01", add: { onHand: "1" } },
        { key: "CLOCK-01", add: { onHand: "-4" } },
      ],
    ],
    ["more reserved than there is", [{ key: "CLOCK-01", add: { reserved: "4" } }]],
    [
      "a release without a hold",
      [
        { key: "LAMP-01", add: { onHand: "1" } },
        { key: "LAMP-01", add: { reserved: "-1" } },
      ],
    ],
    ["an overflow", [{ key: "FULL", add: { onHand: "1" } }]],
  ])("refuses %s and changes nothing", (_, deltas) => {
    const warehouse = shop();
    const before = imageOf(warehouse);
    expect(() => warehouse.apply(deltas)).toThrow(expect.objectContaining({ code: "TPC_INTERNAL" }));
    expect(imageOf(warehouse)).toEqual(before);
  });
});

describe("an image", () => {
  test("survives JSON and brings back holds, so that they can still end", () => {
    const before = shop();
    const shipment = hold(before, ship("LAMP-01", 4));
    const receipt = hold(before, receive("CLOCK-01", 2));
    const after = createWarehouse([]);
    after.restore(imageOf(before));
    expect(imageOf(after)).toEqual(imageOf(before));
    after.apply(shipment.undo);
    after.apply(receipt.redo);
    expect(rowOf(after, "LAMP-01")).toMatchObject({ onHand: "10", reserved: "0" });
    expect(rowOf(after, "CLOCK-01")).toMatchObject({ onHand: "5" });
    expect(after.violations()).toEqual([]);
  });

  test("is of the moment at which it was taken, however late it is written", () => {
    const warehouse = shop();
    const before = JSON.stringify(warehouse.image());
    const image = warehouse.image();
    hold(warehouse, ship("LAMP-01", 4));
    expect(JSON.stringify(image)).toBe(before);
    expect([...jsonPieces(image)].join("")).toBe(before);
    expect(JSON.stringify(warehouse.image())).not.toBe(before);
  });

  test("of something else is refused", () => {
    const row = { sku: "A", name: "A", onHand: "1", reserved: "0", incoming: "0" };
    for (const image of [
      null,
      {},
      [1],
      [{ ...row, onHand: "-1" }],
      [{ sku: "A" }],
      [row, row],
      [{ ...row, x: 1 }],
    ]) {
      const warehouse = shop();
      const before = imageOf(warehouse);
      expect(() => warehouse.restore(image)).toThrow(expect.objectContaining({ code: "TPC_LOG_CORRUPT" }));
      expect(imageOf(warehouse)).toEqual(before);
    }
  });

  test("that breaks a rule is shown as a violation", () => {
    const warehouse = shop();
    warehouse.restore([{ sku: "A", name: "A", onHand: "1", reserved: "2", incoming: "0" }]);
    expect(warehouse.violations()).toEqual(["A: 2 reserved of 1 on hand"]);
  });
});

test("rows of given keys are those, in that order, without strangers", () => {
  const rows = shop().rows(new Set(["CLOCK-01", "NOPE", "LAMP-01"]));
  expect(rows).toMatchObject({ kind: "warehouse", items: [{ sku: "CLOCK-01" }, { sku: "LAMP-01" }] });
});

test("two items with one SKU are refused", () => {
  const item = { sku: "A", name: "A", onHand: "1" };
  expect(() => createWarehouse([item, item])).toThrow(/two rows have the key A/);
});
