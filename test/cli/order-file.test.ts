import { describe, expect, it } from "vitest";
import { parseOrders } from "../../src/cli/order-file.ts";

const ORDER = { operations: [{ participant: "warehouse", op: "ship", sku: "INK-01", quantity: 1 }] };

function problem(text: string): string {
  try {
    parseOrders(text, "orders");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

function figure(op: string, field: string, value: number | string): string {
  return JSON.stringify({ operations: [{ participant: "anybody", op, [field]: value }] });
}

describe("an order file", () => {
  it("holds one document, however it is laid out", () => {
    expect(parseOrders(JSON.stringify(ORDER), "orders")).toEqual([ORDER]);
    expect(parseOrders(JSON.stringify(ORDER, null, 2), "orders")).toEqual([ORDER]);
  });

  it("holds one order a line", () => {
    const second = { ...ORDER, requestId: "r-2" };
    expect(parseOrders(`${JSON.stringify(ORDER)}\n\n${JSON.stringify(second)}\n`, "orders")).toEqual([
      ORDER,
      second,
    ]);
  });

  it("leaves an operation's own fields to its participant", () => {
    const operations = [
      { participant: "warehouse", op: "ship", quantity: 1, colour: -1.5 },
      { participant: "till", op: "count", quantity: -1 },
    ];
    expect(parseOrders(JSON.stringify({ operations }), "orders")).toEqual([{ operations }]);
  });

  it.each([
    ["nothing", "", /^orders is empty$/],
    ["no JSON", "{", /^orders:1: /],
    ["a second line that is no JSON", `${JSON.stringify(ORDER)}\n{"operations"`, /^orders:2: /],
    [
      "a second line that is no order",
      `${JSON.stringify(ORDER)}\n{"operations":[]}`,
      /^orders:2: \/operations /,
    ],
    ["an array", JSON.stringify([ORDER]), /an order is an object/],
    [
      "an unknown field",
      JSON.stringify({ ...ORDER, colour: "red" }),
      /^orders:1: "colour" is no field of an order/,
    ],
    [
      "a negative quantity",
      figure("ship", "quantity", -1),
      /^orders:1: \/operations\/0 ship: quantity is -1, expected a whole number from 1 /,
    ],
    ["a fractional quantity", figure("receive", "quantity", 1.5), /quantity is 1.5/],
    ["an amount that is no whole number", figure("transfer", "amount", "5.5"), /amount is "5.5"/],
    ["no amount", figure("transfer", "note", "x"), /amount is missing/],
    [
      "a participant that is no name",
      '{"operations":[{"participant":"A B","op":"ship"}]}',
      /\/operations\/0\/participant/,
    ],
    ["a nested field", '{"operations":[{"participant":"a","op":"ship","sku":{}}]}', /\/operations\/0\/sku/],
    ["a key twice", '{"operations":[{"participant":"a","op":"ship","op":"read"}]}', /twice/],
  ])("names the place of %s", (_, text, message) => {
    expect(problem(text)).toMatch(message);
  });
});
