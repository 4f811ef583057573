import type { NodeName } from "../schema/ids.ts";
import type { Model, NodeState } from "./model.ts";
import { nodeStatus, sortedNodes } from "./node-status.ts";

/** Two nodes that are both up and do not reach each other. */
export interface LostLink {
  readonly ends: readonly [NodeName, NodeName];
  /** Cut by fault injection: it comes back when that is healed, not before. */
  readonly isCut: boolean;
}

/**
 * The links that are missing between nodes that are up, in the order of the nodes. A cut counts from the moment it is
 * injected, not only once the heartbeats notice. A link that was never there is still on its way.
 */
export function lostLinks(model: Model): readonly LostLink[] {
  const up = sortedNodes(model).filter((node) => nodeStatus(node) === "up");
  return up.flatMap((one, at) =>
    up.slice(at + 1).flatMap((other): readonly LostLink[] => {
      const isCut = cuts(one, other) || cuts(other, one);
      if (!isCut && !misses(one, other) && !misses(other, one)) return [];
      return [{ ends: [one.name, other.name], isCut }];
    }),
  );
}

/** Whether fault injection has cut the link between two nodes, either way. */
export function isCutBetween({ nodes }: Model, one: NodeName, other: NodeName): boolean {
  const [here, there] = [nodes.get(one), nodes.get(other)];
  return here !== undefined && there !== undefined && (cuts(here, there) || cuts(there, here));
}

function cuts({ view }: NodeState, peer: NodeState): boolean {
  return view?.injected?.cuts.some((cut) => cut.peer === peer.name) ?? false;
}

function misses({ view }: NodeState, peer: NodeState): boolean {
  const link = view?.peers.find((each) => each.name === peer.name);
  return link !== undefined && !link.connected && link.epoch !== null;
}

/** Whether a coordinator that is up does not reach the participant. */
export function isOutOfReach(model: Model, links: readonly LostLink[], name: NodeName): boolean {
  const leads = (end: NodeName): boolean => model.nodes.get(end)?.kind === "coordinator";
  return links.some(({ ends }) => ends.includes(name) && ends.some((end) => end !== name && leads(end)));
}
