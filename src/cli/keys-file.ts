import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parseJson } from "../codec/json-text.ts";
import { printable } from "../codec/printable.ts";
import { type Binding, KEYMAP } from "../console/keymap.ts";
import { rebind } from "../console/rebinding.ts";
import { REPLAY_BINDINGS } from "../console/replay/bindings.ts";
import { TpcError } from "../core/errors.ts";

/**
 * The keys of the console, or of one that shows a replay: the built-in ones, changed by a file. Without `--keys` that is `keys.json` in `2pc-console` under the
 * XDG configuration directory, where there is one. Throws TPC_NO_INPUT when a named file cannot be read, TPC_CONFIG naming
 * the file and the entry when one is bad.
 */
export function readBindings(named: string | undefined, isReplay = false): readonly Binding[] {
  const path = named ?? usualPath();
  const text = readText(path, named !== undefined);
  if (text === null) return isReplay ? REPLAY_BINDINGS : KEYMAP;
  const json = parseJson(text.replace("\ufeff", ""));
  const read = "problem" in json ? { problem: json.problem.message } : bindingsOf(json.value, isReplay);
  if ("problem" in read) throw new TpcError("TPC_CONFIG", printable(`${path}: ${read.problem}`));
  return read.bindings;
}

/** One file serves both, and what is wrong in it for one is told in the other, too. */
function bindingsOf(file: unknown, isReplay: boolean): ReturnType<typeof rebind> {
  const live = rebind(KEYMAP, file, REPLAY_BINDINGS);
  const replay = rebind(REPLAY_BINDINGS, file, KEYMAP);
  if ("problem" in live) return live;
  if ("problem" in replay) return { problem: `in a replay, ${replay.problem}` };
  return isReplay ? replay : live;
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
