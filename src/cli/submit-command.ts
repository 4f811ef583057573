import { randomUUID } from "node:crypto";
import { createOperator } from "../client/operator.ts";
import { printableJson } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { reasonReport } from "../headless/settled.ts";
import type { Operator } from "../observe/ports.ts";
import { defaultOrder, SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../resources/sample.ts";
import type { Order } from "../schema/operations.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import type { Outcome } from "../schema/views.ts";
import { type ClusterAccess, findClusterToken, openClients } from "./open-client.ts";
import { readOrders } from "./order-file.ts";

export interface SubmitOptions extends ClusterAccess {
  readonly timeoutMs: number;
  readonly example?: boolean;
}

/** The worst one counts where there are several. */
const STATUSES = { committed: 0, aborted: 1, unknown: 2 } as const satisfies Record<Outcome, number>;

/**
 * Submits the orders of a file, one after the other, and prints each outcome as a JSON line. Returns 0, 1 or 2.
 * Nothing is sent unless every order is well formed and the node can be reached (TPC_UNREACHABLE).
 */
export async function submitOrders(file: string | undefined, options: SubmitOptions): Promise<number> {
  if (options.example) {
    const operations = defaultOrder(SAMPLE_ITEMS, SAMPLE_ACCOUNTS);
    process.stdout.write(`${JSON.stringify({ operations }, null, 2)}\n`);
    return 0;
  }
  if (file === undefined) throw new TpcError("TPC_USAGE", "submit needs a FILE, or - for standard input");
  const orders = await readOrders(file);
  const token = await findClusterToken(options);
  const clients = await openClients(options);
  const { name } = clients.view;
  clients.closeAll();
  const operator = createOperator({ urls: new Map([[name, options.to]]), coordinator: name, token });
  let worst = 0;
  try {
    for (const order of orders) {
      const outcome = await submitOrder(operator, order, options.timeoutMs);
      process.stdout.write(`${outcomeLine(outcome)}\n`);
      worst = Math.max(worst, STATUSES[outcome.outcome]);
    }
  } finally {
    operator.close();
  }
  return worst;
}

function submitOrder(operator: Operator, order: Order, timeoutMs: number): Promise<OutcomeMessage> {
  return operator.submit({
    requestId: order.requestId ?? `submit-${randomUUID()}`,
    operations: order.operations,
    timeoutMs,
    isNew: order.requestId === undefined,
    ...(order.issuedAtMs === undefined ? {} : { issuedAtMs: order.issuedAtMs }),
  });
}

function outcomeLine(message: OutcomeMessage): string {
  const { transactionId, requestId, outcome, attempts, votes, results, durationMs } = message;
  const reason = reasonReport(message);
  return printableJson({ transactionId, requestId, outcome, attempts, reason, votes, results, durationMs });
}
