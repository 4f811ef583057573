import { runCommand } from "./commands.ts";
import { pressInDialog } from "./dialogs/press.ts";
import { editText } from "./edit-text.ts";
import { isTooSmall } from "./frame.ts";
import { bindingOf } from "./keymap.ts";
import type { Session } from "./session.ts";
import { activeFilter } from "./ui.ts";

/** Takes one key, named as in the key table. */
export function pressKey(session: Session, key: string): void {
  const { columns, rows } = session.size();
  const ui = session.ui.get();
  if (key !== "ctrl-c" && ui.interrupted) session.change({ interrupted: false, flash: null });
  if (key === "ctrl-c") return runCommand(session, "interrupt");
  if (isTooSmall(columns, rows)) {
    // Nothing that cannot be seen may act.
    if (key === "q") runCommand(session, "quit");
    return;
  }
  if (ui.dialog !== null) return pressInDialog(session, ui.dialog, key);
  if (ui.typingFilter) return typeFilter(session, key);
  const binding = bindingOf(ui.bindings, key);
  if (binding !== undefined) runCommand(session, binding.command);
}

function typeFilter(session: Session, key: string): void {
  const ui = session.ui.get();
  const change = (text: string): void =>
    session.change(ui.detail === null ? { filter: text, logAnchor: null } : { detailFilter: text });
  if (key === "enter") return session.change({ typingFilter: false });
  if (key === "escape") {
    change("");
    return session.change({ typingFilter: false });
  }
  const edited = editText(activeFilter(ui), key);
  if (edited !== null) change(edited);
}
