import { leave } from "./commands/leaving.ts";
import { runCommand } from "./commands.ts";
import type { Dialog } from "./dialogs/dialog.ts";
import { pressInDialog } from "./dialogs/press.ts";
import { editText } from "./edit-text.ts";
import { isTooSmall } from "./frame.ts";
import { bindingOf, keyHint, keyName } from "./keymap.ts";
import { findIfNoneIsShown } from "./replay/finding.ts";
import type { Session } from "./session.ts";
import { activeFilter } from "./ui.ts";

/** Takes one key, named as in the key table. */
export function pressKey(session: Session, key: string): void {
  const { columns, rows } = session.size();
  const ui = session.ui.get();
  if (key !== "ctrl-c" && ui.interrupted) session.change({ interrupted: false, flash: null });
  if (key === "ctrl-c") return runCommand(session, "interrupt");
  // Any key ends a search; Esc does no more than that.
  if (session.replay?.stopFinding() && key === "escape") return;
  if (isTooSmall(columns, rows)) return pressTooSmall(session, key);
  if (ui.dialog !== null) return pressInDialog(session, ui.dialog, key);
  if (ui.typingFilter) return typeFilter(session, key);
  const binding = bindingOf(ui.bindings, key);
  if (binding !== undefined) return runCommand(session, binding.command);
  // Whoever has just hit a key by mistake wants to know that nothing was done; what was said of more weight stays.
  if (ui.flash !== null && ui.flash.tone !== "plain") return;
  const lists = keyHint(ui.bindings, "help", "lists the keys");
  session.change({ flash: { text: `${keyName(key)} does nothing${lists}`, tone: "plain" } });
}

/** Nothing that cannot be seen may act: here the key that quits quits, and its question is the only one that can be answered. */
function pressTooSmall(session: Session, key: string): void {
  const { dialog, bindings } = session.ui.get();
  const isAsked = dialog?.type === "confirm" && dialog.onYes === "quit";
  if (isAsked) return pressInDialog(session, dialog, key);
  if (bindingOf(bindings, key)?.command === "quit") leave(session);
}

/** What is pasted is text where text is typed; elsewhere its letters would be keys. */
export function pasteText(session: Session, text: string): void {
  const { dialog, typingFilter } = session.ui.get();
  const { columns, rows } = session.size();
  const isTyping = typingFilter || (dialog !== null && TYPED.has(dialog.type));
  if (!isTyping || isTooSmall(columns, rows)) {
    return session.change({ flash: { text: "pasted text is not taken for keys", tone: "plain" } });
  }
  const line = text.split(/[\r\n]/).find((each) => each.trim() !== "") ?? "";
  for (const character of line) if (character >= " ") pressKey(session, character);
}

/** Dialogs in which letters are letters. */
const TYPED: ReadonlySet<Dialog["type"]> = new Set([
  "help",
  "palette",
  "burst",
  "order",
  "resolve",
  "settle-many",
  "reset",
]);

function typeFilter(session: Session, key: string): void {
  const ui = session.ui.get();
  const change = (text: string): void =>
    session.change(ui.detail === null ? { filter: text, logAnchor: null } : { detailFilter: text });
  if (key === "enter") {
    session.change({ typingFilter: false });
    return findIfNoneIsShown(session);
  }
  if (key === "escape") {
    change("");
    return session.change({ typingFilter: false });
  }
  const edited = editText(activeFilter(ui), key);
  if (edited !== null) change(edited);
}
