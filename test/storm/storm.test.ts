import { expect, test } from "vitest";
import { type Holdings, heldBack, trialBalance, unexplained } from "../../src/headless/conservation.ts";
import { randomFrom } from "../random/random-from.ts";
import { CAST, NAMES, type StormNodes, startNodes } from "./nodes.ts";
import { type Answered, placeOrder } from "./orders.ts";
import { comeToRest, holdings } from "./rest.ts";
import { type Damage, rage } from "./weather.ts";

// Sixteen clients order through all nodes while coordinator, warehouse and ledger are killed and stopped at random moments.
// When the storm is over everything must have ended, and stock, money and the list of committed orders must agree.
// `npm run storm` runs it. STORM_SEED repeats the choices, STORM_KILLS sets their number, STORM_LONG=1 adds stops of a minute.
const seed = Number(process.env.STORM_SEED ?? Math.floor(Math.random() * 2 ** 32));
const kills = Number(process.env.STORM_KILLS ?? 1_000);
const stopMsMax = process.env.STORM_LONG === "1" ? 60_000 : 4_000;
const WORKERS = 16;
/** One worker's, so that no two orders have the same choices. */
const ORDERS_MAX = 1_000_000;
const ASKED_AGAIN = 200;

test(`nothing is lost or done twice over ${kills} kills`, { timeout: 3_600_000 }, async () => {
  console.info(`STORM_SEED=${seed} STORM_KILLS=${kills}`);
  const nodes = await startNodes();
  let isSound = false;
  try {
    await survive(nodes);
    isSound = true;
  } finally {
    if (!isSound) console.info(`kept: ${nodes.dir}`);
    await nodes.remove(!isSound);
  }
});

async function survive(nodes: StormNodes): Promise<void> {
  const before = await holdings(nodes);
  const damage: Damage = { kills: 0, killsWhileStarting: 0, stops: 0, downAtOnce: 0 };
  const startedMs = performance.now();
  const answers: Answered[] = [];
  const weather = { nodes, seed, kills, stopMsMax, upMsMax: 2_500 };
  const report = setInterval(() => tell(startedMs, damage, answers), 15_000);
  let isOver = false;
  const workers = Array.from({ length: WORKERS }, async (_, worker) => {
    for (let count = 0; !isOver; count += 1) {
      const random = randomFrom(seed + worker * ORDERS_MAX + count);
      answers.push(await placeOrder(nodes, `storm-${seed}-${worker}-${count}`, random));
    }
  });
  try {
    await rage(weather, NAMES, damage);
    isOver = true;
    await Promise.all(workers);
  } finally {
    isOver = true;
    clearInterval(report);
  }
  tell(startedMs, damage, answers);
  await checkRest(nodes);
  await checkBank(nodes, before, answers);
  expect(damage.kills, "kills").toBeGreaterThanOrEqual(kills);
}

/** Every transaction has ended at every node, and nobody complains. */
async function checkRest(nodes: StormNodes): Promise<void> {
  await comeToRest(nodes);
  for (const name of NAMES) {
    const view = await nodes.view(name);
    expect({ name, violations: view?.violations, alarms: view?.alarms }).toEqual({
      name,
      violations: [],
      alarms: [],
    });
    const open = (await nodes.transactions(name)).filter(
      ({ phase }) => phase !== "forgotten" && phase !== "committed" && phase !== "aborted",
    );
    expect(open, `open at ${name}`).toEqual([]);
  }
}

async function checkBank(nodes: StormNodes, before: Holdings, answers: readonly Answered[]): Promise<void> {
  const after = await holdings(nodes);
  const committed = answers.filter(({ outcome }) => outcome.outcome === "committed");
  const operations = committed.flatMap((answer) => answer.operations);
  expect(answers.filter(({ outcome }) => outcome.outcome === "unknown")).toEqual([]);
  expect(committed.length, "orders committed under way").toBeGreaterThan(kills / 10);
  expect(unexplained(before, after, operations, CAST)).toEqual([]);
  expect(heldBack(after)).toEqual([]);
  expect(trialBalance(after.accounts)).toEqual({ posted: 0n, pending: 0n });
  for (const { requestId, issuedAtMs, operations: asked, outcome } of committed.slice(-ASKED_AGAIN)) {
    const again = { requestId, issuedAtMs, operations: asked, timeoutMs: 10_000, via: CAST.ledger };
    const { transactionId, outcome: told } = await nodes.operator.submit(again);
    expect({ requestId, transactionId, told }).toEqual({
      requestId,
      transactionId: outcome.transactionId,
      told: "committed",
    });
  }
  expect(unexplained(before, await holdings(nodes), operations, CAST), "after asking again").toEqual([]);
}

function tell(startedMs: number, damage: Damage, answers: readonly Answered[]): void {
  const count = (outcome: string) => answers.filter((answer) => answer.outcome.outcome === outcome).length;
  const slowestMs = Math.round(Math.max(0, ...answers.map(({ durationMs }) => durationMs)));
  console.info(
    [
      `${Math.round((performance.now() - startedMs) / 1_000)} s`,
      `${damage.kills} SIGKILLs (${damage.killsWhileStarting} while starting), ${damage.stops} SIGSTOPs`,
      `${damage.downAtOnce} nodes down at once`,
      `${answers.length} orders: ${count("committed")} committed, ${count("aborted")} aborted`,
      `slowest order ${slowestMs} ms`,
    ].join(" · "),
  );
}
