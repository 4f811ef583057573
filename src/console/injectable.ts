import type { Model, NodeState } from "../observe/model.ts";
import { nodeStatus, sortedNodes } from "../observe/node-status.ts";

/** The nodes that let faults be injected and can be told so now. */
export function injectableNodes(model: Model): readonly NodeState[] {
  return sortedNodes(model).filter((node) => nodeStatus(node) === "up" && node.view?.faultInjection === true);
}

/** Why nothing can be injected now; null where something can. */
export function whyNoFaults(model: Model): string | null {
  if (injectableNodes(model).length > 0) return null;
  const anyUp = [...model.nodes.values()].some(({ view }) => view !== null && !view.faultInjection);
  return anyUp
    ? "fault injection is off: start the nodes with --fault-injection, or a cluster of your own with 2pc-console"
    : "no node is up";
}
