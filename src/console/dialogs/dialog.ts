import type { NodeName } from "../../schema/ids.ts";
import type { Fault } from "../../schema/session.ts";
import type { Action } from "../actions.ts";
import type { Asked } from "./asked.ts";
import type { OrderForm } from "./order-form.ts";
import type { ResolveForm } from "./resolve-form.ts";
import type { SettleManyForm } from "./settle-many-form.ts";

/** What choosing a line of a menu does. */
export type MenuPick =
  | { readonly type: "fault"; readonly node: NodeName; readonly fault: Fault }
  | { readonly type: "crash-point"; readonly node: NodeName; readonly point: string }
  | { readonly type: "act"; readonly action: Action }
  | { readonly type: "open"; readonly menu: Menu }
  /** Opens the menu of crash points, once they are known. */
  | { readonly type: "points" }
  | { readonly type: "kill"; readonly node: NodeName }
  | { readonly type: "restart"; readonly node: NodeName };

export interface MenuItem {
  readonly label: string;
  readonly note: string;
  readonly pick: MenuPick;
}

export interface Menu {
  readonly type: "menu";
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly index: number;
  /** How often a fault shall fire; null where that means nothing. */
  readonly count: number | null;
  /** What was typed to narrow a long list; null where letters move. */
  readonly query: string | null;
}

export interface Confirm {
  readonly type: "confirm";
  readonly title: string;
  readonly lines: readonly string[];
  readonly onYes: Action | "quit" | "unlock";
  /** Keys typed just before it opened must not answer it. */
  readonly openedAtMs: number;
}

/** Every key; what is typed narrows the list. */
export interface HelpDialog {
  readonly type: "help";
  readonly query: string;
  readonly index: number;
}

/** Everything that can be done or gone to, by its name. */
export interface PaletteDialog {
  readonly type: "palette";
  readonly query: string;
  readonly index: number;
  /** Where a node can be made to crash; none until that is known. */
  readonly points: readonly string[];
}

/** What the user did. */
export interface CommandLogDialog {
  readonly type: "command-log";
  /** Null is the newest. */
  readonly index: number | null;
}

/** What is injected into the cluster, and what can be. */
export interface FaultsDialog {
  readonly type: "faults";
  /** Null is the first thing that can be injected, however much is injected already. */
  readonly index: number | null;
  /** The node that is offered first. */
  readonly preferred: NodeName | null;
}

/** The messages that wait to be let go. */
export interface HeldDialog {
  readonly type: "held";
  readonly index: number;
}

/** How many orders are placed at once. */
export interface BurstDialog {
  readonly type: "burst";
  readonly count: string;
  /** False while the count is the one that is proposed: the first digit is typed over it. */
  readonly isTyped: boolean;
  readonly problem: string | null;
}

/** What lies over the screen and takes the keys. */
export type Dialog =
  | HelpDialog
  | PaletteDialog
  | CommandLogDialog
  | FaultsDialog
  | HeldDialog
  | { readonly type: "order"; readonly form: OrderForm }
  | BurstDialog
  | { readonly type: "resolve"; readonly form: ResolveForm }
  | { readonly type: "reset"; readonly asked: Asked }
  /** `opened` is what it began with, by which its answers know it. */
  | { readonly type: "settle-many"; readonly form: SettleManyForm; readonly opened: readonly ResolveForm[] }
  | Menu
  | Confirm;
