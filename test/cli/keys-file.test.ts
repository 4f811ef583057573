import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBindings } from "../../src/cli/keys-file.ts";
import { KEYMAP } from "../../src/console/keymap.ts";

// Goal: the keys come from the file that is named, else from the usual one, and a bad file is told with its name.

let dir: string;
const before = process.env.XDG_CONFIG_HOME;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tpc-keys-"));
  process.env.XDG_CONFIG_HOME = dir;
});
afterEach(() => {
  if (before === undefined) delete process.env.XDG_CONFIG_HOME;
  else process.env.XDG_CONFIG_HOME = before;
  rmSync(dir, { recursive: true });
});

function write(path: string, text: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const orderKeys = (named?: string) => readBindings(named).find(({ command }) => command === "order")?.keys;

test("without any file the keys are the built-in ones", () => {
  expect(readBindings(undefined)).toEqual(KEYMAP);
});

test("the usual file counts, and a named one instead of it", () => {
  write(join(dir, "2pc-console", "keys.json"), '{ "order": "!" }');
  const named = write(join(dir, "mine.json"), '\ufeff{ "order": ["%"] }');
  expect([orderKeys(), orderKeys(named)]).toEqual([["!"], ["%"]]);
});

test.each([
  ["{", "TPC_CONFIG"],
  ['{ "order": "!", "order": "%" }', "TPC_CONFIG"],
  ['{ "order": "ctrl-c" }', "TPC_CONFIG"],
])("%s is refused with the file's name", (text, code) => {
  const path = write(join(dir, "2pc-console", "keys.json"), text);
  expect(() => readBindings(undefined)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(`${path}: `) }),
  );
});

test("a named file that is not there is told, the usual one is not missed", () => {
  expect(() => readBindings(join(dir, "none.json"))).toThrow(
    expect.objectContaining({ code: "TPC_NO_INPUT" }),
  );
});
