import { hasManyCoordinators } from "../observe/node-status.ts";
import { shortId } from "../observe/short-id.ts";
import { showScreen } from "./commands/looking.ts";
import { runCommand } from "./commands.ts";
import { frameRows, isTooSmall } from "./frame.ts";
import { pressKey } from "./keys.ts";
import type { MouseEvent } from "./mouse.ts";
import { move } from "./movement.ts";
import { rowKeys } from "./panes/stock-pane.ts";
import { plainText } from "./row.ts";
import { currentList, listNodes } from "./selection.ts";
import type { Session } from "./session.ts";
import { SCREENS } from "./ui.ts";

/** How far a turn of the wheel goes. */
const WHEEL_ROWS = 3;

/** Takes what a mouse did: the wheel moves as the arrows do, a click chooses, and opens what is chosen already. */
export function point(session: Session, event: MouseEvent): void {
  const { columns, rows } = session.size();
  const { dialog, mouse } = session.ui.get();
  if (!mouse || isTooSmall(columns, rows)) return;
  if (event.type !== "press") {
    const key = event.type === "wheel-up" ? "up" : "down";
    if (dialog === null) turnToPane(session, event);
    for (let row = 0; row < WHEEL_ROWS; row += 1)
      dialog === null ? move(session, key) : pressKey(session, key);
    return;
  }
  // A click never answers a question.
  if (dialog !== null) return;
  if (event.row === 1) return clickTab(session, event.column);
  clickRow(session, event);
}

/** The wheel moves in the list that it is over. */
function turnToPane(session: Session, { row, column }: MouseEvent): void {
  const { columns, rows } = session.size();
  const view = session.view();
  const { screen, detail, zoomed } = view.ui;
  if (screen !== "stock" || detail !== null || zoomed) return;
  const texts = frameRows(view, columns, rows).map(plainText);
  const divider = texts[row]?.indexOf(DIVIDER) ?? -1;
  // One above the other, or on the lowest screens one alone.
  const isBoth = texts.some((text) => text.startsWith("── Stock"));
  const ledger = texts.findIndex((text) => text.startsWith("── Ledger"));
  if (divider !== -1) session.change({ pane: column < divider ? 0 : 1 });
  else if (isBoth && ledger !== -1) session.change({ pane: row < ledger ? 0 : 1 });
}

const DIVIDER = " │ ";

function clickTab(session: Session, column: number): void {
  const { columns, rows } = session.size();
  const text = plainText(frameRows(session.view(), columns, rows)[1] ?? []);
  const places = SCREENS.map((screen, index) => ({ screen, from: text.indexOf(` ${index + 1} `) }));
  const clicked = places.findLast(({ from }) => from !== -1 && from <= column);
  if (clicked !== undefined) showScreen(session, clicked.screen);
}

/** Stock stands left of the ledger, or above it. */
function clickStock(session: Session, text: string, column: number): void {
  const view = session.view();
  const divider = text.indexOf(DIVIDER);
  const part =
    divider === -1 ? text : column < divider ? text.slice(0, divider) : text.slice(divider + DIVIDER.length);
  for (const [pane, name] of (["stock", "ledger"] as const).entries()) {
    if (divider !== -1 && (pane === 0) !== column < divider) continue;
    const words = part.trim().split(/\s+/);
    // Where there are several nodes, a row begins with its node's name.
    const key = rowKeys(view, name).find((each) => words.slice(0, 3).includes(each.split(" ")[1] ?? ""));
    if (key === undefined) continue;
    return session.change({ pane, selectedRows: { ...view.ui.selectedRows, [name]: key } });
  }
}

/** A row of a list begins with the name of what it is about. */
function clickRow(session: Session, { row, column }: MouseEvent): void {
  const { columns, rows } = session.size();
  const view = session.view();
  const text = plainText(frameRows(view, columns, rows)[row] ?? []);
  const name = /^[> ] (?:\S )?(\S+)/.exec(text)?.[1];
  const { screen, detail, selectedTransaction, zoomed } = view.ui;
  if (screen === "stock" && detail === null && !zoomed) return clickStock(session, text, column);
  // Beside the list stands something else.
  const divider = text.indexOf(DIVIDER);
  if (name === undefined || detail !== null || (divider !== -1 && column >= divider)) return;
  if (screen === "participants") {
    const node = listNodes(view).find((each) => each.name === name);
    if (node !== undefined) session.change({ selectedNode: node.name });
    return;
  }
  const named = hasManyCoordinators(view.model);
  const clicked = currentList(view).find((each) => shortId(each.id, named) === name);
  if (clicked === undefined) return;
  if (clicked.id === selectedTransaction) return runCommand(session, "open");
  session.change({ selectedTransaction: clicked.id });
}
