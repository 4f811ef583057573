import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Action, perform } from "../../src/console/actions.ts";
import { shellWord } from "../../src/console/shell-word.ts";
import type { NodeName, TransactionId } from "../../src/schema/ids.ts";

// The console notes what a shell would do the same with, to be copied. Names, reasons and addresses come from elsewhere: a
// real shell must take each for the one word that it is, and do nothing else.

const HOSTILE: readonly string[] = [
  "'; touch owned; '",
  "$(touch owned)",
  "`touch owned`",
  "a\\nb\\\\c",
  'a "quoted" name',
  "two\nlines",
  "~ * ? [a] {b,c} & | < > ! # %",
  "it''s \\' all",
  "",
  "ünïcödé 商品",
];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tpc-shell-"));
  writeFileSync(join(dir, "2pc-console"), '#!/bin/sh\ncat > input\nprintf "%s\\0" "$@" > words\n');
  chmodSync(join(dir, "2pc-console"), 0o700);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs a line in a shell where the program only keeps its words and its input. */
function runLine(line: string): { readonly words: readonly string[]; readonly input: string } {
  execFileSync("sh", ["-c", line], { cwd: dir, input: "", env: { PATH: `${dir}:${process.env.PATH}` } });
  expect(readdirSync(dir).sort(), "files after the line").toEqual(["2pc-console", "input", "words"]);
  const words = readFileSync(join(dir, "words"), "utf8").split("\0").slice(0, -1);
  return { words, input: readFileSync(join(dir, "input"), "utf8") };
}

/** The lines that the console keeps beside an action. */
async function linesBeside(action: Action, address: string | null): Promise<readonly string[]> {
  const lines: string[] = [];
  const refuse = () => Promise.reject(new Error("nobody is there"));
  await perform(
    {
      operator: {
        submit: refuse,
        armFault: refuse,
        armCrash: refuse,
        cutLink: refuse,
        hold: refuse,
        releaseHeld: refuse,
        resolve: refuse,
      },
      cluster: null,
      random: () => 0.5,
      nowMs: () => 0,
      flash: () => {},
      note: () => {},
      begin(doing) {
        lines.push(...doing.commands);
        return () => {};
      },
      forget: () => {},
      await: () => () => {},
      userName: "ann",
      addressOf: () => address,
      isHeld: () => false,
      bindings: () => [],
      tokenFile: null,
    },
    action,
  );
  return lines;
}

describe.each(HOSTILE)("%j", (text) => {
  test("is one word", () => {
    expect(runLine(`2pc-console ${shellWord(text)}`).words).toEqual([text]);
  });

  test("as a SKU reaches submit as it is", async () => {
    const operations = [{ participant: "warehouse" as NodeName, op: "ship", sku: text, quantity: 1 }];
    const [line = ""] = await linesBeside({ type: "order", operations, label: "an order" }, null);
    const { words, input } = runLine(line);
    expect([words, JSON.parse(input)]).toEqual([["submit", "-"], { operations }]);
  });

  test("as a reason and as an address reaches resolve as it is", async () => {
    const transactionId = "coordinator-abc123abc123.1.1" as TransactionId;
    const nodes = ["warehouse" as NodeName];
    const what = { type: "resolve", transactionId, name: "1.1", choice: "abort" } as const;
    const [line = ""] = await linesBeside({ ...what, reason: text, nodes, isWhole: true }, text);
    expect(runLine(line).words).toEqual(["resolve", transactionId, "abort", "--reason", text, "--to", text]);
  });
});

test("what needs no quotes has none", () => {
  expect(shellWord("ws://127.0.0.1:7420")).toBe("ws://127.0.0.1:7420");
});
