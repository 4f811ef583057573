import { afterEach, beforeEach, expect, test } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import { until } from "../crash-matrix/cluster.ts";
import { NAMES, type StormNodes, startNodes } from "./nodes.ts";
import { startPlacing } from "./orders.ts";
import { checkBank, checkRest, holdings } from "./rest.ts";
import { pause } from "./weather.ts";

// A process that is stopped for minutes keeps its sockets, its lock and its belief that no time has passed. Each node in turn is
// stopped so under load; the others give it up, go on with what they can, and take it back. `npm run storm` runs it, and
// PAUSE_SECONDS sets how long.
const pauseMs = Number(process.env.PAUSE_SECONDS ?? 150) * 1_000;
const WORKERS = 6;
const AGAIN_MS = 15_000;

let nodes: StormNodes;
beforeEach(async () => {
  nodes = await startNodes();
});
afterEach(() => nodes.remove(false));

test(`each process in turn is stopped for ${pauseMs / 1_000} s and goes on`, {
  timeout: 3 * (pauseMs + 60_000),
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const before = await holdings(nodes);
  const orders = startPlacing(nodes, seed, WORKERS);
  const committed = () => orders.answers.filter(({ outcome }) => outcome.outcome === "committed").length;
  try {
    for (const name of NAMES) await stopFor(name, committed);
  } finally {
    orders.end();
  }
  await orders.ended;
  await checkRest(nodes);
  await checkBank(nodes, before, orders.answers);
  console.info(`${orders.answers.length} orders, ${committed()} committed; stock, money and orders agree`);
});

/** Stops a node, and says what happened meanwhile and how soon it took part again. */
async function stopFor(name: NodeName, committed: () => number): Promise<void> {
  await until("orders committed", () => (committed() > 20 ? true : null));
  const epochBefore = (await nodes.view(name))?.epoch;
  const committedBefore = committed();
  nodes.signal(name, "SIGSTOP");
  await pause(pauseMs);
  const others = NAMES.filter((other) => other !== name);
  const views = await Promise.all(others.map((other) => nodes.view(other)));
  for (const view of views) {
    const peer = view?.peers.find((candidate) => candidate.name === name);
    expect(peer?.connected, `${view?.name} still counts on ${name}`).toBe(false);
  }
  const inDoubt = views.map((view) => `${view?.name} ${view?.inDoubt}`).join(", ");
  const meanwhile = committed() - committedBefore;
  nodes.signal(name, "SIGCONT");
  const backMs = performance.now();
  const afterPause = committed();
  await until(
    `orders committed after ${name} goes on`,
    () => (committed() > afterPause + 20 ? true : null),
    AGAIN_MS,
  );
  const tookMs = Math.round(performance.now() - backMs);
  const view = await nodes.view(name);
  expect(view?.epoch, `${name} went on, and did not start again`).toBe(epochBefore);
  console.info(
    `${name} stopped for ${pauseMs / 1_000} s: ${meanwhile} orders committed meanwhile; in doubt at its end: ${inDoubt}; 20 more ${tookMs} ms after it went on`,
  );
}
