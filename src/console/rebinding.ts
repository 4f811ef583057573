import type { Binding, Command } from "./keymap.ts";

/** Terminals, shells and multiplexers keep these, or send them for another key. */
const NEVER: Readonly<Record<string, string>> = {
  "ctrl-a": "screen and tmux keep it",
  "ctrl-b": "tmux keeps it",
  "ctrl-c": "it always leaves",
  "ctrl-h": "terminals send it for Backspace",
  "ctrl-i": "terminals send it for Tab",
  "ctrl-k": "readers of the screen and some terminals keep it",
  "ctrl-m": "terminals send it for Enter",
  "ctrl-q": "terminals keep it",
  "ctrl-s": "terminals keep it: it stops the screen",
  "ctrl-z": "it always goes to the shell",
  escape: "it always goes back",
};

const NAMED = [
  "enter",
  "tab",
  "shift-tab",
  "up",
  "down",
  "left",
  "right",
  "pageup",
  "pagedown",
  "home",
  "end",
];

/** Commands that keep their keys, so that nobody is locked in. */
const FIXED: readonly Command[] = ["back", "interrupt", "suspend"];
/** Commands that may have other keys, but not none. */
const NEEDED: readonly Command[] = ["help", "quit"];

/**
 * The table of keys as a user's file changes it: an object of commands, each with a key or a list of keys; an empty list
 * leaves the command to the palette. A command that only `elsewhere` has is passed over. `problem` names the first entry that
 * cannot be, and why.
 */
export function rebind(
  bindings: readonly Binding[],
  file: unknown,
  elsewhere: readonly Binding[] = [],
): { readonly bindings: readonly Binding[] } | { readonly problem: string } {
  if (typeof file !== "object" || file === null || Array.isArray(file)) {
    return { problem: 'it should be an object such as { "order": "n", "kill": [] }' };
  }
  const changed = new Map<string, readonly string[]>();
  for (const [command, value] of Object.entries(file)) {
    const binding = bindings.find((each) => each.command === command);
    if (binding === undefined && elsewhere.some((each) => each.command === command)) continue;
    if (binding === undefined)
      return { problem: `${JSON.stringify(command)}: there is no such command${nearest(command, bindings)}` };
    const read = readKeys(binding, value);
    if ("problem" in read) return { problem: `${command}: ${read.problem}` };
    changed.set(command, read.keys);
  }
  const result = bindings.map((each) => ({ ...each, keys: changed.get(each.command) ?? each.keys }));
  return conflictIn(result, changed) ?? { bindings: result };
}

/** `; perhaps "next-match"`: those that share most of its letters. The help cannot be asked: nothing starts. */
function nearest(wrong: string, bindings: readonly Binding[]): string {
  const pairsOf = (text: string) =>
    new Set(Array.from(text.slice(1), (letter, at) => text.charAt(at) + letter));
  const wanted = pairsOf(wrong.toLowerCase());
  const shared = bindings.map(({ command }) => {
    const pairs = pairsOf(command);
    const common = [...pairs].filter((pair) => wanted.has(pair)).length;
    return { command, share: (2 * common) / (pairs.size + wanted.size) };
  });
  const [best] = shared.sort((a, b) => b.share - a.share);
  return best !== undefined && best.share >= 0.4
    ? `; perhaps ${JSON.stringify(best.command)}`
    : "; README.md lists them";
}

function readKeys(
  { command, acts }: Binding,
  value: unknown,
): { readonly keys: readonly string[] } | { readonly problem: string } {
  if (FIXED.includes(command)) return { problem: "its keys stay as they are" };
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const keys: string[] = [];
  for (const each of list) {
    if (typeof each !== "string") return { problem: `${JSON.stringify(each)} is no key; keys are texts` };
    const key = each === "space" ? " " : [...each].length === 1 ? each : each.toLowerCase();
    const why = refusal(key, acts ?? false);
    if (why !== null) return { problem: `${JSON.stringify(each)} ${why}` };
    keys.push(key);
  }
  if (keys.length === 0 && NEEDED.includes(command)) return { problem: "it cannot be without a key" };
  return { keys };
}

function refusal(key: string, acts: boolean): string | null {
  const kept = NEVER[key];
  if (kept !== undefined) return `can never be bound: ${kept}`;
  if (/^f[0-9]+$/.test(key))
    return "can never be bound: terminals send function keys in ways that look alike";
  if (/^(?:alt|meta)-/.test(key)) return "can never be bound: terminals send Alt as Esc";
  if (key === "ctrl-d" && acts) return "can never act: it is one key away from scrolling";
  if (key.startsWith("ctrl-"))
    return /^ctrl-[a-z]$/.test(key) ? null : "is no key; after ctrl- stands a letter";
  if ([...key].length === 1) return key >= " " ? null : "is no key that can be typed";
  return NAMED.includes(key)
    ? null
    : `is no key; beside characters there are space, ${NAMED.join(", ")}, ctrl-LETTER`;
}

function conflictIn(
  bindings: readonly Binding[],
  changed: ReadonlyMap<string, unknown>,
): { readonly problem: string } | null {
  for (const { command, keys } of bindings.filter((each) => changed.has(each.command))) {
    for (const key of keys) {
      const other = bindings.find((each) => each.command !== command && each.keys.includes(key));
      if (other !== undefined) {
        const name = key === " " ? "space" : key;
        return {
          problem: `${command}: ${JSON.stringify(name)} is a key of ${other.command}; give that another, or []`,
        };
      }
    }
  }
  return null;
}
