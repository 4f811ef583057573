import { exitWords, hasManyCoordinators, nodeStatus, sortedNodes } from "../observe/node-status.ts";
import { shortId } from "../observe/short-id.ts";
import { transactionStatus, workSummary } from "../observe/transaction.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { MenuPick, PaletteDialog } from "./dialogs/dialog.ts";
import { bestMatches } from "./fuzzy.ts";
import { type Binding, type Command, keyName } from "./keymap.ts";
import { faultItems } from "./palette-faults.ts";
import { THEME_NAMES, type ThemeName } from "./theme-names.ts";
import type { View } from "./view.ts";

/** Something that can be done or gone to by its name. */
export interface PaletteItem {
  readonly name: string;
  readonly note: string;
  /** The key that does the same; empty where there is none. */
  readonly key: string;
  readonly pick:
    | { readonly type: "command"; readonly command: Command }
    | { readonly type: "transaction"; readonly id: TransactionId }
    | { readonly type: "node"; readonly node: NodeName }
    | { readonly type: "theme"; readonly theme: ThemeName }
    | { readonly type: "choose"; readonly pick: MenuPick };
}

/** More than anybody reads. */
const ITEMS_MAX = 200;

/** A key asks for its items to move in them, and the frame that follows it to show them. */
const known = new WeakMap<PaletteDialog, { readonly view: View; readonly items: readonly PaletteItem[] }>();

/** What answers to what was typed, the best first. Nothing typed: the commands. */
export function paletteItems(view: View, dialog: PaletteDialog): readonly PaletteItem[] {
  const before = known.get(dialog);
  const isSame =
    before !== undefined && before.view.model === view.model && before.view.readOnly === view.readOnly;
  const items = isSame ? before.items : findItems(view, dialog);
  known.set(dialog, { view, items });
  return items;
}

function findItems(view: View, { query, points }: PaletteDialog): readonly PaletteItem[] {
  const commands = commandItems(view);
  if (query.trim() === "") return commands;
  const all = [
    ...commands,
    ...THEMES,
    ...nodeItems(view),
    ...transactionItems(view),
    ...faultItems(view, points),
  ];
  return bestMatches(query, all, namesOf).slice(0, ITEMS_MAX);
}

function namesOf({ name, note, pick }: PaletteItem): readonly string[] {
  if (pick.type === "transaction") return [name, note, pick.id];
  // There are so many lines of menus that everything else comes first, and letters strewn over them mean nothing.
  return pick.type === "choose" ? ["", name, note] : [name, note];
}

/** Every command that may be run here. */
export function commandItems({ ui, readOnly }: View): readonly PaletteItem[] {
  return ui.bindings
    .filter(({ command, acts }) => command !== "palette" && !(readOnly && acts))
    .map(commandItem);
}

export function commandItem({ command, keys, help }: Binding): PaletteItem {
  return { name: command, note: help, key: keys.map(keyName).join(" "), pick: { type: "command", command } };
}

const THEMES: readonly PaletteItem[] = THEME_NAMES.map((theme) => ({
  name: `theme ${theme}`,
  note: "shows the console so",
  key: "",
  pick: { type: "theme", theme },
}));

function nodeItems({ model }: View): readonly PaletteItem[] {
  return sortedNodes(model).map((node) => ({
    name: node.name,
    note: `node, ${exitWords(node) ?? nodeStatus(node)}`,
    key: "",
    pick: { type: "node", node: node.name },
  }));
}

function transactionItems({ model }: View): readonly PaletteItem[] {
  const named = hasManyCoordinators(model);
  return [...model.transactions.values()].reverse().map((transaction) => ({
    name: shortId(transaction.id, named),
    note: `${transactionStatus(model, transaction)}, ${workSummary(transaction)}`,
    key: "",
    pick: { type: "transaction", id: transaction.id },
  }));
}
