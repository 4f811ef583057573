import type { Node } from "../../runtime/node.ts";
import type { ClientLink } from "../../runtime/ports.ts";
import type { TransactionId } from "../../schema/ids.ts";
import type { ClientMessage, Resolve } from "../../schema/session.ts";
import type { NodeView, ResourceRows, TransactionView } from "../../schema/views.ts";
import type { Chance } from "./chance.ts";
import type { Machine } from "./machine.ts";

/** What a node answers to a question at once. */
export function askNode(node: Node, what: "transactions"): readonly TransactionView[];
export function askNode(node: Node, what: "rows"): ResourceRows | null;
export function askNode(node: Node, what: "node"): NodeView;
export function askNode(node: Node, what: "transactions" | "rows" | "node"): unknown {
  let value: unknown = null;
  const link = linkThat((answer) => {
    value = answer;
  });
  node.handlers.client(link, { type: "query", queryId: 0, what, limit: 1_000 });
  return value;
}

/** An operator decides one transaction that is in doubt, without asking anybody: what may break atomicity. */
export function decideByHand(machine: Machine, chance: Chance): void {
  machine.ask((node) => {
    const inDoubt = askNode(node, "transactions").filter(({ phase }) => phase === "prepared");
    if (inDoubt.length === 0) return;
    resolve(node, chance.one(inDoubt).transactionId, chance.one(["commit", "abort"] as const));
  });
}

/** Settles whatever waits for an operator: what a lost store leaves undecided, refused or different. */
export function settleByHand(machine: Machine, chance: Chance): void {
  machine.ask((node) => {
    for (const view of askNode(node, "transactions")) {
      const { transactionId } = view;
      if (view.role === "coordinator") {
        if (view.branches.some(({ refusal }) => refusal !== null)) resolve(node, transactionId, "forget");
      } else if (view.phase === "prepared")
        resolve(node, transactionId, chance.one(["commit", "abort"] as const));
      else if (view.phase === "heuristic") resolve(node, transactionId, "forget");
    }
  });
}

/** A node refuses what it, or its coordinator, can decide without anybody's hand. */
function resolve(node: Node, transactionId: TransactionId, action: Resolve["action"]): void {
  const words = { by: "ann", reason: "a simulated decision", acceptHazard: true, preview: false };
  const message: ClientMessage = { type: "resolve", queryId: 0, transactionId, action, ...words };
  node.handlers.client(
    linkThat(() => {}),
    message,
  );
}

function linkThat(hear: (value: unknown) => void): ClientLink {
  return {
    send: (message) => message.type === "reply" && hear(message.value),
    bufferedBytes: () => 0,
    close: () => {},
  };
}
