import type { Model } from "../observe/model.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Action } from "./actions.ts";
import type { CommandEntry } from "./command-log.ts";
import type { Dialog } from "./dialogs/dialog.ts";
import { type Binding, KEYMAP } from "./keymap.ts";
import type { ReplayPlace } from "./replay/desk.ts";
import type { Sorts } from "./sort.ts";
import type { Shade, ThemeName } from "./theme-names.ts";
import type { WaitingOrder } from "./waiting-orders.ts";

export const SCREENS = ["dashboard", "transactions", "participants", "in-doubt", "stock", "log"] as const;
export type Screen = (typeof SCREENS)[number];

/** What each screen is made of, as far as it can be zoomed. */
export const PANES: Readonly<Record<Screen, readonly string[]>> = {
  dashboard: ["transactions", "events", "sequence", "stock", "ledger"],
  transactions: ["transactions"],
  participants: ["nodes"],
  "in-doubt": ["in doubt"],
  stock: ["stock", "ledger"],
  log: ["log"],
};

export const DETAIL_TABS = ["sequence", "votes", "records", "effects", "cost", "raw"] as const;
export type DetailTab = (typeof DETAIL_TABS)[number];

/** The line above the key hints. */
export interface Flash {
  readonly text: string;
  readonly tone: "plain" | "good" | "warn" | "bad";
}

/** What the user has chosen to look at, and what is open. Plain values only. */
export interface Ui {
  readonly screen: Screen;
  readonly theme: ThemeName;
  /** What is known of the terminal's background; null is nothing. */
  readonly background: Shade | null;
  /** The transaction whose detail is open over the screen. */
  readonly detail: TransactionId | null;
  readonly detailTab: DetailTab;
  /** The pane that the arrows move in, where a screen has two. */
  readonly pane: number;
  /** Whether that pane has the whole screen. */
  readonly zoomed: boolean;
  /** Whether the mouse chooses; else the terminal's own selection works. */
  readonly mouse: boolean;
  /** How often in a row something was copied. */
  readonly copies: number;
  /** Null follows the newest. */
  readonly selectedTransaction: TransactionId | null;
  readonly selectedNode: NodeName | null;
  /** The rows under the cursors of stock and ledger, by what `rowKey` makes of them; null is the first. */
  readonly selectedRows: { readonly stock: string | null; readonly ledger: string | null };
  /** The first row shown of a detail's tab; null is its natural place. */
  readonly detailOffset: number | null;
  /** The first lane of a sequence diagram that has more than fit. */
  readonly pan: number;
  /** Serial of the lowest log line shown; null follows. */
  readonly logAnchor: number | null;
  readonly filter: string;
  /** The words looked for in the transaction that is open. */
  readonly detailFilter: string;
  /** Lines of the log shown around each that matches. */
  readonly logContext: number;
  /** Whether long lines of the log go on below. */
  readonly wrap: boolean;
  /** Whether times are those of the day, or how long ago; in the log, how long after the line above. */
  readonly times: "clock" | "since";
  readonly sorts: Sorts;
  /** Whether the filter is being typed. */
  readonly typingFilter: boolean;
  readonly dialog: Dialog | null;
  readonly flash: Flash | null;
  /** The model as it was when the view was frozen. */
  readonly frozen: Model | null;
  readonly frozenAtMs: number;
  /** Where the replay stands; null where a running cluster is shown. */
  readonly replay: ReplayPlace | null;
  /** Whether this console holds the protocol, to let it go on step by step. */
  readonly holds: boolean;
  /** Orders that were sent from here and have no answer yet. */
  readonly waiting: readonly WaitingOrder[];
  /** Ctrl-C was the last key. */
  readonly interrupted: boolean;
  readonly lastAction: Action | null;
  /** What takes back what was done, the last first to be undone. */
  readonly undos: readonly Action[];
  readonly commandLog: readonly CommandEntry[];
  /** What may be looked at and not touched. */
  readonly readOnly: boolean;
  /** Every key, as the user's file of keys has it. */
  readonly bindings: readonly Binding[];
  /** Where the last view was left. */
  readonly lastPlace: Place | null;
}

/** The filter that acts on what is shown. */
export function activeFilter(ui: Ui): string {
  return ui.detail === null ? ui.filter : ui.detailFilter;
}

/** A view that can be gone back to. */
export type Place = Pick<
  Ui,
  "screen" | "detail" | "detailTab" | "pane" | "zoomed" | "filter" | "detailFilter"
>;

export function initialUi(): Ui {
  return {
    screen: "dashboard",
    theme: "dark",
    background: null,
    detail: null,
    detailTab: "sequence",
    pane: 0,
    zoomed: false,
    mouse: false,
    copies: 0,
    selectedTransaction: null,
    selectedNode: null,
    selectedRows: { stock: null, ledger: null },
    detailOffset: null,
    pan: 0,
    logAnchor: null,
    filter: "",
    detailFilter: "",
    logContext: 0,
    wrap: false,
    times: "clock",
    sorts: { transactions: null, nodes: null, stock: null, ledger: null, log: null },
    typingFilter: false,
    dialog: null,
    flash: null,
    frozen: null,
    frozenAtMs: 0,
    replay: null,
    holds: false,
    waiting: [],
    interrupted: false,
    lastAction: null,
    undos: [],
    commandLog: [],
    readOnly: false,
    bindings: KEYMAP,
    lastPlace: null,
  };
}
