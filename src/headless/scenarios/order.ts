import { PUBLISHED_COST } from "../cost.ts";
import { order, pay, readAccount, readItem, receive, ship } from "../market.ts";
import type { Scenario, Stage } from "../scenario.ts";

export const ORDER: Scenario = {
  name: "order",
  description:
    "orders that commit, orders that are refused, a read and a delivery; each costs what the papers say",
  needsProcesses: false,
  async run(stage) {
    await commitOrders(stage);
    await refuseForStock(stage);
    await refuseForFunds(stage);
    await readBoth(stage);
    await updateAndRead(stage);
    await deliver(stage);
  },
};

async function commitOrders(stage: Stage): Promise<void> {
  stage.step("three orders: goods leave the warehouse, their price leaves the customer's account");
  for (const quantity of [1n, 2n, 3n]) {
    const answer = await stage.submit(order(stage.cast, await stage.market(), quantity));
    stage.expectCommitted(`an order of ${quantity} commits`, answer);
    await stage.expectCost(answer, PUBLISHED_COST.update);
  }
}

async function refuseForStock(stage: Stage): Promise<void> {
  stage.step("an order of more than is on hand");
  const { cast } = stage;
  const market = await stage.market();
  const tooMany = BigInt(market.item.onHand) + 1n;
  const answer = await stage.submit([ship(cast, market.item.sku, tooMany), pay(cast, market, 1n)]);
  stage.expectAborted(
    "more than is on hand is refused by the warehouse",
    answer,
    "insufficient-stock",
    cast.warehouse,
  );
  stage.expect("an invalid order is not tried again", answer.attempts === 1, `${answer.attempts} attempts`);
}

async function refuseForFunds(stage: Stage): Promise<void> {
  stage.step("an order of more than the customer has");
  const { cast } = stage;
  const market = await stage.market();
  const tooMuch = BigInt(market.customer.balance) + 1n;
  const answer = await stage.submit([ship(cast, market.item.sku, 1n), pay(cast, market, tooMuch)]);
  stage.expectAborted(
    "more than is posted is refused by the ledger",
    answer,
    "insufficient-funds",
    cast.ledger,
  );
}

async function readBoth(stage: Stage): Promise<void> {
  stage.step("a transaction that only reads");
  const { item, customer } = await stage.market();
  const answer = await stage.submit([readItem(stage.cast, item.sku), readAccount(stage.cast, customer.id)]);
  stage.expectCommitted("a read commits", answer);
  stage.expect("it brings what both read", answer.results.length === 2, JSON.stringify(answer.results));
  await stage.expectCost(answer, PUBLISHED_COST.readOnly);
}

async function updateAndRead(stage: Stage): Promise<void> {
  stage.step("a transaction that ships one piece and reads an account");
  const { item, customer } = await stage.market();
  const operations = [ship(stage.cast, item.sku, 1n), readAccount(stage.cast, customer.id)];
  const answer = await stage.submit(operations);
  stage.expectCommitted("one update and one read commit", answer);
  await stage.expectCost(answer, PUBLISHED_COST.partlyReadOnly);
}

async function deliver(stage: Stage): Promise<void> {
  stage.step("a delivery: one participant, so it decides alone");
  const { item } = await stage.market();
  const answer = await stage.submit([receive(stage.cast, item.sku, 7n)]);
  stage.expectCommitted("a delivery commits in one phase", answer);
  await stage.expectCost(answer, PUBLISHED_COST.onePhase);
}
