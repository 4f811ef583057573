import { invariants } from "../../observe/invariants.ts";
import { grouped, money } from "../../schema/money.ts";
import type { AccountView, ItemView } from "../../schema/views.ts";
import { factsOfRow } from "../facts.ts";
import { parseFilter, passes } from "../filter.ts";
import { fitRow, type Row, selectedRow, span, titleRow } from "../row.ts";
import { type Keys, sorted, sortNote } from "../sort.ts";
import { type Column, headerRow, itemRow, layoutColumns, visibleFrom } from "../table.ts";
import type { View } from "../view.ts";

interface ItemLine {
  readonly node: string;
  readonly item: ItemView;
}

interface AccountLine {
  readonly node: string;
  readonly account: AccountView;
}

export function stockLines(view: View): readonly ItemLine[] {
  const all = [...view.model.items].flatMap(([node, rows]) =>
    [...rows.values()].map((item) => ({ node: node as string, item })),
  );
  const left = matching(view, all, ({ item }) => `${item.sku} ${item.name}`);
  return sorted(left, view.ui.sorts.stock, STOCK_KEYS);
}

export function ledgerLines(view: View): readonly AccountLine[] {
  const all = [...view.model.accounts].flatMap(([node, rows]) =>
    [...rows.values()].map((account) => ({ node: node as string, account })),
  );
  const left = matching(view, all, ({ account }) => `${account.id} ${account.name} ${account.type}`);
  return sorted(left, view.ui.sorts.ledger, LEDGER_KEYS);
}

/** What names a row of stock or ledger among all nodes' rows. */
export function rowKey(line: ItemLine | AccountLine): string {
  return `${line.node} ${"item" in line ? line.item.sku : line.account.id}`;
}

/** The names of the rows that a pane lists, in its order. */
export function rowKeys(view: View, pane: "stock" | "ledger"): readonly string[] {
  return (pane === "stock" ? stockLines(view) : ledgerLines(view)).map(rowKey);
}

/** The row under the pane's cursor: the chosen one while it is listed, else the first; null in an empty pane. */
export function chosenRow(view: View, pane: "stock" | "ledger"): string | null {
  const keys = rowKeys(view, pane);
  const chosen = view.ui.selectedRows[pane];
  return chosen !== null && keys.includes(chosen) ? chosen : (keys[0] ?? null);
}

/** The same row as a line of text, with the names of its figures. */
export function rowText(view: View, pane: "stock" | "ledger"): string | null {
  const chosen = chosenRow(view, pane);
  if (pane === "stock") {
    const line = stockLines(view).find((each) => rowKey(each) === chosen);
    if (line === undefined) return null;
    const { sku, name, onHand, reserved, available, priceMinor } = line.item;
    const price = priceMinor === undefined ? "" : `  price ${money(priceMinor)}`;
    return `${line.node}  ${sku}  ${name}  on hand ${onHand}  reserved ${reserved}  available ${available}${price}`;
  }
  const line = ledgerLines(view).find((each) => rowKey(each) === chosen);
  if (line === undefined) return null;
  const { id, name, type, balance, debitsPending, creditsPending } = line.account;
  const pending = `debits pending ${money(debitsPending)}  credits pending ${money(creditsPending)}`;
  return `${line.node}  ${id}  ${name}  ${type}  balance ${money(balance)}  ${pending}`;
}

function matching<Line extends { readonly node: string }>(
  view: View,
  all: readonly Line[],
  textOf: (line: Line) => string,
): readonly Line[] {
  const filter = parseFilter(view.ui.screen === "stock" ? view.ui.filter : "");
  if (filter.terms.length === 0) return all;
  return all.filter((line) => passes(filter, factsOfRow(line.node, textOf(line))));
}

/** What the columns are compared by; figures the largest first. */
export const STOCK_KEYS: Keys<ItemLine> = {
  SKU: ({ item }) => item.sku,
  AVAIL: ({ item }) => -Number(item.available),
  RESERVED: ({ item }) => -Number(item.reserved),
  "ON HAND": ({ item }) => -Number(item.onHand),
  PRICE: ({ item }) => -Number(item.priceMinor ?? "0"),
  NAME: ({ item }) => item.name,
};
export const LEDGER_KEYS: Keys<AccountLine> = {
  ACCOUNT: ({ account }) => account.id,
  BALANCE: ({ account }) => -Number(account.balance),
  PENDING: ({ account }) => -(Number(account.debitsPending) + Number(account.creditsPending)),
  TYPE: ({ account }) => account.type,
  NAME: ({ account }) => account.name,
};

interface Options {
  /** Whether the pane has the cursor. */
  readonly focused: boolean;
}

interface ListOptions {
  readonly note: string;
  readonly chosen: string | null;
  /** What stands there where there are no rows. */
  readonly none: string;
}

export function stockPane(view: View, width: number, height: number, options: Options): readonly Row[] {
  const lines = stockLines(view);
  return listPane("Stock", view.model.items.size > 1 ? stockWithNode : stockColumns, lines, width, height, {
    ...options,
    note: sortNote(view.ui.sorts.stock),
    chosen: chosenRow(view, "stock"),
    none: noneText(view, "warehouse"),
  });
}

