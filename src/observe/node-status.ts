import type { NodeName } from "../schema/ids.ts";
import type { PeerView } from "../schema/views.ts";
import type { Model, NodeState } from "./model.ts";
import type { ProcessView } from "./ports.ts";

/**
 * `up`: heard. `starting`: not yet heard. `unheard`: its process runs or is unknown, but the connection is lost.
 * `paused`: its process stands still. `down`: its process is gone. `failed`: its process ended while starting.
 */
export type NodeStatus = "up" | "paused" | "starting" | "unheard" | "down" | "failed";

export function nodeStatus(node: NodeState): NodeStatus {
  if (node.process?.state === "failed") return "failed";
  if (node.process?.state === "down") return "down";
  if (node.process?.state === "paused") return "paused";
  if (node.process?.state === "starting") return "starting";
  // Connected, it has yet to say how it stands.
  if (node.link === "connected") return node.view === null ? "starting" : "up";
  return node.link === "disconnected" && node.linkSinceMs !== null ? "unheard" : "starting";
}

/**
 * Whether nothing can be expected of the node now: also while it is on its way back, until it is heard again. A node nobody ever
 * mentioned counts as present, and so does one that has not come up yet.
 */
export function isAway(model: Model, name: NodeName): boolean {
  const node = model.nodes.get(name);
  if (node === undefined) return false;
  const status = nodeStatus(node);
  return status === "starting" ? node.link === "disconnected" : status !== "up";
}

/** Coordinators first, then the others, each by name. */
export function sortedNodes(model: Model): readonly NodeState[] {
  const rank = (node: NodeState): number =>
    node.kind === "coordinator" ? 0 : node.kind === "warehouse" ? 1 : 2;
  return [...model.nodes.values()].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** Participants are all nodes that keep something; of one that was never heard itself the others tell what it is. */
export function participantNodes(model: Model): readonly NodeState[] {
  const nodes = sortedNodes(model);
  const told = new Map(
    nodes.flatMap(({ view }) => (view?.peers ?? []).map(({ name, kind }) => [name, kind])),
  );
  const keeps = ({ kind, name }: NodeState): boolean => {
    const known = kind ?? told.get(name) ?? null;
    return known !== null && known !== "coordinator";
  };
  return nodes.filter(keeps);
}

/** What some other node says about this one: round trip, commits that wait for its ack. */
export function peerViewOf(model: Model, name: NodeName): PeerView | null {
  for (const node of sortedNodes(model)) {
    if (node.name === name || nodeStatus(node) !== "up") continue;
    const peer = node.view?.peers.find((each) => each.name === name);
    if (peer !== undefined) return peer;
  }
  return null;
}

/** How a process ended, in words: `exit 74`, `SIGKILL`; null while it has not. */
export function exitWords(node: NodeState): string | null {
  return exitText(node.process?.exit ?? null);
}

export function exitText(exit: ProcessView["exit"]): string | null {
  if (exit === null) return null;
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? "ended" : `exit ${exit.code}`;
}

/** Whether more than one node has coordinated, so that short ids need the coordinator's name. */
export function hasManyCoordinators(model: Model): boolean {
  let first: NodeName | null = null;
  for (const { coordinator } of model.transactions.values()) {
    if (coordinator === null || coordinator === first) continue;
    if (first !== null) return true;
    first = coordinator;
  }
  return false;
}
