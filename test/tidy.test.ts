import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";

// Goal: the house rules that no compiler knows. A message names the file, the line and what to do instead.

const ROOT = join(import.meta.dirname, "..");
const LINES_MAX = 400;

/** Which rooms a room may import, beside itself. A star means types only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  core: ["schema*"],
  codec: ["schema", "core"],
  resources: ["schema", "core"],
  observe: ["schema", "core"],
  conform: ["schema", "core", "observe"],
  runtime: ["schema", "core", "codec", "resources"],
  log: ["schema", "core", "codec", "runtime"],
  drivers: ["schema", "core", "codec", "resources", "runtime", "log"],
  sim: ["schema", "core", "codec", "resources", "observe", "conform", "runtime", "log"],
  client: ["schema", "core", "codec", "observe", "drivers"],
  cluster: ["schema", "core", "observe", "client", "drivers"],
  console: ["schema", "core", "observe"],
  bench: ["schema", "core", "codec", "resources", "client", "cluster", "drivers"],
  headless: ["schema", "core", "observe"],
};
/** Which libraries, Node's own included, a room without a world of its own may import; the other rooms are free. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  schema: ["typebox"],
  core: [],
  codec: ["typebox"],
  resources: ["csv-parse"],
  observe: [],
  conform: [],
  log: ["node:path"],
  sim: [],
};
const WITH_TIME = ["drivers", "client", "cluster", "bench", "cli", "console"];

interface Rule {
  readonly pattern: RegExp;
  readonly applies: (file: File) => boolean;
  readonly instead: string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /\bDate\.now\b|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bperformance\.now\b/,
    applies: ({ area, room }) => area === "src" && !WITH_TIME.includes(room),
    instead: "take a Clock or a Random from runtime/ports.ts",
  },
  {
    pattern: /\b(?:TO-?DO|FIX-?ME)\b/,
    applies: () => true,
    instead: "do it, or say in words what is missing",
  },
  {
    pattern: /\.(?:only|skip)\(/,
    applies: ({ area }) => area === "test",
    instead: "run every test, or delete it",
  },
  {
    pattern: /\bconsole\.(?:log|error|warn)\(/,
    applies: ({ area }) => area !== "test",
    instead: "write to the stream you were handed",
  },
  {
    pattern: /(?<!typeof )\bimport\(/,
    applies: ({ area, room }) => area === "src" && room !== "cli",
    instead: "import at the top of the file; only cli and bin load lazily",
  },
  { pattern: /^import "/, applies: () => true, instead: "import a name and call it" },
];

interface File {
  readonly path: string;
  /** `src`, `test` or `bin`. */
  readonly area: string;
  /** The folder below the area, empty where there is none. */
  readonly room: string;
  readonly text: string;
}

function openFile(path: string, text: string): File {
  const [area = "", room = "", ...rest] = path.split("/");
  return { path, area, room: rest.length > 0 ? room : "", text };
}

function readFiles(): File[] {
  return ["src", "test", "bin"].flatMap((area) =>
    readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:tsx?|js)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => openFile(relative(ROOT, path).replaceAll(sep, "/"), readFileSync(path, "utf8"))),
  );
}

function findUntidy(file: File): string[] {
  const lines = file.text.split("\n");
  const untidy = lines.flatMap((line, index) =>
    RULES.filter(({ pattern, applies }) => applies(file) && pattern.test(line)).map(
      ({ instead }) => `${file.path}:${index + 1}: ${line.trim()} — instead: ${instead}`,
    ),
  );
  if (lines.length > LINES_MAX) {
    untidy.push(`${file.path}:${LINES_MAX + 1}: ${lines.length} lines — instead: two files`);
  }
  return file.area === "src" ? [...untidy, ...findForeignImports(file)] : untidy;
}

function findForeignImports({ path, room, text }: File): string[] {
  const imports = text.matchAll(/^(?:import|export)\s(type\s)?[^;"'=(]*?from "([^"]+)"/gm);
  return [...imports].flatMap(({ index, 1: type, 2: target = "" }) => {
    const instead = findForeign(path, room, target, type !== undefined);
    const line = text.slice(0, index).split("\n").length;
    return instead === null ? [] : [`${path}:${line}: imports ${target} — instead: ${instead}`];
  });
}

function findForeign(path: string, room: string, target: string, isType: boolean): string | null {
  if (!target.startsWith(".")) {
    const allowed = MAY_USE[room];
    if (allowed === undefined || allowed.some((name) => target === name || target.startsWith(`${name}/`))) {
      return null;
    }
    return `${room} may use ${allowed.join(", ") || "no library"}; hand it in from a room that may`;
  }
  const [, other = ""] = join(path, "..", target).split(sep);
  if (other === room || room === "cli" || (room === "" && other !== "cli")) return null;
  const allowed = MAY_IMPORT[room] ?? [];
  if (allowed.includes(other) || (isType && allowed.includes(`${other}*`))) return null;
  return `${room} may import ${allowed.join(", ") || "nothing"} (* types only); declare a port and let cli hand it in`;
}

test("every file keeps the house rules", () => {
  expect(readFiles().flatMap(findUntidy)).toEqual([]);
});

test("every room of src stands in the table", () => {
  const rooms = new Set(
    readFiles()
      .filter(({ area }) => area === "src")
      .map(({ room }) => room),
  );
  expect(
    [...rooms].filter((room) => room !== "" && room !== "cli" && MAY_IMPORT[room] === undefined),
  ).toEqual([]);
});

test("each rule catches what it is for", () => {
  const text = [
    'import "../core/errors.ts";',
    'import { Delta } from "../schema/operations.ts";',
    'import { readFileSync } from "node:fs";',
    'import type { Clock } from "../runtime/ports.ts";',
    "const at = Date.now(); // TO" + "DO",
    'const lazy = await import("./late.ts");',
    "console.log(at);",
    ...Array.from({ length: LINES_MAX }, () => ""),
  ].join("\n");
  const linesOf = (path: string, content: string) =>
    findUntidy(openFile(path, content)).map((message) => Number(message.split(":")[1]));
  expect(linesOf("src/core/bad.ts", text).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 5, 6, 7, 401]);
  expect(linesOf("src/cli/good.ts", text)).toEqual([1, 5, 7, 401]);
  expect(linesOf("test/core/bad.test.ts", "test.on" + "ly('x', run);")).toEqual([1]);
});
