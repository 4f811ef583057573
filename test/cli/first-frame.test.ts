import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

// Goal: before its first frame the console loads nothing that it does not need for it. What speaks to nodes, and what
// checks their words, are the larger half of the program.

const SRC = join(import.meta.dirname, "../../src");

/** The libraries that a file loads, with all that it imports at its top. */
function librariesOf(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const libraries = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const imports = readFileSync(path, "utf8").matchAll(
      /^(?:import|export)\s(?!type\s)([^;"'=(]*?)from "([^"]+)"/gm,
    );
    for (const [, names = "", target = ""] of imports) {
      if (areTypesOnly(names)) continue;
      if (target.startsWith(".")) visit(join(dirname(path), target));
      else if (!target.startsWith("node:")) libraries.add(target);
    }
  };
  visit(join(SRC, entry));
  return libraries;
}

function areTypesOnly(names: string): boolean {
  const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]?.split(",") ?? [];
  const words = listed.map((name) => name.trim()).filter((name) => name !== "");
  return words.length > 0 && words.every((name) => name.startsWith("type "));
}

test("the console's command loads Ink and React, and no other library", () => {
  expect([...librariesOf("cli/console-command.ts")].sort()).toEqual(["ink", "react"]);
});

test("the table of commands loads commander alone", () => {
  expect([...librariesOf("cli/program.ts")]).toEqual(["commander"]);
});

test("a library behind two imports is found", () => {
  expect([...librariesOf("client/operator.ts")]).toContain("typebox");
});
