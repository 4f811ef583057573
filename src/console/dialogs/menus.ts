import { counted } from "../../observe/figures.ts";
import type { Model } from "../../observe/model.ts";
import { exitWords, nodeStatus, sortedNodes } from "../../observe/node-status.ts";
import type { ProcessView } from "../../observe/ports.ts";
import { isFinished, participantNames, transactionStatus } from "../../observe/transaction.ts";
import { FAULT_NAMES, FAULTS } from "../../schema/faults.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Fault } from "../../schema/session.ts";
import type { Confirm, Menu, MenuItem } from "./dialog.ts";

/** Which node shall fail. */
export function faultNodeMenu(model: Model, preferred: NodeName | null): Menu {
  const nodes = sortedNodes(model).filter((node) => nodeStatus(node) === "up");
  const items = nodes.map((node): MenuItem => {
    const off = node.view?.faultInjection === false ? "fault injection is off there" : (node.kind ?? "");
    return { label: node.name, note: off, pick: { type: "fault-node", node: node.name } };
  });
  const start = items.findIndex((item) => item.pick.node === preferred);
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
export function killMenu(processes: readonly ProcessView[], preferred: NodeName | null): Menu {
  const items = processes
    .filter((process) => process.state === "up" || process.state === "starting")
    .map(
      (process): MenuItem => ({
        label: process.name,
        note: `pid ${process.pid ?? "unknown"}`,
        pick: { type: "kill", node: process.name },
      }),
    );
  const start = items.findIndex((item) => item.pick.node === preferred);
  return menu("Kill: which process?", items, start);
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
  return { type: "menu", title, items, index: Math.max(0, index), count: null };
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
