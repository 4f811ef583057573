import { expect } from "vitest";
import { type Holdings, imbalances } from "../../src/headless/conservation.ts";
import { until } from "../crash-matrix/cluster.ts";
import { CAST, NAMES, type StormNodes } from "./nodes.ts";
import type { Answered } from "./orders.ts";

const REST_MS = 30_000;
const ASKED_AGAIN = 200;
const OVER: ReadonlySet<string> = new Set(["forgotten", "committed", "aborted", "read-only"]);

/** Resolves when all nodes are up and none has anything unfinished or in doubt. */
export async function comeToRest(nodes: StormNodes): Promise<void> {
  await until(
    "a cluster at rest",
    async () => {
      const views = await Promise.all(NAMES.map((name) => nodes.view(name)));
      return views.every((view) => view?.unfinished === 0 && view.inDoubt === 0) ? true : null;
    },
    REST_MS,
  );
}

/** What warehouse and ledger keep now. */
export async function holdings(nodes: StormNodes): Promise<Holdings> {
  const stock = await nodes.ask(CAST.warehouse, (client) => client.rows());
  const books = await nodes.ask(CAST.ledger, (client) => client.rows());
  if (stock?.kind !== "warehouse" || books?.kind !== "ledger") throw new Error("the rows are missing");
  return { items: stock.items, accounts: books.accounts };
}

/** Every transaction has ended at every node, and nobody complains. */
export async function checkRest(nodes: StormNodes): Promise<void> {
  await comeToRest(nodes);
  for (const name of NAMES) {
    const view = await nodes.view(name);
    expect({ name, violations: view?.violations, alarms: view?.alarms }).toEqual({
      name,
      violations: [],
      alarms: [],
    });
    const open = (await nodes.transactions(name)).filter(({ phase }) => !OVER.has(phase));
    expect(open, `open at ${name}`).toEqual([]);
  }
}

/** Stock, money and the list of committed orders agree, and sending orders again changes nothing. */
export async function checkBank(
  nodes: StormNodes,
  before: Holdings,
  answers: readonly Answered[],
): Promise<void> {
  const committed = answers.filter(({ outcome }) => outcome.outcome === "committed");
  const operations = committed.flatMap((answer) => answer.operations);
  const wrong = async () => imbalances(before, await holdings(nodes), operations, CAST);
  expect(answers.filter(({ outcome }) => outcome.outcome === "unknown")).toEqual([]);
  expect(await wrong()).toEqual([]);
  for (const { requestId, issuedAtMs, operations: asked, outcome } of committed.slice(-ASKED_AGAIN)) {
    const again = { requestId, issuedAtMs, operations: asked, timeoutMs: 10_000, via: CAST.ledger };
    const { transactionId, outcome: told } = await nodes.operator.submit(again);
    expect({ requestId, transactionId, told }).toEqual({
      requestId,
      transactionId: outcome.transactionId,
      told: "committed",
    });
  }
  await comeToRest(nodes);
  expect(await wrong(), "after asking again").toEqual([]);
}
