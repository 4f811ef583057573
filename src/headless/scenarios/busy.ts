import { order, pay, receive, ship } from "../market.ts";
import type { Scenario, Stage } from "../scenario.ts";

const BURST = 40;
const RIVALS = 3;

export const BUSY: Scenario = {
  name: "busy",
  description: `${BURST} orders of one item at once all commit; of ${RIVALS} that each want most of it, one does`,
  needsProcesses: false,
  async run(stage) {
    await burst(stage);
    await rivalry(stage);
  },
};

async function burst(stage: Stage): Promise<void> {
  stage.step(`${BURST} orders of one piece each, all at once`);
  const { cast } = stage;
  const market = await stage.market();
  await stage.submit([receive(cast, market.item.sku, BigInt(BURST))]);
  const answers = await Promise.all(
    Array.from({ length: BURST }, () => stage.submit(order(cast, market, 1n))),
  );
  const committed = answers.filter((answer) => answer.outcome === "committed").length;
  stage.expect(`all ${BURST} commit`, committed === BURST, `${committed} committed`);
}

async function rivalry(stage: Stage): Promise<void> {
  stage.step(`${RIVALS} orders that each want more than half of what is on hand`);
  const { cast } = stage;
  const market = await stage.market();
  const most = BigInt(market.item.onHand) / 2n + 1n;
  const operations = [ship(cast, market.item.sku, most), pay(cast, market, 1n)];
  const answers = await Promise.all(Array.from({ length: RIVALS }, () => stage.submit(operations)));
  const committed = answers.filter((answer) => answer.outcome === "committed").length;
  stage.expect("exactly one of them commits", committed === 1, `${committed} committed`);
  const refused = answers.filter((answer) => answer.outcome === "aborted");
  stage.expect(
    "the others are refused once the goods are gone, not merely reserved",
    refused.every((answer) => answer.reason?.code === "insufficient-stock"),
    refused.map((answer) => answer.reason?.code ?? "no reason").join(", "),
  );
  stage.step("a delivery brings the goods back");
  stage.expectCommitted("the delivery commits", await stage.submit([receive(cast, market.item.sku, most)]));
}
