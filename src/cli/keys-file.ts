import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parseJson } from "../codec/json-text.ts";
import { printable } from "../codec/printable.ts";
import { type Binding, KEYMAP } from "../console/keymap.ts";
import { rebind } from "../console/rebinding.ts";
import { TpcError } from "../core/errors.ts";

/**
 * The console's keys: the built-in ones, changed by a file. Without `--keys` that is `keys.json` in `2pc-console` under the
 * XDG configuration directory, where there is one. Throws TPC_NO_INPUT when a named file cannot be read, TPC_CONFIG naming
 * the file and the entry when one is bad.
 */
export function readBindings(named: string | undefined): readonly Binding[] {
  const path = named ?? usualPath();
  const text = readText(path, named !== undefined);
  if (text === null) return KEYMAP;
  const json = parseJson(text.replace("\ufeff", ""));
  const read = "problem" in json ? { problem: json.problem.message } : rebind(KEYMAP, json.value);
  if ("problem" in read) throw new TpcError("TPC_CONFIG", printable(`${path}: ${read.problem}`));
  return read.bindings;
}

function usualPath(): string {
  const base = process.env.XDG_CONFIG_HOME;
  const home = base !== undefined && isAbsolute(base) ? base : join(homedir(), ".config");
  return join(home, "2pc-console", "keys.json");
}

function readText(path: string, isNamed: boolean): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    if (!isNamed && (code === "ENOENT" || code === "ENOTDIR")) return null;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TpcError("TPC_NO_INPUT", `cannot read ${path}: ${why}`, { cause });
  }
}
