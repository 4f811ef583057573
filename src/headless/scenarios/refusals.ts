import { order, pay, ship } from "../market.ts";
import type { Scenario } from "../scenario.ts";

export const NO_VOTE: Scenario = {
  name: "no-vote",
  description: "the ledger votes no, so the warehouse gives back what it had reserved",
  needsProcesses: false,
  async run(stage) {
    const { cast } = stage;
    await stage.arm(cast.ledger, "vote-no");
    stage.step("the ledger will vote no");
    const answer = await stage.submit(order(cast, await stage.market(), 1n));
    stage.expectAborted(
      "the order is aborted because of the ledger",
      answer,
      "injected-invalid",
      cast.ledger,
    );
    stage.expect("an invalid order is not tried again", answer.attempts === 1, `${answer.attempts} attempts`);
    await stage.settled(answer.transactionId);
  },
};

export const RETRY: Scenario = {
  name: "retry",
  description:
    "all stock is reserved by an order that fails in the end; a second order waits for it and commits",
  needsProcesses: false,
  async run(stage) {
    const { cast } = stage;
    const market = await stage.market();
    const all = BigInt(market.item.available);
    stage.step("an order of all there is; the ledger will vote no, late");
    await stage.arm(cast.ledger, "vote-no");
    await stage.arm(cast.ledger, "delay-message");
    const requestId = stage.newRequestId();
    const first = stage.submit([ship(cast, market.item.sku, all), pay(cast, market, 1n)], { requestId });
    await stage.refused(cast.ledger, requestId);
    await stage.waitFor("all stock to be reserved", async () => {
      const { items } = await stage.holdings();
      return items.find((item) => item.sku === market.item.sku && item.available === "0") ?? null;
    });
    stage.step("a second order meanwhile");
    const second = await stage.submit(order(cast, market, 1n));
    stage.expectCommitted("the second order commits", second);
    stage.expect("it took more than one attempt", second.attempts > 1, `${second.attempts} attempts`);
    const refused = await first;
    stage.expectAborted(
      "the first is aborted because of the ledger",
      refused,
      "injected-invalid",
      cast.ledger,
    );
  },
};
