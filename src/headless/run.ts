import { TpcError } from "../core/errors.ts";
import { type Holdings, heldBack, trialBalance, unexplained } from "./conservation.ts";
import type { HeadlessPorts } from "./ports.ts";
import type { RunEvent, RunReport, ScenarioReport } from "./report.ts";
import { watchRoom } from "./room.ts";
import type { Scenario } from "./scenario.ts";
import { openStage, type StageRecord } from "./stage.ts";

/** Plays the scenarios one after the other and reports. A scenario that cannot go on fails; the next one is still tried. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  ports: HeadlessPorts,
  tell: (event: RunEvent) => void,
): Promise<RunReport> {
  const startedMs = ports.clock.nowMs();
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) {
    const scenarioStartedMs = ports.clock.nowMs();
    tell({ type: "scenario-started", scenario: scenario.name, description: scenario.description });
    const report = await runScenario(scenario, ports, tell);
    reports.push(report);
    tell({ type: "scenario-ended", report, durationMs: ports.clock.nowMs() - scenarioStartedMs });
  }
  const ok = reports.every((report) => report.ok);
  tell({ type: "run-ended", ok, durationMs: ports.clock.nowMs() - startedMs });
  return { ok, scenarios: reports };
}

async function runScenario(
  scenario: Scenario,
  ports: HeadlessPorts,
  tell: (event: RunEvent) => void,
): Promise<ScenarioReport> {
  const room = await watchRoom(ports);
  const record = openStage(scenario.name, ports, tell, room.lost);
  const { stage } = record;
  let before: Holdings | null = null;
  try {
    if (room.full().length === 0) {
      before = await stage.waitFor("a quiet cluster with all its nodes", () => quietHoldings(ports));
      await scenario.run(stage);
    }
  } catch (error) {
    if (room.full().length === 0) stage.expect("the scenario runs to its end", false, errorText(error));
  }
  room.end();
  const full = room.full();
  if (full.length > 0) {
    stage.expect("every node has room on its disk", false, full.join("; "));
  } else if (before !== null) {
    await expectQuietEnd(record, ports, before);
  }
  const judgement = await ports.judge();
  stage.expect("the protocol allows every step that was seen", judgement.ok, judgement.detail);
  // What a killed node had counted is gone with it: nothing is waited for here.
  const transactions = await record.transactionReports();
  const ok = record.expectations.every((expectation) => expectation.ok);
  return { name: scenario.name, ok, expectations: record.expectations, transactions };
}

/** What must hold after every scenario. */
async function expectQuietEnd(record: StageRecord, ports: HeadlessPorts, before: Holdings): Promise<void> {
  const { stage } = record;
  try {
    const after = await stage.waitFor("the end of all transactions", () => quietHoldings(ports));
    stage.expect("nothing is unfinished, in doubt, reserved or pending", true);
    const committed = record.answers.filter(isFirstCommit).flatMap(({ operations }) => operations);
    const differences = unexplained(before, after, committed, ports.cast);
    stage.expect(
      "stock and money are conserved: exactly what committed has moved",
      differences.length === 0,
      differences.join("; "),
    );
    const { posted, pending } = trialBalance(after.accounts);
    stage.expect(
      "the trial balance is zero",
      posted === 0n && pending === 0n,
      `${posted} posted, ${pending} pending`,
    );
    const violations = await violationsOf(ports);
    stage.expect(
      "every node finds its own invariants intact",
      violations.length === 0,
      violations.join("; "),
    );
  } catch (error) {
    const held = await stage.holdings().then(heldBack, () => []);
    stage.expect(
      "nothing is unfinished, in doubt, reserved or pending",
      false,
      [errorText(error), ...held].join("; "),
    );
  }
}

/** A request that was sent twice moved its goods once. */
function isFirstCommit(
  answer: StageRecord["answers"][number],
  index: number,
  all: StageRecord["answers"],
): boolean {
  const { outcome, requestId } = answer.outcome;
  if (outcome !== "committed") return false;
  return (
    all.findIndex((other) => other.outcome.outcome === outcome && other.outcome.requestId === requestId) ===
    index
  );
}

async function quietHoldings(ports: HeadlessPorts): Promise<Holdings | null> {
  const { cast, query } = ports;
  const names = [cast.coordinator, cast.warehouse, cast.ledger];
  const nodes = await Promise.all(names.map((name) => query.node(name)));
  if (nodes.some((node) => node.unfinished > 0 || node.inDoubt > 0)) return null;
  const coordinator = nodes[0];
  const isJoined = (name: string): boolean =>
    coordinator?.peers.some((peer) => peer.name === name && peer.connected) ?? false;
  if (!isJoined(cast.warehouse) || !isJoined(cast.ledger)) return null;
  const [stock, money] = await Promise.all([query.rows(cast.warehouse), query.rows(cast.ledger)]);
  if (stock?.kind !== "warehouse" || money?.kind !== "ledger") return null;
  const holdings = { items: stock.items, accounts: money.accounts };
  return heldBack(holdings).length === 0 ? holdings : null;
}

async function violationsOf({ cast, query }: HeadlessPorts): Promise<readonly string[]> {
  const names = [cast.coordinator, cast.warehouse, cast.ledger];
  const nodes = await Promise.all(names.map((name) => query.node(name)));
  return nodes.flatMap((node) => node.violations.map((text) => `${node.name}: ${text}`));
}

function errorText(error: unknown): string {
  if (error instanceof TpcError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
