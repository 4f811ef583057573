import type { TransactionId } from "../../schema/ids.ts";
import { keyWords } from "../keymap.ts";
import { chosenTransaction } from "../selection.ts";
import type { Session } from "../session.ts";
import { DETAIL_TABS, PANES, type Place, type Screen, type Ui } from "../ui.ts";
import { placeFirstOrder } from "./acting.ts";

/** Goes to a screen; its filter goes with the screen that is left. */
export function showScreen(session: Session, screen: Screen): void {
  const ui = session.ui.get();
  const same = ui.screen === screen;
  if (same && ui.detail === null) return;
  go(session, { screen, detail: null, pane: 0, zoomed: false, ...(same ? {} : { filter: "" }) });
}

/** Opens the transaction under the cursor. */
export function openDetail(session: Session): void {
  const chosen = chosenTransaction(session.view());
  const { screen, detail } = session.ui.get();
  if (chosen === null && detail === null && screen === "dashboard") return placeFirstOrder(session);
  if (
    chosen === null ||
    detail !== null ||
    screen === "participants" ||
    screen === "stock" ||
    screen === "log"
  )
    return;
  session.change({ detailOffset: null, selectedTransaction: chosen.id, pan: 0 });
  go(session, { detail: chosen.id, detailFilter: "" });
}

/** Opens a transaction, over a screen that lists it. */
export function showTransaction(session: Session, id: TransactionId): void {
  const { screen } = session.ui.get();
  const lists = screen === "dashboard" || screen === "in-doubt" ? screen : "transactions";
  session.change({ detailOffset: null, selectedTransaction: id, pan: 0 });
  go(session, { screen: lists, detail: id, filter: "", detailFilter: "" });
}

export function turnTab(session: Session, step: number): void {
  const ui = session.ui.get();
  if (ui.detail === null) return;
  const index = (DETAIL_TABS.indexOf(ui.detailTab) + step + DETAIL_TABS.length) % DETAIL_TABS.length;
  session.change({
    detailTab: DETAIL_TABS[index] ?? "sequence",
    detailOffset: null,
  });
}

/** To where the user was before, and from there back again. */
export function showLastView(session: Session): void {
  const { lastPlace } = session.ui.get();
  if (lastPlace === null) return say(session, "there is no view before this one");
  go(session, lastPlace);
}

/** To the next pane of the screen, or of what is zoomed. */
export function turnPane(session: Session, step: -1 | 1): void {
  const { pane, zoomed, screen, bindings } = session.ui.get();
  const panes = panesOf(session);
  if (panes.length < 2) return say(session, "this is the only pane");
  if (!zoomed && screen === "dashboard") {
    const keys = keyWords(bindings, [
      ["zoom", "zooms"],
      ["next-pane", "then goes through the panes"],
    ]);
    return say(session, `the list has the keys here${keys === "" ? "" : `: ${keys}`}`);
  }
  session.change({ pane: (pane + step + panes.length) % panes.length });
}

/** The pane with the cursor alone, and back. */
export function zoom(session: Session): void {
  const { zoomed, screen, detail } = session.ui.get();
  if (!zoomed && detail === null && panesOf(session).length < 2) {
    return say(session, "this pane has the whole screen already");
  }
  session.change({ zoomed: !zoomed, ...(zoomed && screen === "dashboard" ? { pane: 0 } : {}) });
}

function panesOf(session: Session): readonly string[] {
  const { screen, detail } = session.ui.get();
  return detail === null ? PANES[screen] : [];
}

export function toggleMouse(session: Session): void {
  const mouse = !session.ui.get().mouse;
  session.change({ mouse });
  say(
    session,
    mouse
      ? "mouse on: click chooses, again opens; Shift selects text"
      : "mouse off: the terminal selects text",
  );
}

function say(session: Session, text: string): void {
  session.change({ flash: { text, tone: "plain" } });
}

export function freeze(session: Session): void {
  session.ui.set((ui) => ({
    ...ui,
    frozen: ui.frozen === null ? session.model.get() : null,
    frozenAtMs: session.nowMs(),
  }));
}

/** Changes the place and remembers the one that is left. */
export function go(session: Session, to: Partial<Place>): void {
  session.ui.set((ui) => ({ ...ui, ...to, lastPlace: placeOf(ui) }));
}

function placeOf({ screen, detail, detailTab, pane, zoomed, filter, detailFilter }: Ui): Place {
  return { screen, detail, detailTab, pane, zoomed, filter, detailFilter };
}
