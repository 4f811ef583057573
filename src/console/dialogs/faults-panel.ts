import { counted, timeOfDay } from "../../observe/figures.ts";
import { isHolding } from "../../observe/held.ts";
import type { Model, NodeState } from "../../observe/model.ts";
import { nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import { FAULT_NAMES } from "../../schema/faults.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Action } from "../actions.ts";
import { fitText, type Row, selectedRow, span } from "../row.ts";
import type { Session } from "../session.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import type { Dialog, FaultsDialog } from "./dialog.ts";
import { movedTo } from "./list-press.ts";
import { crashPointsMenu, cutMenu, faultNodeMenu, pauseMenu } from "./menus.ts";

/** A line of the panel that can be chosen. */
interface PanelItem {
  readonly section: "now" | "do";
  readonly label: string;
  readonly note: string;
  /** What choosing it does, in a word. */
  readonly verb: string;
  readonly pick:
    | { readonly type: "act"; readonly action: Action }
    | { readonly type: "open"; readonly dialog: Dialog }
    | { readonly type: "points" };
}

/** What is injected now, each with what takes it back, and what can be injected. */
export function panelItems(model: Model, preferred: NodeName | null): readonly PanelItem[] {
  const nodes = sortedNodes(model);
  return [...nodes.flatMap(presentItems), ...holdItems(model), ...possibleItems(model, nodes, preferred)];
}

function presentItems({ name, view, process }: NodeState): readonly PanelItem[] {
  const now = (label: string, verb: string, action: Action): PanelItem => {
    return { section: "now", label: name, note: label, verb, pick: { type: "act", action } };
  };
  const injected = view?.injected;
  const times = (count: number): string => (count === 1 ? "" : ` ×${count}`);
  const since = process?.state === "paused" ? [timeOfDay(process.sinceMs)] : [];
  return [
    ...(injected?.faults ?? []).flatMap(({ fault, count }) => {
      const known = FAULT_NAMES.find((each) => each === fault);
      if (known === undefined) return [];
      return [
        now(`${fault}${times(count)}`, "disarms", { type: "fault", node: name, fault: known, count: 0 }),
      ];
    }),
    ...(injected?.points ?? []).map(({ point, count }) =>
      now(`crash at ${point}${times(count)}`, "disarms", {
        type: "crash-point",
        node: name,
        point,
        count: 0,
      }),
    ),
    ...(injected?.cuts ?? []).map(({ peer, direction }) => {
      const way = { both: "link to", out: "what it sends to", in: "what it hears from" }[direction];
      return now(`${way} ${peer} is cut`, "heals", { type: "cut", node: name, peer, direction: null });
    }),
    ...since.map((time) => now(`paused since ${time}`, "resumes", { type: "resume", node: name })),
  ];
}

function holdItems(model: Model): readonly PanelItem[] {
  if (!isHolding(model)) return [];
  const nodes = injectableNodes(model).map(({ name }) => name);
  const waiting = sortedNodes(model).reduce((sum, { held }) => sum + held.length, 0);
  return [
    {
      section: "now",
      label: "all nodes",
      note: `hold their messages, ${waiting} wait`,
      verb: "lets them go on",
      pick: { type: "act", action: { type: "hold", nodes, hold: false } },
    },
  ];
}

function possibleItems(
  model: Model,
  nodes: readonly NodeState[],
  preferred: NodeName | null,
): readonly PanelItem[] {
  const names = injectableNodes(model).map(({ name }) => name);
  const item = (label: string, note: string, pick: PanelItem["pick"]): PanelItem => {
    return { section: "do", label, note, verb: "chooses", pick };
  };
  const injected = nodes.flatMap(({ name, view }) => {
    const it = view?.injected;
    const isClean = it === undefined || it.faults.length + it.points.length + it.cuts.length === 0;
    return isClean ? [] : [{ node: name, injected: it }];
  });
  const paused = nodes.filter((node) => nodeStatus(node) === "paused").map(({ name }) => name);
  const isAnything = injected.length + paused.length > 0;
  return [
    item("arm a fault", "vote no, crash, lose, delay or double a message", {
      type: "open",
      dialog: faultNodeMenu(model, preferred),
    }),
    item("crash at a point", "at any named point of a node's loop", { type: "points" }),
    item("cut a link", "both ways or one, between any two nodes", { type: "open", dialog: cutMenu(model) }),
    ...(nodes.some(({ process }) => process !== null)
      ? [item("pause a process", "SIGSTOP: it stands still", { type: "open", dialog: pauseMenu(model) })]
      : []),
    ...(isHolding(model)
      ? []
      : [
          item("hold messages", "step mode: nothing goes on until you let it", {
            type: "act",
            action: { type: "hold", nodes: names, hold: true },
          }),
        ]),
    ...(isAnything
      ? [
          item("heal all", "disarm, heal and resume everything", {
            type: "act",
            action: { type: "heal-all", injected, paused },
          }),
        ]
      : []),
  ];
}

/** The nodes that let faults be injected and can be told so now. */
export function injectableNodes(model: Model): readonly NodeState[] {
  return sortedNodes(model).filter((node) => nodeStatus(node) === "up" && node.view?.faultInjection === true);
}

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
  const { pick } = chosen;
  if (pick.type === "open") return session.change({ dialog: pick.dialog });
  if (pick.type === "points") return openPoints(session);
  // What takes something back leaves the panel open: there may be more.
  if (chosen.section === "do") session.change({ dialog: null });
  session.act(pick.action);
}

function openPoints(session: Session): void {
  const nodes = injectableNodes(session.model.get());
  session.crashPoints().then(
    (points) => session.change({ dialog: crashPointsMenu(nodes, points) }),
    (error: unknown) => session.change({ flash: { text: String(error), tone: "bad" } }),
  );
}
