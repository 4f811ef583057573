import type { OutcomeMessage } from "../../schema/session.ts";
import { type Market, pay, receive, ship } from "../market.ts";
import type { Scenario, Stage } from "../scenario.ts";

const ORDERS = 1_000;
const AT_ONCE = 16;
const KILLS_EACH = 4;

export const STORM: Scenario = {
  name: "storm",
  description: `${ORDERS} orders while each of the three processes is killed and restarted ${KILLS_EACH} times`,
  needsProcesses: true,
  async run(stage) {
    const { cast } = stage;
    const market = await stage.market();
    await stage.submit([receive(cast, market.item.sku, BigInt(ORDERS))]);
    stage.step(`${ORDERS} orders, ${AT_ONCE} at once, and SIGKILL to one process after the other meanwhile`);
    const progress = { answered: 0, isOver: false };
    const answers: OutcomeMessage[] = [];
    const orders = Promise.all(
      Array.from({ length: AT_ONCE }, async (_, worker) => {
        for (let index = worker; index < ORDERS; index += AT_ONCE) {
          answers.push(await orderOne(stage, market));
          progress.answered += 1;
        }
      }),
    ).finally(() => {
      progress.isOver = true;
    });
    const [kills] = await Promise.all([killInTurn(stage, progress), orders]);
    stage.expect("each process was killed several times", kills === 3 * KILLS_EACH, `${kills} kills`);
    const committed = answers.filter(({ outcome }) => outcome === "committed");
    stage.expect(`all ${ORDERS} orders commit`, committed.length === ORDERS, `${committed.length} committed`);
    const ids = new Set(committed.map(({ transactionId }) => transactionId));
    stage.expect("no two orders share a transaction", ids.size === committed.length, `${ids.size} ids`);
  },
};

/** One piece for one minor unit. While the outcome is unknown the same request is sent again. */
async function orderOne(stage: Stage, market: Market): Promise<OutcomeMessage> {
  const operations = [ship(stage.cast, market.item.sku, 1n), pay(stage.cast, market, 1n)];
  const requestId = stage.newRequestId();
  for (let tries = 1; ; tries += 1) {
    const answer = await stage.submit(operations, { requestId });
    if (answer.outcome !== "unknown" || tries === 5) return answer;
  }
}

/** Kills and restarts coordinator, warehouse and ledger in turn, spread evenly over the orders. Returns how often. */
async function killInTurn(stage: Stage, progress: { answered: number; isOver: boolean }): Promise<number> {
  const { cast } = stage;
  const victims = [cast.coordinator, cast.warehouse, cast.ledger];
  const rounds = victims.length * KILLS_EACH;
  let kills = 0;
  for (let round = 0; round < rounds; round += 1) {
    const victim = victims[round % victims.length];
    if (victim === undefined) break;
    const due = Math.floor((ORDERS * (round + 0.5)) / rounds);
    await stage.waitFor(`order ${due}`, async () =>
      progress.answered >= due || progress.isOver ? true : null,
    );
    await stage.kill(victim);
    kills += 1;
    await stage.restart(victim);
  }
  return kills;
}
