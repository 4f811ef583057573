import { counted } from "../../observe/figures.ts";
import type { Model, NodeState } from "../../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import type { ProcessView } from "../../observe/ports.ts";
import { isFinished, participantNames, transactionStatus } from "../../observe/transaction.ts";
import { FAULT_NAMES, FAULTS } from "../../schema/faults.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { CutDirection } from "../../schema/injection.ts";
import type { Fault } from "../../schema/session.ts";
import { pointWords, sortedPoints } from "../crash-points.ts";
import { bestMatches } from "../fuzzy.ts";
import { injectableNodes } from "../injectable.ts";
import { cutWords, type InjectAction, injectWords } from "../injecting.ts";
import type { Confirm, Menu, MenuItem } from "./dialog.ts";

/** Which node shall fail. */
export function faultNodeMenu(model: Model, preferred: NodeName | null): Menu {
  const nodes = sortedNodes(model).filter((node) => nodeStatus(node) === "up");
  const items = nodes.map((node): MenuItem => {
    const off = node.view?.faultInjection === false ? "fault injection is off there" : (node.kind ?? "");
    return { label: node.name, note: off, pick: { type: "open", menu: faultMenu(model, node.name) } };
  });
  const start = items.findIndex(({ label }) => label === preferred);
  return menu("Fail: which node?", items, start);
}

/** How it shall fail. A node that keeps something is offered a participant's faults first. */
export function faultMenu(model: Model, node: NodeName): Menu {
  const leads = model.nodes.get(node)?.kind === "coordinator";
  const ofCoordinator = (fault: Fault): boolean => FAULTS[fault].startsWith("the coordinator");
  const ofMessages = (fault: Fault): boolean => FAULTS[fault].startsWith("the next protocol message");
  const faults = FAULT_NAMES.filter((fault) => ofMessages(fault) || ofCoordinator(fault) === leads);
  const items = faults.map(
    (fault): MenuItem => ({ label: fault, note: FAULTS[fault], pick: { type: "fault", node, fault } }),
  );
  return { ...menu(`Fail ${node}: how?`, items, 0), count: 1 };
}

/** Which process shall be killed. */
export function killMenu(processes: readonly ProcessView[]): Menu {
  const items = processes
    .filter(({ state }) => state === "up" || state === "starting" || state === "paused")
    .map(
      (process): MenuItem => ({
        label: process.name,
        note: `pid ${process.pid ?? "unknown"}`,
        pick: { type: "kill", node: process.name },
      }),
    );
  return menu("Kill: which process?", items, 0);
}

/** Which process shall be started again. */
export function restartMenu(model: Model, processes: readonly ProcessView[]): Menu {
  const items = processes
    .filter((process) => process.state === "down" || process.state === "failed")
    .map((process): MenuItem => {
      const node = model.nodes.get(process.name);
      return {
        label: process.name,
        note: (node === undefined ? null : exitWords(node)) ?? process.state,
        pick: { type: "restart", node: process.name },
      };
    });
  return menu("Restart: which process?", items, 0);
}

function menu(title: string, items: readonly MenuItem[], index: number): Menu {
  return { type: "menu", title, items, index: Math.max(0, index), count: null, query: null };
}

/** The lines of a menu that answer to what was typed. */
export function menuItems({ items, query }: Menu): readonly MenuItem[] {
  return query === null ? items : bestMatches(query, items, ({ label, note }) => [label, note]);
}

/** In which node, and then at which point, it shall crash. */
export function crashPointsMenu(model: Model, points: readonly string[]): Menu {
  const items = injectableNodes(model).map(({ name, kind }): MenuItem => {
    const at = sortedPoints(points).map(
      (point): MenuItem => ({
        label: point,
        note: pointWords(point),
        pick: { type: "crash-point", node: name, point },
      }),
    );
    const next: Menu = { ...menu(`Crash ${name} at:`, at, 0), count: 1, query: "" };
    return { label: name, note: kind ?? "", pick: { type: "open", menu: next } };
  });
  return menu("Crash: which node?", items, 0);
}

/** Which link shall be cut or healed, and how. */
export function cutMenu(model: Model): Menu {
  const nodes = sortedNodes(model).filter((node) => node.view?.faultInjection === true);
  const items = nodes.flatMap((node, at) => nodes.slice(at + 1).map((peer) => linkItem(node, peer)));
  return menu("Cut: which link?", items, 0);
}

