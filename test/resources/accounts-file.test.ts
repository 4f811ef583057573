import { expect, test } from "vitest";
import { parseAccounts } from "../../src/resources/accounts-file.ts";
import { describeProblem } from "../../src/resources/problem.ts";

// Goal: books are opened only if they balance and every account starts within its rules.

const csv = (...lines: string[]) => parseAccounts(lines.join("\n"), { format: "csv", source: "books.csv" });
const problemsOf = (parsed: ReturnType<typeof csv>) =>
  parsed.ok ? [] : parsed.problems.map(describeProblem);

test("amounts and overdraft may be left out, and large amounts stay exact", () => {
  const huge = "123456789012345678901234567890";
  const parsed = csv(
    "overdraft,id,name,type,debitsPosted,creditsPosted",
    `,cash,Cash,asset,${huge},`,
    `true,ada,Ada,liability,,${huge}`,
    "false,revenue,Sales,revenue,,",
  );
  expect(parsed).toEqual({
    ok: true,
    rows: [
      { id: "cash", name: "Cash", type: "asset", debitsPosted: huge, creditsPosted: "0", overdraft: false },
      { id: "ada", name: "Ada", type: "liability", debitsPosted: "0", creditsPosted: huge, overdraft: true },
      {
        id: "revenue",
        name: "Sales",
        type: "revenue",
        debitsPosted: "0",
        creditsPosted: "0",
        overdraft: false,
      },
    ],
  });
  expect(csv("id,name,type", "cash,Cash,asset").ok).toBe(true);
});

test("JSON takes overdraft as a boolean", () => {
  const rows = [{ id: "ada", name: "Ada", type: "liability", overdraft: true }];
  const parsed = parseAccounts(JSON.stringify(rows), { format: "json", source: "books.json" });
  expect(parsed).toMatchObject({ ok: true, rows: [{ overdraft: true }] });
});

test("sums that differ are refused, and both are named", () => {
  const parsed = csv(
    "id,name,type,debitsPosted,creditsPosted",
    "cash,Cash,asset,100,",
    "ada,Ada,liability,,90",
  );
  expect(problemsOf(parsed)).toEqual([
    "books.csv: sum of opening balances is 100 in debits and 90 in credits, expected the same on both sides",
  ]);
});

test("an account that starts below zero needs overdraft", () => {
  const header = "id,name,type,debitsPosted,creditsPosted,overdraft";
  const other = "cash,Cash,asset,,50,true";
  expect(csv(header, "ada,Ada,liability,50,,true", other).ok).toBe(true);
  expect(problemsOf(csv(header, "ada,Ada,liability,50,,", other))).toEqual([
    "books.csv line 2: opening balance is -50, expected zero or more, or overdraft true",
  ]);
});

test("every mistake is named with its line", () => {
  const parsed = csv(
    "id,name,type,debitsPosted,overdraft",
    "cash,Cash,money,1e3,maybe",
    "cash,Cash,asset,-1,",
    "bell\u0007,Bell,asset,,",
  );
  expect(problemsOf(parsed)).toEqual([
    'books.csv line 2: type is "money", expected one of asset, liability, equity, revenue, expense',
    'books.csv line 2: debitsPosted is "1e3", expected a whole number from 0 to 10^36',
    'books.csv line 2: overdraft is "maybe", expected true or false',
    'books.csv line 3: debitsPosted is "-1", expected a whole number from 0 to 10^36',
    'books.csv line 3: id is "cash", expected another than in line 2',
    'books.csv line 4: id is "bell\\u0007", expected text of 1 to 64 printable characters',
  ]);
});
