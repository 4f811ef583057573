import { type Binding, bindingOf, type Command } from "../keymap.ts";
import type { Dialog } from "./dialog.ts";

/** Keys that mean the same in every dialog, whatever the table of keys says: so everybody finds the way around and out. */
const FIXED: ReadonlySet<string> = new Set([
  ...["enter", "escape", "tab", "shift-tab", "backspace", " "],
  ...["up", "down", "left", "right", "pageup", "pagedown", "home", "end"],
]);

/** The fixed key that a command of the table stands for where nothing is typed. */
const STANDS_FOR: Partial<Record<Command, string>> = {
  down: "down",
  up: "up",
  "page-down": "pagedown",
  "page-up": "pageup",
  first: "home",
  last: "end",
  "next-tab": "right",
  "previous-tab": "left",
  quit: "escape",
};

/** The command that opens a dialog closes it as well. */
const OPENERS: Partial<Record<Dialog["type"], Command>> = {
  faults: "fault",
  held: "held",
  "command-log": "command-log",
};

/** The key as the dialog understands it: a fixed one where the table of keys has the same for it, else itself. */
export function keyInDialog(bindings: readonly Binding[], dialog: Dialog, key: string): string {
  if (FIXED.has(key) || (isTyped(dialog) && [...key].length === 1)) return key;
  const command = bindingOf(bindings, key)?.command;
  if (command === undefined) return key;
  return command === OPENERS[dialog.type] ? "escape" : (STANDS_FOR[command] ?? key);
}

/** Whether letters are letters there, or an answer. */
function isTyped(dialog: Dialog): boolean {
  switch (dialog.type) {
    case "menu":
      return dialog.query !== null;
    case "resolve":
    case "settle-many":
      return dialog.form.step !== "choose";
    case "faults":
    case "held":
    case "command-log":
      return false;
    case "help":
    case "palette":
    case "burst":
    case "order":
    case "confirm":
    case "reset":
      return true;
  }
}