export function ledgerPane(view: View, width: number, height: number, options: Options): readonly Row[] {
  const lines = ledgerLines(view);
  return listPane(
    "Ledger",
    view.model.accounts.size > 1 ? ledgerWithNode : ledgerColumns,
    lines,
    width,
    height,
    {
      ...options,
      note: sortNote(view.ui.sorts.ledger),
      chosen: chosenRow(view, "ledger"),
      none: noneText(view, "ledger"),
    },
  );
}

/** Why there are no rows: nobody has told of any yet, or the filter leaves none. */
function noneText({ model, ui }: View, kind: "warehouse" | "ledger"): string {
  const known = kind === "warehouse" ? model.items : model.accounts;
  if (known.size === 0) return `no ${kind} has been heard yet`;
  return ui.filter === "" ? "nothing there" : "nothing matches; Esc clears the filter";
}

function listPane<Line extends ItemLine | AccountLine>(
  title: string,
  columns: readonly Column<Line>[],
  lines: readonly Line[],
  width: number,
  height: number,
  { focused, chosen, note: order, none }: Options & ListOptions,
): readonly Row[] {
  const room = Math.max(1, height - 2);
  const at = focused ? lines.findIndex((line) => rowKey(line) === chosen) : 0;
  const from = visibleFrom(lines.length, at, room);
  const place = lines.length > room ? `${from + 1}-${from + room} of ${lines.length}` : "";
  const note = [place, order].filter((text) => text !== "").join(", ");
  const head = titleRow(title, width, { focused, note });
  if (lines.length === 0) return [head, [span(`  ${none}`, "dim")]];
  const layout = layoutColumns(columns, width - 2);
  return [
    head,
    fitRow([span("  "), ...headerRow(layout)], width),
    ...lines.slice(from, from + room).map((line, index): Row => {
      const isChosen = focused && from + index === at;
      const row: Row = [span(isChosen ? "> " : "  "), ...itemRow(layout, line)];
      return isChosen ? selectedRow(row, width) : row;
    }),
  ];
}

const stockColumns: readonly Column<ItemLine>[] = [
  { title: "SKU", width: 10, grow: 1, drop: 0, cell: ({ item }) => span(item.sku, "accent") },
  { title: "NAME", width: 16, grow: 4, drop: 6, cell: ({ item }) => span(item.name) },
  { title: "ON HAND", width: 8, align: "right", drop: 2, cell: ({ item }) => span(grouped(item.onHand)) },
  {
    title: "RESERVED",
    width: 8,
    align: "right",
    drop: 0,
    cell: ({ item }) => span(grouped(item.reserved), item.reserved === "0" ? "dim" : "warn"),
  },
  {
    title: "AVAIL",
    width: 7,
    align: "right",
    drop: 0,
    cell: ({ item }) => span(grouped(item.available), item.available === "0" ? "bad" : "strong"),
  },
  {
    title: "PRICE",
    width: 9,
    align: "right",
    drop: 4,
    cell: ({ item }) => span(item.priceMinor === undefined ? "-" : money(item.priceMinor), "dim"),
  },
];
const stockWithNode: readonly Column<ItemLine>[] = [
  { title: "NODE", width: 9, grow: 1, drop: 5, cell: ({ node }) => span(node, "dim") },
  ...stockColumns,
];

const ledgerColumns: readonly Column<AccountLine>[] = [
  { title: "ACCOUNT", width: 12, grow: 2, drop: 0, cell: ({ account }) => span(account.id, "accent") },
  { title: "NAME", width: 14, grow: 3, drop: 6, cell: ({ account }) => span(account.name) },
  { title: "TYPE", width: 9, drop: 5, cell: ({ account }) => span(account.type, "dim") },
  {
    title: "BALANCE",
    width: 12,
    align: "right",
    drop: 0,
    cell: ({ account }) => span(money(account.balance), account.balance.startsWith("-") ? "warn" : "strong"),
  },
  { title: "PENDING", width: 11, align: "right", drop: 0, cell: ({ account }) => pendingSpan(account) },
];
const ledgerWithNode: readonly Column<AccountLine>[] = [
  { title: "NODE", width: 9, grow: 1, drop: 7, cell: ({ node }) => span(node, "dim") },
  ...ledgerColumns,
];

/** What pending transactions would change of the balance. */
function pendingSpan(account: AccountView) {
  const debitNormal = account.type === "asset" || account.type === "expense";
  const debits = BigInt(account.debitsPending);
  const credits = BigInt(account.creditsPending);
  const [up, down] = debitNormal ? [debits, credits] : [credits, debits];
  if (up === 0n && down === 0n) return span("-", "dim");
  const parts = [up > 0n ? `+${money(String(up))}` : "", down > 0n ? `-${money(String(down))}` : ""];
  return span(parts.filter((part) => part !== "").join(" "), "warn");
}

/** One row: every invariant holds, or the first that does not. */
export function invariantRow(view: View): Row {
  const all = invariants(view.model);
  const broken = all.filter((each) => !each.holds);
  if (all.length === 0) return [span("invariants: nothing known yet", "dim")];
  if (broken.length === 0) {
    const figures = all.map((each) => `${each.name} ${each.text}`).join(" · ");
    return [span("invariants hold ", "good"), span(figures, "dim")];
  }
  return [span(`INVARIANT BROKEN ${broken.map((each) => `${each.name}: ${each.text}`).join(" · ")}`, "bad")];
}
