/** What a key can ask for. */
export type Command =
  | "help"
  | "filter"
  | "freeze"
  | "next-pane"
  | "back"
  | "quit"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "theme"
  | "screen-1"
  | "screen-2"
  | "screen-3"
  | "screen-4"
  | "screen-5"
  | "screen-6"
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
  | "kill"
  | "restart"
  | "resolve"
  | "repeat";

export interface Binding {
  readonly command: Command;
  /** Names as `input.ts` gives them: one printable character, or a name such as `enter`, `ctrl-c`. */
  readonly keys: readonly string[];
  readonly group: "look" | "move" | "act" | "leave";
  readonly help: string;
  /** Changes something in the cluster: not offered to a read-only console. */
  readonly acts?: true;
  /** The word in the hint row, for the keys that stand there. */
  readonly hint?: string;
  /** The word in the hint row while a transaction is open. */
  readonly hintInDetail?: string;
}

/** Every key. The help and the hint row are made from it. */
export const KEYMAP: readonly Binding[] = [
  { command: "help", keys: ["?"], group: "look", help: "this help", hint: "help", hintInDetail: "help" },
  {
    command: "order",
    keys: ["a"],
    group: "act",
    help: "place an order: one transaction",
    hint: "order",
    acts: true,
  },
  {
    command: "burst",
    keys: ["b"],
    group: "act",
    help: "place many orders at once",
    hint: "burst",
    acts: true,
  },
  { command: "fault", keys: ["f"], group: "act", help: "arm a fault in a node", hint: "fail", acts: true },
  {
    command: "kill",
    keys: ["x"],
    group: "act",
    help: "kill a process (SIGKILL; asks)",
    hint: "kill",
    acts: true,
  },
  {
    command: "restart",
    keys: ["r"],
    group: "act",
    help: "restart a process that is down",
    hint: "restart",
    acts: true,
  },
  {
    command: "resolve",
    keys: ["R"],
    group: "act",
    help: "settle by hand what is in doubt (asks twice)",
    hint: "resolve",
    hintInDetail: "resolve",
    acts: true,
  },
  { command: "repeat", keys: ["."], group: "act", help: "repeat the last action", acts: true },
  { command: "screen-1", keys: ["1"], group: "look", help: "dashboard" },
  { command: "screen-2", keys: ["2"], group: "look", help: "transactions" },
  { command: "screen-3", keys: ["3"], group: "look", help: "participants and their processes" },
  { command: "screen-4", keys: ["4"], group: "look", help: "in doubt and unfinished" },
  { command: "screen-5", keys: ["5"], group: "look", help: "stock and ledger" },
  { command: "screen-6", keys: ["6"], group: "look", help: "log of all nodes" },
  { command: "open", keys: ["enter"], group: "look", help: "open the selected transaction", hint: "open" },
  { command: "filter", keys: ["/"], group: "look", help: "filter the list or the log", hint: "filter" },
  {
    command: "freeze",
    keys: [" "],
    group: "look",
    help: "freeze or thaw the view; data keeps coming",
    hint: "freeze",
  },
  { command: "next-pane", keys: ["tab", "shift-tab"], group: "move", help: "the other pane" },
  {
    command: "next-tab",
    keys: ["]", "right"],
    group: "move",
    help: "next tab of a transaction",
    hintInDetail: "tab",
  },
  { command: "previous-tab", keys: ["[", "left"], group: "move", help: "previous tab" },
  {
    command: "pan-right",
    keys: [">"],
    group: "move",
    help: "more lanes of a sequence, to the right",
  },
  { command: "pan-left", keys: ["<"], group: "move", help: "lanes to the left" },
  { command: "down", keys: ["j", "down"], group: "move", help: "down", hintInDetail: "down" },
  { command: "up", keys: ["k", "up"], group: "move", help: "up" },
  { command: "page-down", keys: ["pagedown"], group: "move", help: "a page down" },
  { command: "page-up", keys: ["pageup"], group: "move", help: "a page up" },
  { command: "first", keys: ["g", "home"], group: "move", help: "to the top" },
  { command: "last", keys: ["G", "end"], group: "move", help: "to the bottom" },
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
  { command: "theme", keys: ["T"], group: "look", help: "the next theme: dark, light, high contrast …" },
  { command: "redraw", keys: ["ctrl-r"], group: "look", help: "draw the screen anew" },
];

const commands = new Map(KEYMAP.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)));

/** What a key means outside dialogs. */
export function bindingOf(key: string): Binding | undefined {
  return commands.get(key);
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
  "ctrl-c": "Ctrl-C",
  "ctrl-z": "Ctrl-Z",
  "ctrl-r": "Ctrl-R",
};

/** A key as people write it. */
export function keyName(key: string): string {
  return keyNames[key] ?? key;
}
