import type { LogEntry, Model } from "../../observe/model.ts";
import { parseFilter } from "../filter.ts";
import { entryPasses, filteredLog } from "../panes/log-pane.ts";
import { currentList } from "../selection.ts";
import type { Session } from "../session.ts";
import { activeFilter } from "../ui.ts";

/**
 * On (1) or back (-1) in a recorded run to the next event that the filter is for; in a transaction that is open, to one of its
 * own.
 */
export function findInRun(session: Session, direction: 1 | -1): void {
  const ui = session.ui.get();
  const filter = parseFilter(activeFilter(ui));
  const passes = (entry: LogEntry, model: Model): boolean =>
    (ui.detail === null || transactionOf(entry) === ui.detail) && entryPasses(model, entry, filter);
  const dependsOnModel = filter.terms.some(({ field }) => field === "state");
  session.replay?.find(direction, { passes, dependsOnModel }, (isFound) => {
    if (!isFound) return say(session, `no match ${direction === 1 ? "ahead" : "before this event"}`);
    const model = session.model.get();
    const found = model.log.findLast((entry) => passes(entry, model));
    const id = found === undefined ? null : transactionOf(found);
    session.change({ logAnchor: null, flash: null, ...(id === null ? {} : { selectedTransaction: id }) });
  });
}

/** Once a filter has been typed that leaves nothing to see, the first event ahead that it is for is looked for. */
export function findIfNoneIsShown(session: Session): void {
  const { screen, filter, detail } = session.ui.get();
  if (session.replay === null || detail !== null || parseFilter(filter).terms.length === 0) return;
  if (screen === "participants" || screen === "stock") return;
  const view = session.view();
  const shown = screen === "log" ? filteredLog(view) : currentList(view);
  if (shown.length === 0) findInRun(session, 1);
}

function transactionOf(entry: LogEntry) {
  return entry.type === "event" ? entry.event.transactionId : null;
}

function say(session: Session, text: string): void {
  session.change({ flash: { text, tone: "plain" } });
}
