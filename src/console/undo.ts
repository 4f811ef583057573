import type { ProcessView } from "../observe/ports.ts";
import type { Action } from "./actions.ts";
import { undoOfInject } from "./injecting.ts";

/** What takes an action back; null where nothing can. An order is undone by another order, which is not ours to invent. */
export function undoOf(action: Action): Action | null {
  switch (action.type) {
    case "fault":
      return action.count === 0 ? null : { ...action, count: 0 };
    case "kill":
      return { type: "restart", node: action.node };
    case "order":
    case "burst":
    case "restart":
    case "reset":
    case "resolve":
    case "resolve-many":
      return null;
    default:
      return undoOfInject(action);
  }
}

/** Whether an undo still changes something: what was killed may have been restarted by hand. */
export function isUndoNeeded(processes: readonly ProcessView[], undo: Action): boolean {
  if (undo.type !== "restart") return true;
  const process = processes.find(({ name }) => name === undo.node);
  return process !== undefined && process.state !== "up" && process.state !== "starting";
}

/** The undos that are left after an action, its own last. */
export function undosAfter(undos: readonly Action[], action: Action): readonly Action[] {
  // Nothing of what was done before is left.
  if (action.type === "reset") return [];
  const undo = undoOf(action);
  // What is done twice is undone once; what was undone, or done by hand, needs no undo any more.
  const others = undos.filter((each) => !isSame(each, action) && !isSame(each, undo));
  return undo === null ? others : [...others, undo];
}

function isSame(a: Action, b: Action | null): boolean {
  return b !== null && JSON.stringify(a) === JSON.stringify(b);
}
