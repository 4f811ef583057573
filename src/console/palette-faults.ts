import { sortedNodes } from "../observe/node-status.ts";
import { FAULT_NAMES } from "../schema/faults.ts";
import type { Action } from "./actions.ts";
import type { MenuItem, MenuPick } from "./dialogs/dialog.ts";
import { panelItems } from "./dialogs/fault-list.ts";
import { crashPointsMenu, killMenu, restartMenu } from "./dialogs/menus.ts";
import { actionWords } from "./equivalents.ts";
import { whyNoFaults } from "./injectable.ts";
import type { PaletteItem } from "./palette.ts";
import type { View } from "./view.ts";

/**
 * Every line of the panel of faults and of the menus behind it, and of those that kill and restart, by its name. Where nothing
 * can be injected the faults are named with why.
 */
export function faultItems({ model, readOnly }: View, points: readonly string[]): readonly PaletteItem[] {
  if (readOnly) return [];
  const processes = sortedNodes(model).flatMap(({ process }) => process ?? []);
  const control = [...killMenu(processes).items, ...restartMenu(model, processes).items];
  const panel = panelItems(model, null);
  const why = whyNoFaults(model);
  if (why !== null) {
    const offered = panel.filter(({ section }) => section === "do").map(({ label }) => label);
    return [...control.flatMap(leavesOf), ...[...offered, ...FAULT_NAMES].map((name) => refused(name, why))];
  }
  const own = panel.map(({ section, label, note, pick }) => {
    const action = section === "now" ? actionOf(pick) : null;
    return item(action === null ? label : actionWords(action), note, pick);
  });
  const behind = [...panel, ...control, ...crashPointsMenu(model, points).items].flatMap(leavesOf);
  // What is injected now is in a menu, too.
  return [...new Map([...own, ...behind].map((each) => [each.name, each])).values()];
}

/** What is done in the end by a line of a menu, or by those that it leads to. */
function leavesOf({ note, pick }: Pick<MenuItem, "note" | "pick">): readonly PaletteItem[] {
  if (pick.type === "open") return pick.menu.items.flatMap(leavesOf);
  const action = actionOf(pick);
  return action === null ? [] : [item(actionWords(action), note, pick)];
}

function actionOf(pick: MenuPick): Action | null {
  switch (pick.type) {
    case "act":
      return pick.action;
    case "fault":
    case "crash-point":
      return { ...pick, count: 1 };
    case "kill":
    case "restart":
      return pick;
    case "open":
    case "points":
      return null;
  }
}

function item(name: string, note: string, pick: MenuPick): PaletteItem {
  return { name, note, key: "", pick: { type: "choose", pick } };
}

function refused(name: string, why: string): PaletteItem {
  return { name, note: why, key: "", pick: { type: "command", command: "fault" } };
}
