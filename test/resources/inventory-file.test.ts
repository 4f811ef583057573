import { describe, expect, test } from "vitest";
import { parseInventory } from "../../src/resources/inventory-file.ts";
import { describeProblem } from "../../src/resources/problem.ts";

// Goal: a stock file is read as it is meant, or refused with every mistake named by file, place, field and value.

const csv = (text: string) => parseInventory(text, { format: "csv", source: "stock.csv" });
const json = (value: unknown) =>
  parseInventory(JSON.stringify(value), { format: "json", source: "stock.json" });
const problemsOf = (parsed: ReturnType<typeof csv>) =>
  parsed.ok ? [] : parsed.problems.map(describeProblem);
const WHOLE = "a whole number from 0 to 9007199254740991";

describe("CSV", () => {
  test("is read with a byte order mark, CRLF, quotes, blank lines and columns in any order", () => {
    const text =
      '\ufeff"name",priceMinor,onHand,sku\r\n"Lamp, ""Luna""",4900,10,LAMP-01\r\n\r\n  \r\nUhr, ,0,CLOCK-01\r\n';
    expect(csv(text)).toEqual({
      ok: true,
      rows: [
        { sku: "LAMP-01", name: 'Lamp, "Luna"', onHand: "10", priceMinor: "4900" },
        { sku: "CLOCK-01", name: "Uhr", onHand: "0" },
      ],
    });
  });

  test("with mistakes names them all, each with its line", () => {
    const text = [
      "sku,name,onHand,priceMinor",
      "A,Lamp,-2,1.5",
      "",
      "B,,9007199254740992,1",
      "A,Again,1,1",
      "C,Short,1",
      ",Nameless,ten,",
      "D,Red\u001b[31m,1,",
    ].join("\n");
    expect(problemsOf(csv(text))).toEqual([
      `stock.csv line 2: priceMinor is "1.5", expected ${WHOLE}`,
      `stock.csv line 2: onHand is "-2", expected ${WHOLE}`,
      "stock.csv line 4: name is missing, expected text of 1 to 64 printable characters",
      `stock.csv line 4: onHand is "9007199254740992", expected ${WHOLE}`,
      'stock.csv line 5: sku is "A", expected another than in line 2',
      "stock.csv line 6: number of fields is 3, expected 4, as in the header",
      "stock.csv line 7: sku is missing, expected text of 1 to 64 printable characters",
      `stock.csv line 7: onHand is "ten", expected ${WHOLE}`,
      'stock.csv line 8: name is "Red\\u001b[31m", expected text of 1 to 64 printable characters',
    ]);
  });

  test.each([
    ["", "stock.csv: file is empty, expected at least one row"],
    ["\ufeff \r\n", "stock.csv: file is empty, expected at least one row"],
    ["sku,name,onHand\n", "stock.csv: file is only a header, expected at least one row"],
    ["sku,name\nA,Lamp\n", "stock.csv line 1: column onHand is missing, expected it in the header"],
    [
      "sku,name,onHand,colour\nA,Lamp,1,red\n",
      'stock.csv line 1: column is "colour", expected each of sku, name, onHand, priceMinor at most once',
    ],
    [
      "sku,name,onHand,sku\nA,Lamp,1,B\n",
      'stock.csv line 1: column is "sku", expected each of sku, name, onHand, priceMinor at most once',
    ],
    [
      'sku,name,onHand\nA,"Lamp,1\n',
      "stock.csv line 2: quoting is broken, expected quotes around whole fields, and quotes inside them doubled",
    ],
  ])("%j is refused", (text, problem) => {
    expect(problemsOf(csv(text))).toEqual([problem]);
  });

  test("names no direction marks or line breaks on the screen", () => {
    const problems = problemsOf(csv('sku,name,onHand\nA,"two\nlines",1\nB,ab\u202ecd,1\n'));
    expect(problems).toHaveLength(2);
    expect(problems.join("")).not.toMatch(/[\n\u202e]/);
  });
});

describe("JSON", () => {
  test("is read from an array of objects, numbers as numbers or as digits", () => {
    const rows = [
      { sku: "A", name: "Lamp", onHand: 10, priceMinor: "4900" },
      { sku: "B", name: "Clock", onHand: "9007199254740991", priceMinor: null },
    ];
    expect(json(rows)).toEqual({
      ok: true,
      rows: [
        { sku: "A", name: "Lamp", onHand: "10", priceMinor: "4900" },
        { sku: "B", name: "Clock", onHand: "9007199254740991" },
      ],
    });
  });

  test("with mistakes names them all, each with its index", () => {
    const rows = [
      { sku: "A", name: "Lamp", onHand: 1.5 },
      5,
      { sku: "B", name: "Clock", onHand: 2 ** 53, colour: "red" },
      { sku: "A", name: "Lamp", onHand: 1 },
      { sku: 7, name: "Number", onHand: 1 },
    ];
    expect(problemsOf(json(rows))).toEqual([
      `stock.json [0]: onHand is 1.5, expected ${WHOLE}`,
      "stock.json [1]: row is 5, expected an object",
      'stock.json [2]: column is "colour", expected each of sku, name, onHand, priceMinor at most once',
      `stock.json [2]: onHand is 9007199254740992, expected ${WHOLE}`,
      'stock.json [3]: sku is "A", expected another than in [0]',
      "stock.json [4]: sku is 7, expected text of 1 to 64 printable characters",
    ]);
  });

  test.each([
    ["{}", /: file is an object, expected an array of objects$/],
    ["[]", /: file is empty, expected at least one row$/],
    ['[{"sku": "A",]', /: file is unreadable \(.+\), expected a JSON array of objects$/],
    ['[{"__proto__": {"sku": "A"}}]', /\[0\]: column is "__proto__", expected/],
  ])("%s is refused", (text, problem) => {
    const [first] = problemsOf(parseInventory(text, { format: "json", source: "stock.json" }));
    expect(first).toMatch(problem);
  });
});
