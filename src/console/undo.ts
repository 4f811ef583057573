import type { ProcessView } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
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

/**
 * What an undo comes to by now, null where nothing is left to do: what was killed may be up again, what was armed ends with its
 * process. A crash that has come is taken back by starting what it brought down.
 */
export function undoNow(processes: readonly ProcessView[], undo: Action): Action | null {
  const isDown = (node: NodeName): boolean => {
    const state = processes.find(({ name }) => name === node)?.state;
    return state === "down" || state === "failed";
  };
  switch (undo.type) {
    case "restart":
      return isDown(undo.node) ? undo : null;
    case "crash-point":
      return isDown(undo.node) ? { type: "restart", node: undo.node } : undo;
    case "fault":
      if (!isDown(undo.node)) return undo;
      return isCrash(undo) ? { type: "restart", node: undo.node } : null;
    case "cut":
    case "resume":
      return isDown(undo.node) ? null : undo;
    case "hold": {
      const nodes = undo.nodes.filter((node) => !isDown(node));
      return nodes.length === 0 ? null : { ...undo, nodes };
    }
    default:
      return undo;
  }
}

/** Whether what an action arms brings its node down, as crash points do and some faults. */
export function isCrash(action: Action): boolean {
  return action.type === "crash-point" || (action.type === "fault" && action.fault.startsWith("crash-"));
}

/** The undos that are left after an action, its own last. */
export function undosAfter(undos: readonly Action[], action: Action): readonly Action[] {
  // Nothing of what was done before is left.
  if (action.type === "reset") return [];
  const undo = undoOf(action);
  // What is done twice is undone once; what was undone, or done by hand, needs no undo any more.
  const others = undos.filter(
    (each) => !isSame(each, action) && !isSame(each, undo) && !isOverBy(each, action),
  );
  return undo === null ? others : [...others, undo];
}

/** The undos that are left once an action turned out to have failed: what it would have taken back can be tried again. */
export function undosAfterFailure(
  undos: readonly Action[],
  before: readonly Action[],
  action: Action,
): readonly Action[] {
  const after = undosAfter(before, action);
  const has = (list: readonly Action[], undo: Action): boolean => list.some((each) => isSame(each, undo));
  const lost = before.filter((each) => !has(after, each));
  const gained = after.filter((each) => !has(before, each));
  return [...undos.filter((each) => !has(gained, each)), ...lost];
}

/** What was done to a process ends with it, and so does what it held. */
function isOverBy(undo: Action, action: Action): boolean {
  if (action.type === "hold") return undo.type === "hold";
  return action.type === "restart" && "node" in undo && undo.node === action.node;
}

function isSame(a: Action, b: Action | null): boolean {
  return b !== null && JSON.stringify(a) === JSON.stringify(b);
}
