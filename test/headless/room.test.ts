import { expect, test } from "vitest";
import { lowSpaceAlarm, lowSpaceText } from "../../src/core/low-space.ts";
import type { HeadlessPorts } from "../../src/headless/ports.ts";
import { runScenarios } from "../../src/headless/run.ts";
import type { Scenario } from "../../src/headless/scenario.ts";
import type { Operator } from "../../src/observe/ports.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { nodeView } from "../client/fixtures.ts";
import { CAST } from "./fixtures.ts";

// A disk that fills up ends a scenario in good time, with the reason: orders would be tried again until their time is over.

const ALARM = lowSpaceAlarm(lowSpaceText("ledger", 1, 2 ** 24));
const SCENARIO: Scenario = {
  name: "order",
  description: "one order",
  needsProcesses: false,
  async run(stage) {
    await stage.submit([]);
    stage.expect("the order is answered", true);
  },
};

/** A cluster of three whose ledger's disk fills up at `fullAtMs`, and which answers no order before a day has passed. */
function portsOf(fullAtMs: number) {
  let nowMs = 0;
  const peers = [CAST.warehouse, CAST.ledger].map((name) => ({
    name,
    kind: "ledger" as const,
    nodeId: null,
    url: "",
    connected: true,
    epoch: 1,
    roundTripMs: 0,
    awaiting: 0,
  }));
  const alarmsOf = (name: NodeName) => (name === CAST.ledger && nowMs >= fullAtMs ? [ALARM] : []);
  const ports = {
    operator: { submit: () => new Promise<never>(() => {}) } as unknown as Operator,
    query: {
      node: async (name) =>
        nodeView(name, { peers, alarms: alarmsOf(name), unfinished: 0, inDoubt: 0, violations: [] }),
      rows: async (name) =>
        name === CAST.warehouse ? { kind: "warehouse", items: [] } : { kind: "ledger", accounts: [] },
      transaction: async () => [],
      transactions: async () => [],
    },
    cluster: null,
    clock: {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      async pause(delayMs) {
        await Promise.resolve();
        nowMs += delayMs;
      },
    },
    cast: CAST,
    judge: async () => ({ ok: true, detail: "" }),
    newRequestId: () => "r-1",
  } satisfies HeadlessPorts;
  return { ports, nowMs: () => nowMs };
}

test.each([
  ["while its order is under way", 3_000],
  ["before it begins", 0],
])("%s", async (_, fullAtMs) => {
  const { ports, nowMs } = portsOf(fullAtMs);
  const report = await runScenarios([SCENARIO], ports, () => {});
  const failed = report.scenarios.flatMap(({ expectations }) => expectations.filter(({ ok }) => !ok));
  expect(failed).toEqual([{ text: "every node has room on its disk", ok: false, detail: ALARM }]);
  expect(nowMs()).toBeLessThan(fullAtMs + 1_500);
});
