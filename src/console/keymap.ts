import type { StepCommand } from "./replay/bindings.ts";
import type { Screen } from "./ui.ts";

/** What a key can ask for. The names are what a file of keys uses, and what the palette lists. */
export type Command =
  | Screen
  | "help"
  | "palette"
  | "filter"
  | "next-match"
  | "previous-match"
  | "context"
  | "sort"
  | "reverse-sort"
  | "wrap"
  | "times"
  | "freeze"
  | "zoom"
  | "copy"
  | "mouse"
  | "next-pane"
  | "previous-pane"
  | "command-log"
  | "last-view"
  | "read-only"
  | "back"
  | "quit"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "theme"
  | "down"
  | "up"
  | "page-down"
  | "page-up"
  | "first"
  | "last"
  | "open"
  | "next-tab"
  | "previous-tab"
  | "pan-left"
  | "pan-right"
  | "order"
  | "burst"
  | "fault"
  | "partition"
  | "hold"
  | "held"
  | "drop"
  | "kill"
  | "restart"
  | "reset"
  | "resolve"
  | "resolve-all"
  | "undo"
  | "repeat"
  | StepCommand;

export interface Binding {
  readonly command: Command;
  /** Names as `input.ts` gives them: one printable character, or a name such as `enter`, `ctrl-c`. */
  readonly keys: readonly string[];
  readonly group: "look" | "move" | "act" | "time" | "leave";
  readonly help: string;
  /** Changes something in the cluster: not offered to a read-only console. */
  readonly acts?: true;
  /** The word in the hint row, for the keys that stand there. */
  readonly hint?: string;
  /** The word in the hint row while a transaction is open. */
  readonly hintInDetail?: string;
}

function act(command: Command, key: string, help: string, hint?: string, hintInDetail?: string): Binding {
  const words = {
    ...(hint === undefined ? {} : { hint }),
    ...(hintInDetail === undefined ? {} : { hintInDetail }),
  };
  return { command, keys: [key], group: "act", help, acts: true, ...words };
}

function look(command: Command, key: string, help: string, hint?: string): Binding {
  return { command, keys: [key], group: "look", help, ...(hint === undefined ? {} : { hint }) };
}

function move(command: Command, keys: readonly string[], help: string, hintInDetail?: string): Binding {
  return { command, keys, group: "move", help, ...(hintInDetail === undefined ? {} : { hintInDetail }) };
}

