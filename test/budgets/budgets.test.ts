import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUDGETS, budgetLines, partOf } from "./budgets.ts";

// Every part of the suite has a budget, which its page states, and a run says what was taken of each.

const root = join(import.meta.dirname, "..");
const NAMED = ["console-bench", "netns", "storm"]; // They run by a name of their own.

test("every part has a budget, and no budget is without its part", () => {
  const entries = readdirSync(root, { withFileTypes: true });
  const parts = entries.filter((entry) => entry.isDirectory() || entry.name.endsWith(".test.ts"));
  const names = parts.map(({ name }) => partOf(`/test/${name}`)).filter((name) => !NAMED.includes(name));
  expect(Object.keys(BUDGETS).sort()).toEqual(names.sort());
});

test("together they leave two cores less than five minutes", () => {
  const sum = Object.values(BUDGETS).reduce((total, { seconds }) => total + seconds, 0);
  expect(sum / 2).toBeLessThanOrEqual(5 * 60);
});

test("the page states them; `DOCS_UPDATE=1` writes them anew", () => {
  const path = join(root, "README.md");
  const rows = Object.entries(BUDGETS).map(
    ([part, { seconds, about }]) => `| \`${part}\` | ${seconds} s | ${about} |`,
  );
  const table = ["| part | budget | about |", "|---|---|---|", ...rows].join("\n");
  const text = readFileSync(path, "utf8");
  const fresh = text.replace(
    /(<!-- budgets -->\n)[\s\S]*?(<!-- \/budgets -->)/,
    (_, open, close) => `${open}${table}\n${close}`,
  );
  if (process.env.DOCS_UPDATE === "1") writeFileSync(path, fresh);
  expect(process.env.DOCS_UPDATE === "1" ? fresh : text).toBe(fresh);
});

test("a line says what a part took, and when that was more than its budget", () => {
  expect(partOf("/somewhere/test/log/damage.test.ts")).toBe("log");
  expect(partOf("/somewhere/test/tidy.test.ts")).toBe("tidy");
  const took = new Map([
    ["log", 12_340],
    ["docs", 2_001],
    ["new-part", 1],
  ]);
  expect(budgetLines(took)).toEqual([
    "docs             2.0 s of    2 s  over",
    "log             12.3 s of   18 s",
    "new-part         0.0 s, and no budget",
  ]);
});
