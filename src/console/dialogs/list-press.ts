import { assertNever } from "../../core/errors.ts";
import { go, showTransaction } from "../commands/looking.ts";
import { runCommand } from "../commands.ts";
import { editText } from "../edit-text.ts";
import { bindingOf, type Command } from "../keymap.ts";
import { type PaletteItem, paletteItems } from "../palette.ts";
import type { Session } from "../session.ts";
import { switchTheme } from "../switch-theme.ts";
import { choose } from "./choose.ts";
import type { CommandLogDialog, HelpDialog, PaletteDialog } from "./dialog.ts";
import { helpItems } from "./help-box.ts";

/** How far a page goes. */
const PAGE = 10;

/** Typing narrows the keys, Enter runs the chosen one. */
export function pressInHelp(session: Session, dialog: HelpDialog, key: string): void {
  const items = helpItems(session.view(), dialog.query);
  const index = movedTo(key, dialog.index, items.length);
  if (index !== null) return session.change({ dialog: { ...dialog, index } });
  if (key === "enter") {
    const chosen = items[dialog.index];
    if (chosen === undefined) return;
    session.change({ dialog: null });
    return runCommand(session, chosen.command);
  }
  if (dialog.query === "" && commandOf(session, key) === "help") return session.change({ dialog: null });
  const query = editText(dialog.query, key);
  if (query !== null) session.change({ dialog: { ...dialog, query, index: 0 } });
}

/** Typing narrows what can be done or gone to, Enter does it. */
export function pressInPalette(session: Session, dialog: PaletteDialog, key: string): void {
  const items = paletteItems(session.view(), dialog);
  const index = movedTo(key, dialog.index, items.length);
  if (index !== null) return session.change({ dialog: { ...dialog, index } });
  const chosen = items[dialog.index];
  if (key === "tab" && chosen !== undefined)
    return session.change({ dialog: { ...dialog, query: chosen.name, index: 0 } });
  if (key === "enter" && chosen !== undefined) {
    session.change({ dialog: null });
    return runPick(session, chosen.pick);
  }
  // What was opened by mistake is closed by the key that empties it.
  if (key === "backspace" && dialog.query === "") return session.change({ dialog: null });
  const query = editText(dialog.query, key);
  if (query !== null) session.change({ dialog: { ...dialog, query, index: 0 } });
}

function runPick(session: Session, pick: PaletteItem["pick"]): void {
  switch (pick.type) {
    case "command":
      return runCommand(session, pick.command);
    case "transaction":
      return showTransaction(session, pick.id);
    case "node":
      session.change({ selectedNode: pick.node });
      return go(session, { screen: "participants", detail: null, filter: "", pane: 0 });
    case "theme":
      return switchTheme(session, pick.theme);
    case "choose":
      return choose(session, pick.pick, 1);
    default:
      return assertNever(pick, "pick");
  }
}

export function pressInCommandLog(session: Session, dialog: CommandLogDialog, key: string): void {
  const { commandLog } = session.ui.get();
  const last = commandLog.length - 1;
  const at = dialog.index ?? last;
  const index = movedTo(key, at, commandLog.length);
  if (index !== null) return session.change({ dialog: { ...dialog, index: index >= last ? null : index } });
  const entry = commandLog[at];
  if (entry === undefined || (key !== "enter" && commandOf(session, key) !== "copy")) return;
  if (entry.commands.length === 0)
    return session.copy({ what: "the words: there is no command" }, entry.text);
  session.copy({ what: `the command of ${entry.text}` }, entry.commands.join("\n"));
}

function commandOf(session: Session, key: string): Command | undefined {
  return bindingOf(session.ui.get().bindings, key)?.command;
}

/** Where the cursor of a list goes; null where the key does not move it. */
export function movedTo(key: string, index: number, count: number): number | null {
  const last = Math.max(0, count - 1);
  const within = (target: number): number => Math.max(0, Math.min(last, target));
  switch (key) {
    case "down":
      return index >= last ? 0 : index + 1;
    case "up":
      return index <= 0 ? last : index - 1;
    case "pagedown":
      return within(index + PAGE);
    case "pageup":
      return within(index - PAGE);
    case "home":
      return 0;
    case "end":
      return last;
    default:
      return null;
  }
}
