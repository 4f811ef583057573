import { errorLine, TpcError } from "../core/errors.ts";
import { counted, duration } from "../observe/figures.ts";
import type { ClusterControl, Operator } from "../observe/ports.ts";
import { shortId } from "../observe/short-id.ts";
import { reasonText } from "../observe/why.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { Fault, OutcomeMessage } from "../schema/session.ts";
import type { Doing } from "./command-log.ts";
import { describeAction, doingLine } from "./equivalents.ts";
import { type InjectAction, inject } from "./injecting.ts";
import { type Binding, keyHint } from "./keymap.ts";
import { type ResolveAction, type ResolveManyAction, resolveByHand, resolveMany } from "./resolving.ts";
import type { Flash } from "./ui.ts";
import type { WaitingOrder } from "./waiting-orders.ts";

/** How long one order may take, all attempts together. */
export const ORDER_TIMEOUT_MS = 30_000;

/** The same while the protocol is held: somebody is looking at it, and nobody is late. */
const HELD_ORDER_TIMEOUT_MS = 24 * 3_600_000;

/** Something the user does to the cluster. */
export type Action =
  | { readonly type: "order"; readonly operations: readonly Operation[]; readonly label: string }
  /** `asked`: how many were wanted; stock and funds may last for fewer. */
  | {
      readonly type: "burst";
      readonly orders: readonly (readonly Operation[])[];
      readonly asked: number;
    }
  /** A count of 0 disarms. */
  | { readonly type: "fault"; readonly node: NodeName; readonly fault: Fault; readonly count: number }
  | { readonly type: "kill"; readonly node: NodeName }
  | { readonly type: "restart"; readonly node: NodeName }
  /** What all nodes keep is deleted, and they start anew. */
  | { readonly type: "reset" }
  | InjectAction
  | ResolveAction
  | ResolveManyAction;

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
  /** Forgets what was watched of nodes that have lost what they kept. */
  forget(): void;
  /** Adds a row to the command log; what is returned says how it ended. */
  begin(doing: Doing): (ended: Flash) => void;
  /** An order is on its way; what is returned says that its answer has come. */
  await(order: WaitingOrder): () => void;
  /** Who decides by hand. */
  readonly userName: string;
  /** Where a node listens, a coordinator where null, as far as that is known. */
  addressOf(node: NodeName | null): string | null;
  /** Whether messages wait for the user to let them go. */
  isHeld(): boolean;
  /** The keys as they are bound. */
  bindings(): readonly Binding[];
  /** The file that a command needs to be let in; null where it finds the token by itself. */
  readonly tokenFile: string | null;
}

/**
 * Does it: a line on the screen, a row in the command log and a note, at once and again when it has ended. Says whether it
 * could be done; never rejects.
 */
export async function perform(ports: ActionPorts, action: Action): Promise<boolean> {
  const doing = describeAction(ports, action);
  const end = ports.begin(doing);
  ports.flash({
    text: doing.text,
    tone: action.type === "kill" || action.type === "reset" ? "warn" : "plain",
  });
  ports.note(doingLine(doing));
  const { isDone, ...ended } = await performed(ports, action).then(
    (flash) => ({ ...flash, isDone: true }),
    (error: unknown) => ({ ...failureFlash(error), isDone: false }),
  );
  end(ended);
  ports.flash(ended);
  ports.note(ended.text);
  return isDone;
}

function failureFlash(error: unknown): Flash {
  return { text: error instanceof TpcError ? errorLine(error) : String(error), tone: "bad" };
}

async function performed(ports: ActionPorts, action: Action): Promise<Flash> {
  switch (action.type) {
    case "order":
      return outcomeFlash(await submit(ports, action.operations), action.label);
    case "burst":
      return await burst(ports, action.orders, action.asked);
    case "fault":
      return await arm(ports, action.node, action.fault, action.count);
    case "kill":
      await controlOf(ports).kill(action.node);
      return {
        text: `${action.node} is gone${keyHint(ports.bindings(), "restart", "restarts it")}`,
        tone: "warn",
      };
    case "restart":
      // While the protocol is held, a node that comes back holds its messages before it has sent any.
      await controlOf(ports).restart(action.node, ports.isHeld());
      return { text: `${action.node} is back`, tone: "good" };
    case "reset":
      await controlOf(ports).reset(ports.forget);
      return { text: "what was kept is deleted; the cluster has started anew", tone: "good" };
    case "resolve":
      return await resolveByHand(ports, action);
    case "resolve-many":
      return await resolveMany(ports, action, (each) => ports.begin(describeAction(ports, each)));
    default:
      return await inject(ports, action);
  }
}

async function burst(
  ports: ActionPorts,
  orders: readonly (readonly Operation[])[],
  asked: number,
): Promise<Flash> {
  const startedAtMs = ports.nowMs();
  const settled = await Promise.allSettled(orders.map((operations) => submit(ports, operations)));
  const outcomes = settled.map((each) => (each.status === "fulfilled" ? each.value.outcome : "unknown"));
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length;
  const others = (["aborted", "unknown"] as const)
    .map((outcome) => ({ outcome, number: count(outcome) }))
    .filter(({ number }) => number > 0)
    .map(({ outcome, number }) => `, ${number} ${outcome}`);
  const unsent = asked - orders.length;
  const why = unsent > 0 ? `; ${unsent} not sent: no stock or funds` : "";
  const took = duration(ports.nowMs() - startedAtMs);
  return {
    text: `burst: ${count("committed")} of ${counted(orders.length, "order")} committed${others.join("")}, ${took}${why}`,
    tone: count("unknown") > 0 || unsent > 0 ? "warn" : "good",
  };
}

async function arm(ports: ActionPorts, node: NodeName, fault: Fault, count: number): Promise<Flash> {
  await ports.operator.armFault(node, fault, count);
  if (count === 0) return { text: `disarmed in ${node}: ${fault}`, tone: "good" };
  const times = count === 1 ? "" : `, ${count} times`;
  return {
    text: `armed in ${node}: ${fault}${times}; an order sets it off${keyHint(ports.bindings(), "undo", "disarms it")}`,
    tone: "warn",
  };
}

function controlOf(ports: ActionPorts): ClusterControl {
  if (ports.cluster !== null) return ports.cluster;
  throw new TpcError("TPC_USAGE", "this console did not start the processes");
}

async function submit(ports: ActionPorts, operations: readonly Operation[]): Promise<OutcomeMessage> {
  const chance = Math.floor(ports.random() * 2 ** 32).toString(36);
  const timeoutMs = ports.isHeld() ? HELD_ORDER_TIMEOUT_MS : ORDER_TIMEOUT_MS;
  const requestId = `console-${ports.nowMs().toString(36)}-${chance}`;
  const answered = ports.await({ requestId, untilMs: ports.nowMs() + timeoutMs });
  try {
    return await ports.operator.submit({ requestId, operations, timeoutMs, isNew: true });
  } finally {
    answered();
  }
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
