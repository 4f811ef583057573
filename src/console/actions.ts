import { errorLine, TpcError } from "../core/errors.ts";
import { counted, duration } from "../observe/figures.ts";
import type { ClusterControl, Operator } from "../observe/ports.ts";
import { shortId } from "../observe/short-id.ts";
import { reasonText } from "../observe/why.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { Fault, OutcomeMessage } from "../schema/session.ts";
import { type ResolveAction, resolveByHand } from "./resolving.ts";
import { shellWord } from "./shell-word.ts";
import type { Flash } from "./ui.ts";

/** How long one order may take, all attempts together. */
export const ORDER_TIMEOUT_MS = 30_000;

/** Something the user does to the cluster. */
export type Action =
  | { readonly type: "order"; readonly operations: readonly Operation[]; readonly label: string }
  | { readonly type: "burst"; readonly orders: readonly (readonly Operation[])[] }
  | { readonly type: "fault"; readonly node: NodeName; readonly fault: Fault; readonly count: number }
  | { readonly type: "kill"; readonly node: NodeName }
  | { readonly type: "restart"; readonly node: NodeName }
  | ResolveAction;

export interface ActionPorts {
  readonly operator: Operator;
  readonly cluster: ClusterControl | null;
  /** A number in [0, 1). */
  random(): number;
  nowMs(): number;
  /** Shows a line above the key hints. */
  flash(flash: Flash): void;
  /** Adds a line to the log. */
  note(text: string): void;
  /** Who decides by hand. */
  readonly userName: string;
  /** Where a node listens, as far as that is known. */
  addressOf(node: NodeName): string | null;
}

/** Does it, telling what was asked at once and how it ended when it has. Never rejects. */
export async function perform(ports: ActionPorts, action: Action): Promise<void> {
  try {
    await performOrThrow(ports, action);
  } catch (error) {
    const text = error instanceof TpcError ? errorLine(error) : String(error);
    report(ports, { text, tone: "bad" });
  }
}

async function performOrThrow(ports: ActionPorts, action: Action): Promise<void> {
  switch (action.type) {
    case "order":
      return order(ports, action.operations, action.label);
    case "burst":
      return burst(ports, action.orders);
    case "fault":
      return arm(ports, action.node, action.fault, action.count);
    case "kill":
      return kill(ports, action.node);
    case "restart":
      return restart(ports, action.node);
    case "resolve":
      return report(ports, await resolveByHand(ports, action));
  }
}

async function order(ports: ActionPorts, operations: readonly Operation[], label: string): Promise<void> {
  ports.flash({ text: `sent: ${label}`, tone: "plain" });
  const file = shellWord(JSON.stringify({ operations }));
  // The `echo` of some shells changes what it is given.
  ports.note(`order: ${label}  $ printf %s ${file} | 2pc-console submit -`);
  const outcome = await submit(ports, operations);
  report(ports, outcomeFlash(outcome, label));
}

async function burst(ports: ActionPorts, orders: readonly (readonly Operation[])[]): Promise<void> {
  const many = counted(orders.length, "order");
  report(ports, { text: `burst: ${many} sent`, tone: "plain" });
  const startedAtMs = ports.nowMs();
  const settled = await Promise.allSettled(orders.map((operations) => submit(ports, operations)));
  const outcomes = settled.map((each) => (each.status === "fulfilled" ? each.value.outcome : "unknown"));
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length;
  const unknown = count("unknown");
  report(ports, {
    text: `burst: ${count("committed")} of ${many} committed, ${count("aborted")} aborted${
      unknown === 0 ? "" : `, ${unknown} unknown`
    }, ${duration(ports.nowMs() - startedAtMs)}`,
    tone: unknown > 0 ? "warn" : "good",
  });
}

async function arm(ports: ActionPorts, node: NodeName, fault: Fault, count: number): Promise<void> {
  await ports.operator.armFault(node, fault, count);
  report(ports, {
    text: `armed in ${node}: ${fault}${count === 1 ? "" : `, ${count} times`}; an order (a) sets it off`,
    tone: "warn",
  });
}

async function kill(ports: ActionPorts, node: NodeName): Promise<void> {
  const cluster = controlOf(ports);
  const pid = cluster.processes().find((process) => process.name === node)?.pid ?? null;
  report(ports, { text: `kill ${node}${pid === null ? "" : `  $ kill -9 ${pid}`}`, tone: "warn" });
  await cluster.kill(node);
  report(ports, { text: `${node} is gone; r restarts it`, tone: "warn" });
}

async function restart(ports: ActionPorts, node: NodeName): Promise<void> {
  report(ports, { text: `restarting ${node}`, tone: "plain" });
  await controlOf(ports).restart(node);
  report(ports, { text: `${node} is back`, tone: "good" });
}

function controlOf(ports: ActionPorts): ClusterControl {
  if (ports.cluster !== null) return ports.cluster;
  throw new TpcError("TPC_USAGE", "this console did not start the processes");
}

function submit(ports: ActionPorts, operations: readonly Operation[]): Promise<OutcomeMessage> {
  const chance = Math.floor(ports.random() * 2 ** 32).toString(36);
  const requestId = `console-${ports.nowMs().toString(36)}-${chance}`;
  return ports.operator.submit({ requestId, operations, timeoutMs: ORDER_TIMEOUT_MS, isNew: true });
}

function outcomeFlash(outcome: OutcomeMessage, label: string): Flash {
  const id = outcome.transactionId === null ? "" : `${shortId(outcome.transactionId)} `;
  const tries = outcome.attempts > 1 ? `, ${outcome.attempts} attempts` : "";
  const reason = outcome.reason === null ? "" : `: ${reasonText(outcome.reason)}`;
  switch (outcome.outcome) {
    case "committed":
      return { text: `${id}committed in ${duration(outcome.durationMs)}${tries}: ${label}`, tone: "good" };
    case "aborted":
      return { text: `${id}aborted${tries}${reason}`, tone: "warn" };
    case "unknown":
      return { text: `${id}outcome unknown${tries}${reason}; it may still commit`, tone: "bad" };
  }
}

function report(ports: ActionPorts, flash: Flash): void {
  ports.flash(flash);
  ports.note(flash.text);
}
