import { counted } from "../../observe/figures.ts";
import { fitText, type Row, selectedRow, span } from "../row.ts";
import type { Session } from "../session.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import { choose } from "./choose.ts";
import type { FaultsDialog } from "./dialog.ts";
import { type PanelItem, panelItems } from "./fault-list.ts";
import { movedTo } from "./list-press.ts";

export function faultsBox(view: View, dialog: FaultsDialog, widthMax: number, heightMax: number): Box {
  const items = panelItems(view.model, dialog.preferred);
  const index = indexIn(items, dialog);
  const labelWidth = Math.max(...items.map(({ label }) => label.length));
  const inner = Math.min(
    widthMax - 4,
    Math.max(48, ...items.map(({ note }) => labelWidth + note.length + 4)),
  );
  const present = items.filter(({ section }) => section === "now");
  const itemRow = (item: PanelItem): Row => {
    const tone = item.section === "now" ? "warn" : "plain";
    const row: Row = [
      span(item === items[index] ? "> " : "  ", "accent"),
      span(`${fitText(item.label, labelWidth)}  `, "strong"),
      span(item.note, tone),
    ];
    return item === items[index] ? selectedRow(row, inner) : row;
  };
  const rows: { readonly row: Row; readonly at: number }[] = [
    { row: [span(present.length === 0 ? "Nothing is injected" : "Now", "title")], at: -1 },
    ...present.map((item) => ({ row: itemRow(item), at: items.indexOf(item) })),
    { row: [], at: -1 },
    { row: [span("Do", "title")], at: -1 },
    ...items
      .filter(({ section }) => section === "do")
      .map((item) => ({ row: itemRow(item), at: items.indexOf(item) })),
  ];
  const room = Math.max(1, heightMax - 2);
  const from = visibleFrom(
    rows.length,
    rows.findIndex(({ at }) => at === index),
    room,
  );
  const title = present.length === 0 ? "Faults" : `Faults: ${counted(present.length, "thing")} injected`;
  const hint = `Enter ${items[index]?.verb ?? "chooses"}  ↑↓  Esc closes`;
  return frame(
    title,
    rows.slice(from, from + room).map(({ row }) => row),
    hint,
    widthMax,
    heightMax,
  );
}

function indexIn(items: readonly PanelItem[], { index }: FaultsDialog): number {
  return index === null
    ? items.findIndex(({ section }) => section === "do")
    : Math.min(index, items.length - 1);
}

export function pressInFaults(session: Session, dialog: FaultsDialog, key: string): void {
  const items = panelItems(session.model.get(), dialog.preferred);
  const at = indexIn(items, dialog);
  const index = movedTo(key, at, items.length);
  if (index !== null) return session.change({ dialog: { ...dialog, index } });
  const chosen = items[at];
  if (key !== "enter" || chosen === undefined) return;
  const { section, pick } = chosen;
  // What takes something back leaves the panel open: there may be more.
  if (section === "now" && pick.type === "act") return session.act(pick.action);
  choose(session, pick, 1);
}