/** Every key as it is before a file of keys changes it. Help, hint row, palette and README are made from it. */
export const KEYMAP: readonly Binding[] = [
  { ...look("help", "?", "this help", "help"), hintInDetail: "help" },
  look("palette", ":", "any command, fault, transaction or node by its name", "cmd"),
  {
    ...look("filter", "/", "filter a list or the log, find in a transaction", "filter"),
    hintInDetail: "find",
  },
  act("order", "a", "place an order: one transaction", "order"),
  act("burst", "b", "place many orders at once", "burst"),
  act("fault", "f", "faults: what is injected, and everything that can be", "fail"),
  act("partition", "p", "cut or heal a link between two nodes"),
  act("hold", "o", "hold the protocol, to go on step by step, or let it go on", "step"),
  act("step", "}", "held: let the next message go"),
  act("step-phase", ")", "held: let all messages of the next phase go"),
  act("held", "O", "held: the messages that wait; let go or drop any"),
  act("drop", "d", "held: drop the chosen one of the list"),
  act("kill", "x", "kill a process (SIGKILL; asks)", "kill"),
  act("restart", "r", "restart a process that is down", "restart"),
  act("resolve", "R", "settle by hand what is in doubt (asks twice)", "resolve", "resolve"),
  act("resolve-all", "E", "settle by hand everything unfinished that the filter leaves (asks twice)"),
  {
    // Without a key: nobody deletes by a slip of the finger.
    command: "reset",
    keys: [],
    group: "act",
    help: "delete what this cluster keeps and start anew (asks twice)",
    acts: true,
  },
  act("undo", "u", "undo the last fault: disarm it, restart what was killed"),
  act("repeat", ".", "repeat the last action"),
  look("dashboard", "1", "dashboard"),
  look("transactions", "2", "transactions"),
  look("participants", "3", "participants and their processes"),
  look("in-doubt", "4", "in doubt and unfinished"),
  look("stock", "5", "stock and ledger"),
  look("log", "6", "log of all nodes"),
  look("open", "enter", "open the selected transaction", "open"),
  look("next-match", "n", "the next match"),
  look("previous-match", "N", "the match before"),
  look("context", "c", "more lines around each match of the log"),
  look("sort", "s", "sort a list or the log by its next column"),
  look("reverse-sort", "S", "sort it the other way round"),
  look("wrap", "w", "long lines of the log whole or cut"),
  look("times", "t", "times of the day, or how long ago"),
  look("freeze", " ", "freeze or thaw the view; data keeps coming", "freeze"),
  look("zoom", "z", "the pane with the cursor alone, and back; Tab turns to the next"),
  look("copy", "y", "copy what is chosen: id, again its line, again a command"),
  look("mouse", "m", "mouse on or off; off, the terminal selects text"),
  look("command-log", "@", "what you did, and the same from a shell"),
  look("last-view", "-", "back to the last view, and back again"),
  look("read-only", "L", "lock or unlock: a locked console cannot act"),
  move("next-pane", ["tab"], "the next pane"),
  move("previous-pane", ["shift-tab"], "the pane before"),
  move("next-tab", ["]", "right"], "next tab of a transaction", "tab"),
  move("previous-tab", ["[", "left"], "previous tab"),
  move("pan-right", [">"], "more lanes of a sequence, to the right"),
  move("pan-left", ["<"], "lanes to the left"),
  move("down", ["j", "down"], "down", "down"),
  move("up", ["k", "up"], "up"),
  move("page-down", ["pagedown"], "a page down"),
  move("page-up", ["pageup"], "a page up"),
  move("first", ["g", "home"], "to the top"),
  move("last", ["G", "end"], "to the bottom"),
  {
    command: "back",
    keys: ["escape"],
    group: "leave",
    help: "clear the filter, close, go back",
    hintInDetail: "back",
  },
  { command: "quit", keys: ["q"], group: "leave", help: "back; at the dashboard quit", hint: "quit" },
  { command: "interrupt", keys: ["ctrl-c"], group: "leave", help: "twice: quit at once" },
  { command: "suspend", keys: ["ctrl-z"], group: "leave", help: "to the shell; fg comes back" },
  look("theme", "T", "the next theme: dark, light, high contrast …"),
  look("redraw", "ctrl-r", "draw the screen anew"),
];

/** What a key means outside dialogs. */
export function bindingOf(bindings: readonly Binding[], key: string): Binding | undefined {
  return bindings.find(({ keys }) => keys.includes(key));
}

/** The first key of a command, as people write it; empty where it has none. */
export function keyFor(bindings: readonly Binding[], command: Command): string {
  return keyName(bindings.find((each) => each.command === command)?.keys[0] ?? "");
}

/** `; r restarts`, with the key as it is bound; empty where the command has none. */
export function keyHint(bindings: readonly Binding[], command: Command, word: string): string {
  const key = keyFor(bindings, command);
  return key === "" ? "" : `; ${key} ${word}`;
}

/** `r: text`, `} or o: text`, with the keys as they are bound; the text alone where none of the commands has one. */
export function keyed(bindings: readonly Binding[], commands: readonly Command[], text: string): string {
  const keys = commands.map((command) => keyFor(bindings, command)).filter((key) => key !== "");
  return keys.length === 0 ? text : `${keys.join(" or ")}: ${text}`;
}

/** ` (a)`, to stand behind a word; empty where the command has no key. */
export function keyNote(bindings: readonly Binding[], command: Command): string {
  const key = keyFor(bindings, command);
  return key === "" ? "" : ` (${key})`;
}

/** `} lets the next message go, o goes on`: of each command that has a key, the key and what it does. */
export function keyWords(
  bindings: readonly Binding[],
  words: readonly (readonly [command: Command, word: string])[],
): string {
  return words
    .map(([command, word]) => [keyFor(bindings, command), word])
    .filter(([key]) => key !== "")
    .map((pair) => pair.join(" "))
    .join(", ");
}

/** `1, 2 and 4`: the screens that list transactions, by their keys, or by their names in the palette. */
export function listScreens(bindings: readonly Binding[], word: "and" | "or"): string {
  const [first, second, third] = (["dashboard", "transactions", "in-doubt"] as const).map(
    (command) => keyFor(bindings, command) || command,
  );
  return `${first}, ${second} ${word} ${third}`;
}

const keyNames: Record<string, string> = {
  " ": "Space",
  enter: "Enter",
  escape: "Esc",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
};

/** A key as people write it. */
export function keyName(key: string): string {
  if (key.startsWith("ctrl-")) return `Ctrl-${key.slice(5).toUpperCase()}`;
  return keyNames[key] ?? key;
}
