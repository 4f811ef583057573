import type { Operation } from "../../src/schema/operations.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import { createChance } from "../../src/sim/cluster/chance.ts";
import { CAST, NAMES, type StormNodes } from "./nodes.ts";

/** An order and what a client was told of it, every time that it asked. */
export interface Answered {
  readonly requestId: string;
  readonly issuedAtMs: number;
  readonly operations: readonly Operation[];
  readonly outcome: OutcomeMessage;
  /** From the first send to the answer that says more than `unknown`. */
  readonly durationMs: number;
}

const TIMEOUT_MS = 10_000;
/** Far beyond what any order may need: the cluster is shaken all the time. */
const TRIES_MAX = 60;

/** Workers that place one order after the other. */
export interface Placing {
  readonly answers: readonly Answered[];
  /** No new orders from here on. */
  end(): void;
  /** Resolves when every worker has its last answer. */
  readonly ended: Promise<unknown>;
}

export function startPlacing(nodes: StormNodes, seed: number, workers: number): Placing {
  const answers: Answered[] = [];
  let isOver = false;
  const work = async (worker: number): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const random = createChance(seed).split(`${worker} ${count}`).next;
      answers.push(await placeOrder(nodes, `storm-${seed}-${worker}-${count}`, random));
    }
  };
  const ended = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return {
    answers,
    end() {
      isOver = true;
    },
    ended,
  };
}

/** One piece or two of something, paid by somebody; now and then more than there is. */
function orderGoods(random: () => number): Operation[] {
  const luck = random();
  const sku = luck < 0.06 ? "RARE-01" : luck < 0.5 ? "BOLT-01" : "NUT-01";
  const debit = random() < 0.05 ? "customer-cleo" : random() < 0.5 ? "customer-ada" : "customer-ben";
  const quantity = 1 + Math.floor(random() * 2);
  const ship: Operation = { participant: CAST.warehouse, op: "ship", sku, quantity };
  const amount = String(quantity * 7);
  const pay: Operation = { participant: CAST.ledger, op: "transfer", debit, credit: "revenue", amount };
  return random() < 0.1 ? [ship] : [ship, pay];
}

/** Sends one request, through one node after the other, until its outcome is known. */
async function placeOrder(nodes: StormNodes, requestId: string, random: () => number): Promise<Answered> {
  const operations = orderGoods(random);
  const issuedAtMs = Date.now();
  const startedMs = performance.now();
  for (let tries = 1; ; tries += 1) {
    const via = NAMES[Math.floor(random() * NAMES.length)] ?? CAST.coordinator;
    const timeoutMs = TIMEOUT_MS;
    const outcome = await nodes.operator.submit({ requestId, operations, timeoutMs, issuedAtMs, via });
    if (outcome.outcome === "unknown" && tries < TRIES_MAX) continue;
    return { requestId, issuedAtMs, operations, outcome, durationMs: performance.now() - startedMs };
  }
}
