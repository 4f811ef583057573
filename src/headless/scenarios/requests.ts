import { order } from "../market.ts";
import type { Scenario } from "../scenario.ts";

export const DUPLICATE: Scenario = {
  name: "duplicate",
  description:
    "one request sent three times, to two nodes: one shipment, and everybody hears of the same transaction",
  needsProcesses: false,
  async run(stage) {
    const { cast } = stage;
    const requestId = stage.newRequestId();
    const operations = order(cast, await stage.market(), 1n);
    stage.step("an order, and the same request again at the same node");
    const first = await stage.submit(operations, { requestId });
    stage.expectCommitted("the order commits", first);
    const again = await stage.submit(operations, { requestId });
    stage.step("the same request at the warehouse's own coordinator");
    const elsewhere = await stage.submit(operations, { requestId, via: cast.warehouse });
    for (const [where, answer] of [
      ["the same node", again],
      ["another node", elsewhere],
    ] as const) {
      stage.expect(
        `sent again to ${where}, it is the first transaction's outcome`,
        answer.outcome === "committed" && answer.transactionId === first.transactionId,
        `${answer.outcome}, ${answer.transactionId}`,
      );
    }
    stage.step("the same request id with other operations");
    const other = await stage.submit(order(cast, await stage.market(), 2n), { requestId });
    stage.expect(
      "is refused",
      other.outcome === "aborted" && other.reason?.code === "request-mismatch",
      other.outcome,
    );
  },
};

export const ANYWHERE: Scenario = {
  name: "anywhere",
  description: "warehouse, ledger and coordinator each coordinate orders at the same time",
  needsProcesses: false,
  async run(stage) {
    const { cast } = stage;
    const market = await stage.market();
    stage.step("two orders at each of three nodes, all at once");
    const nodes = [cast.coordinator, cast.warehouse, cast.ledger];
    const answers = await Promise.all(
      [...nodes, ...nodes].map(async (via) => ({
        via,
        answer: await stage.submit(order(cast, market, 1n), { via }),
      })),
    );
    for (const { via, answer } of answers) {
      stage.expectCommitted(`an order coordinated by ${via} commits`, answer);
      const named = answer.transactionId?.startsWith(`${via}-`) ?? false;
      stage.expect(`its id names ${via}`, named, answer.transactionId ?? "no transaction");
    }
  },
};
