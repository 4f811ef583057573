import { TpcError } from "../core/errors.ts";
import { counted } from "../observe/figures.ts";
import type { ClusterControl, Operator } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { CutDirection, Injected } from "../schema/injection.ts";
import type { Fault } from "../schema/session.ts";
import { type Binding, keyHint, keyWords } from "./keymap.ts";
import type { Flash } from "./ui.ts";

/** Something the user does to make the cluster fail, stand still or go step by step, or to take that back. */
export type InjectAction =
  /** A count of 0 disarms. */
  | { readonly type: "crash-point"; readonly node: NodeName; readonly point: string; readonly count: number }
  /** A direction of null heals. */
  | {
      readonly type: "cut";
      readonly node: NodeName;
      readonly peer: NodeName;
      readonly direction: CutDirection | null;
    }
  | { readonly type: "pause"; readonly node: NodeName }
  | { readonly type: "resume"; readonly node: NodeName }
  | { readonly type: "hold"; readonly nodes: readonly NodeName[]; readonly hold: boolean }
  | {
      readonly type: "release";
      /** `vote 1.3`, `2 messages`. */
      readonly what: string;
      readonly ids: readonly { readonly node: NodeName; readonly ids: readonly number[] }[];
      readonly drop: boolean;
    }
  | {
      readonly type: "heal-all";
      readonly injected: readonly { readonly node: NodeName; readonly injected: Injected }[];
      readonly paused: readonly NodeName[];
    };

interface InjectPorts {
  readonly operator: Operator;
  readonly cluster: ClusterControl | null;
  /** The keys as they are bound. */
  bindings(): readonly Binding[];
}

/** Does it, and says how it ended. Rejects with a TpcError that says why not. */
export async function inject(ports: InjectPorts, action: InjectAction): Promise<Flash> {
  const { operator } = ports;
  switch (action.type) {
    case "crash-point": {
      const { node, point, count } = action;
      await operator.armCrash(node, point, count);
      if (count === 0) return { text: `disarmed in ${node}: crash at ${point}`, tone: "good" };
      const when = count === 1 ? "the next time" : `the ${count}th time`;
      return {
        text: `${node} crashes at ${point}, ${when}${keyHint(ports.bindings(), "undo", "disarms it")}`,
        tone: "warn",
      };
    }
    case "cut": {
      const { node, peer, direction } = action;
      await operator.cutLink(node, peer, direction);
      if (direction === null) return { text: `link between ${node} and ${peer} healed`, tone: "good" };
      return {
        text: `cut: ${cutWords(node, peer, direction)}${keyHint(ports.bindings(), "undo", "heals it")}`,
        tone: "warn",
      };
    }
    case "pause":
      await controlOf(ports).pause(action.node);
      return {
        text: `${action.node} stands still, and holds what it holds${keyHint(ports.bindings(), "undo", "lets it go on")}`,
        tone: "warn",
      };
    case "resume":
      await controlOf(ports).resume(action.node);
      return { text: `${action.node} goes on`, tone: "good" };
    case "hold":
      await Promise.all(action.nodes.map((node) => operator.hold(node, action.hold)));
      return action.hold
        ? { text: heldWords(ports.bindings()), tone: "warn" }
        : { text: "the protocol goes on by itself", tone: "good" };
    case "release":
      for (const { node, ids } of action.ids) await operator.releaseHeld(node, ids, action.drop);
      return action.drop
        ? { text: `lost: ${action.what}`, tone: "warn" }
        : { text: `on its way: ${action.what}`, tone: "good" };
    case "heal-all":
      return healAll(ports, action);
  }
}

/** That messages wait, and the keys that let them go. */
function heldWords(bindings: readonly Binding[]): string {
  const words = keyWords(bindings, [
    ["step", "lets the next message go"],
    ["step-phase", "a whole phase"],
    ["held", "lists them"],
    ["hold", "goes on"],
  ]);
  return words === "" ? "the protocol is held" : `held: ${words}`;
}

async function healAll(
  ports: InjectPorts,
  action: Extract<InjectAction, { type: "heal-all" }>,
): Promise<Flash> {
  const { operator } = ports;
  // What stands still can be told nothing.
  for (const node of action.paused) await controlOf(ports).resume(node);
  let healed = action.paused.length;
  for (const { node, injected } of action.injected) {
    for (const { fault } of injected.faults) await operator.armFault(node, fault as Fault, 0);
    for (const { point } of injected.points) await operator.armCrash(node, point, 0);
    for (const { peer } of injected.cuts) await operator.cutLink(node, peer, null);
    healed += injected.faults.length + injected.points.length + injected.cuts.length;
  }
  return { text: `healed: ${counted(healed, "fault")}`, tone: "good" };
}

/** `everything between ledger and warehouse`, `what ledger sends to warehouse`. */
export function cutWords(node: NodeName, peer: NodeName, direction: CutDirection): string {
  if (direction === "both") return `everything between ${node} and ${peer}`;
  return direction === "out" ? `what ${node} sends to ${peer}` : `what ${peer} sends to ${node}`;
}

/** What an action is called. */
export function injectWords(action: InjectAction): string {
  switch (action.type) {
    case "crash-point":
      return `${action.count === 0 ? "disarm" : "arm"} a crash at ${action.point} in ${action.node}`;
    case "cut":
      return action.direction === null
        ? `heal ${action.node} and ${action.peer}`
        : `cut ${cutWords(action.node, action.peer, action.direction)}`;
    case "pause":
      return `pause ${action.node}`;
    case "resume":
      return `resume ${action.node}`;
    case "hold":
      return action.hold ? "hold all messages" : "hold messages no longer";
    case "release":
      return `${action.drop ? "drop" : "let go"} ${action.what}`;
    case "heal-all":
      return "heal all";
  }
}

/** What takes it back. */
export function undoOfInject(action: InjectAction): InjectAction | null {
  switch (action.type) {
    case "crash-point":
      return action.count === 0 ? null : { ...action, count: 0 };
    case "cut":
      return action.direction === null ? null : { ...action, direction: null };
    case "pause":
      return { type: "resume", node: action.node };
    case "hold":
      return action.hold ? { ...action, hold: false } : null;
    case "resume":
    case "release":
    case "heal-all":
      return null;
  }
}

function controlOf({ cluster }: InjectPorts): ClusterControl {
  if (cluster !== null) return cluster;
  throw new TpcError("TPC_USAGE", "this console did not start the processes");
}
