import { expect, test } from "vitest";
import { NAMES, type StormNodes, startNodes } from "./nodes.ts";
import { type Answered, startPlacing } from "./orders.ts";
import { checkBank, checkRest, holdings } from "./rest.ts";
import { type Damage, rage } from "./weather.ts";

// Sixteen clients order through all nodes while coordinator, warehouse and ledger are killed and stopped at random moments.
// When the storm is over everything must have ended, and stock, money and the list of committed orders must agree.
// `npm run storm` runs it. STORM_SEED repeats the choices, STORM_KILLS sets their number, STORM_LONG=1 adds stops of a minute.
const seed = Number(process.env.STORM_SEED ?? Math.floor(Math.random() * 2 ** 32));
const kills = Number(process.env.STORM_KILLS ?? 1_000);
const stopMsMax = process.env.STORM_LONG === "1" ? 60_000 : 4_000;
const WORKERS = 16;

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
  const weather = { nodes, seed, kills, stopMsMax, upMsMax: 2_500 };
  const orders = startPlacing(nodes, seed, WORKERS);
  const { answers } = orders;
  const report = setInterval(() => tell(startedMs, damage, answers), 15_000);
  try {
    await rage(weather, NAMES, damage);
  } finally {
    clearInterval(report);
    orders.end();
  }
  await orders.ended;
  tell(startedMs, damage, answers);
  await checkRest(nodes);
  await checkBank(nodes, before, answers);
  const committed = answers.filter(({ outcome }) => outcome.outcome === "committed");
  expect(committed.length, "orders committed under way").toBeGreaterThan(kills / 10);
  expect(damage.kills, "kills").toBeGreaterThanOrEqual(kills);
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