function linkItem(node: NodeState, peer: NodeState): MenuItem {
  const cuts = [cutOf(node, peer), cutOf(peer, node)].flatMap((cut) => cut ?? []);
  const way = (direction: CutDirection): MenuItem => ({
    label: CUT_LABELS[direction],
    note: cutWords(node.name, peer.name, direction),
    pick: { type: "act", action: { type: "cut", node: node.name, peer: peer.name, direction } },
  });
  const heals = cuts.map(
    (action): MenuItem => ({ label: "heal", note: injectWords(action), pick: { type: "act", action } }),
  );
  const next = menu(`${node.name} and ${peer.name}`, [...heals, ...CUT_WAYS.map(way)], 0);
  return {
    label: `${node.name} - ${peer.name}`,
    note: cuts.length > 0 ? "cut now" : "",
    pick: { type: "open", menu: next },
  };
}

const CUT_WAYS: readonly CutDirection[] = ["both", "out", "in"];
const CUT_LABELS = { both: "both ways", out: "one way", in: "the other way" } as const;

/** What heals a link as one of its ends has it; null where it is whole. */
function cutOf(node: NodeState, peer: NodeState): InjectAction | null {
  const isCut = node.view?.injected?.cuts.some((cut) => cut.peer === peer.name) ?? false;
  return isCut ? { type: "cut", node: node.name, peer: peer.name, direction: null } : null;
}

/** Which process shall stand still, or go on. */
export function pauseMenu(model: Model): Menu {
  const items = sortedNodes(model).flatMap((node): readonly MenuItem[] => {
    const status = nodeStatus(node);
    if (status !== "up" && status !== "paused") return [];
    const type = status === "up" ? "pause" : "resume";
    const note = status === "up" ? `pid ${node.process?.pid ?? "unknown"}` : "stands still; goes on";
    return [{ label: node.name, note, pick: { type: "act", action: { type, node: node.name } } }];
  });
  return menu("Pause or resume: which process?", items, 0);
}

/** The question before a kill, with what it will hit. */
export function confirmKill(model: Model, process: ProcessView, nowMs: number): Confirm {
  const pid = process.pid === null ? "" : ` (pid ${process.pid})`;
  return {
    type: "confirm",
    title: `Kill ${process.name}?`,
    lines: [
      `SIGKILL to ${process.name}${pid}: nothing is flushed, nothing said.`,
      killConsequence(model, process.name),
    ],
    onYes: { type: "kill", node: process.name },
    openedAtMs: nowMs,
  };
}

function killConsequence(model: Model, name: NodeName): string {
  const hit = [...model.transactions.values()].filter(
    (each) =>
      !isFinished(transactionStatus(model, each)) &&
      (each.coordinator === name || participantNames(each).includes(name)),
  );
  const leads = model.nodes.get(name)?.kind === "coordinator";
  if (hit.length > 0) {
    const tail = leads ? "what is prepared stays in doubt" : "what is prepared waits for it";
    return `${counted(hit.length, "unfinished transaction")} will be hit: ${tail} until it is back.`;
  }
  return leads
    ? "No transaction is unfinished. New orders will not start until it is back."
    : "No transaction is unfinished. New orders that need it are tried again for a while.";
}

/** The question before leaving while something is unfinished. */
export function confirmQuit(unfinished: number, stopsCluster: boolean, nowMs: number): Confirm {
  return {
    type: "confirm",
    title: "Quit?",
    lines: [
      `${counted(unfinished, "transaction is", "transactions are")} unfinished.`,
      stopsCluster
        ? "The cluster stops with the console; its logs keep every decision, and the next start goes on from them."
        : "The cluster goes on without this console.",
    ],
    onYes: "quit",
    openedAtMs: nowMs,
  };
}

/** The question before a locked console may act again. */
export function confirmUnlock(nowMs: number): Confirm {
  return {
    type: "confirm",
    title: "Unlock?",
    lines: ["This console is read-only. Unlocked, its keys place orders, kill processes and settle by hand."],
    onYes: "unlock",
    openedAtMs: nowMs,
  };
}
