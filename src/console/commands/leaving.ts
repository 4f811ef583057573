import { confirmQuit } from "../dialogs/menus.ts";
import type { Session } from "../session.ts";
import { openCount } from "../waiting-orders.ts";
import { go, zoom } from "./looking.ts";

/** One step back: the filter first, then what is open, then the screen. */
export function goBack(session: Session): void {
  const ui = session.ui.get();
  if (ui.detail !== null && ui.detailFilter !== "") return session.change({ detailFilter: "" });
  if (ui.detail === null && ui.filter !== "") return session.change({ filter: "" });
  if (ui.zoomed) return zoom(session);
  if (ui.flash !== null && ui.detail === null && ui.screen === "dashboard")
    return session.change({ flash: null });
  if (ui.detail !== null) return go(session, { detail: null });
  if (ui.logAnchor !== null && ui.screen === "log") return session.change({ logAnchor: null });
  if (ui.screen !== "dashboard") go(session, { screen: "dashboard", filter: "", pane: 0, zoomed: false });
}

/** Back; at the dashboard out, asking only while something is unfinished. */
export function quit(session: Session): void {
  const ui = session.ui.get();
  if (ui.detail !== null) return go(session, { detail: null });
  if (ui.screen !== "dashboard")
    return go(session, { screen: "dashboard", filter: "", pane: 0, zoomed: false });
  leave(session);
}

/** Out, asking only while something is unfinished. */
export function leave(session: Session): void {
  const unfinished = openCount(session.model.get(), session.ui.get());
  if (unfinished === 0 || session.replay !== null) return session.leave("quit");
  session.change({ dialog: confirmQuit(unfinished, session.cluster !== null, session.nowMs()) });
}

/** The second Ctrl-C in a row leaves, whatever is open. */
export function interrupt(session: Session): void {
  if (session.ui.get().interrupted) return session.leave("signal");
  session.change({ interrupted: true, flash: { text: "Ctrl-C again quits at once", tone: "warn" } });
}
