import { TpcError } from "../core/errors.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import type { TransactionView } from "../schema/views.ts";
import type { Holdings } from "./conservation.ts";
import { costDifferences, costText } from "./cost.ts";
import { chooseMarket } from "./market.ts";
import type { HeadlessPorts } from "./ports.ts";
import type { AnsweredTransaction, Expectation, RunEvent, TransactionReport } from "./report.ts";
import type { Stage } from "./scenario.ts";
import { reasonReport, settledViews, type TransactionViews, transactionReport } from "./settled.ts";

const SUBMIT_TIMEOUT_MS = 30_000;
const WAIT_TIMEOUT_MS = 20_000;
const POLL_MS = 15;
/** How many transactions of a node are searched for one that has just begun. */
const RECENT = 50;

/** A stage, and what the run keeps of the script that played on it. */
export interface StageRecord {
  readonly stage: Stage;
  readonly expectations: readonly Expectation[];
  readonly answers: readonly AnsweredRequest[];
  /** The transactions in the order of their first answer, each with its nodes' counts. */
  transactionReports(): Promise<readonly TransactionReport[]>;
}

export interface AnsweredRequest {
  readonly operations: readonly Operation[];
  readonly outcome: OutcomeMessage;
}

/** Makes the stage for one scenario. */
export function openStage(
  scenario: string,
  ports: HeadlessPorts,
  tell: (event: RunEvent) => void,
): StageRecord {
  const expectations: Expectation[] = [];
  const answers: AnsweredRequest[] = [];
  const waitFor = makeWaitFor(ports);

  function expect(text: string, ok: boolean, detail = ""): boolean {
    const expectation = { text, ok, detail };
    expectations.push(expectation);
    tell({ type: "expectation-checked", scenario, expectation });
    return ok;
  }

  const settle = (id: TransactionId): Promise<TransactionViews> =>
    waitFor(`the end of ${id} on all its nodes`, () => settledViews(ports.query, id));

  const stage: Stage = {
    cast: ports.cast,
    query: ports.query,
    newRequestId: ports.newRequestId,
    step: (text) => tell({ type: "step", scenario, text }),
    expect,
    waitFor,
    async submit(operations, options = {}) {
      const outcome = await ports.operator.submit({
        requestId: options.requestId ?? ports.newRequestId(),
        operations,
        timeoutMs: options.timeoutMs ?? SUBMIT_TIMEOUT_MS,
        ...(options.via === undefined ? {} : { via: options.via }),
      });
      answers.push({ operations, outcome });
      const { transactionId, requestId, outcome: ending, attempts, durationMs } = outcome;
      const transaction = { transactionId, requestId, outcome: ending, attempts, durationMs };
      tell({
        type: "transaction-answered",
        scenario,
        transaction: { ...transaction, reason: reasonReport(outcome) },
      });
      return outcome;
    },
    expectCommitted: (text, answer) => expect(text, answer.outcome === "committed", answerText(answer)),
    expectAborted: (text, answer, code, participant) =>
      expect(
        text,
        answer.outcome === "aborted" &&
          answer.reason?.code === code &&
          answer.reason.participant === participant,
        answerText(answer),
      ),
    async expectCost(answer, cost) {
      if (answer.transactionId === null) return expect(`cost: ${cost.text}`, false, "no transaction");
      const report = transactionReport(answer, await settle(answer.transactionId));
      const differences = costDifferences(report, cost, ports.cast);
      const detail =
        differences.length > 0 ? differences.join("; ") : `coordinator ${costText(cost.coordinator)}`;
      return expect(`cost as published: ${cost.text}`, differences.length === 0, detail);
    },
    holdings: () => readHoldings(ports),
    market: async () => chooseMarket(await readHoldings(ports)),
    arm: (node, fault, count = 1) => ports.operator.armFault(node, fault, count),
    async refused(node, requestId) {
      await waitFor(`a vote no at ${node}`, async () => {
        const views = await ports.query.transactions(node, RECENT);
        const isRefusal = (view: TransactionView): boolean =>
          view.role === "participant" && view.requestId === requestId && view.vote === "no";
        return views.find(isRefusal) ?? null;
      });
    },
    async crashed(node) {
      await waitFor(`the crash of ${node}`, async () => {
        const process = ports.cluster?.processes().find((view) => view.name === node);
        return process?.state === "down" ? process : null;
      });
    },
    async restart(node) {
      if (ports.cluster === null)
        throw new TpcError("TPC_USAGE", "no process of this cluster is supervised here");
      await ports.cluster.restart(node);
    },
    async settled(transactionId) {
      if (transactionId !== null) await settle(transactionId);
    },
  };

  return {
    stage,
    expectations,
    answers,
    async transactionReports() {
      const reports: TransactionReport[] = [];
      for (const { outcome } of firstAnswers(answers)) {
        const id = outcome.transactionId;
        reports.push(transactionReport(outcome, id === null ? null : await settle(id).catch(() => null)));
      }
      return reports;
    },
  };
}

/**
 * One answer a transaction: a request that was sent twice has two answers and one transaction, one that was refused
 * before anything began has none.
 */
function firstAnswers(answers: readonly AnsweredRequest[]): readonly AnsweredRequest[] {
  const seen = new Set<string>();
  return answers.filter(({ outcome }) => {
    if (outcome.transactionId === null && outcome.outcome === "aborted") return false;
    const key = outcome.transactionId ?? `request ${outcome.requestId}`;
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

function makeWaitFor(ports: HeadlessPorts): Stage["waitFor"] {
  return async (what, probe) => {
    const deadlineMs = ports.clock.nowMs() + WAIT_TIMEOUT_MS;
    for (;;) {
      const found = await probe().catch(() => null);
      if (found !== null) return found;
      if (ports.clock.nowMs() >= deadlineMs) {
        throw new TpcError("TPC_NODE_FAILED", `waited ${WAIT_TIMEOUT_MS} ms in vain for ${what}`);
      }
      await ports.clock.pause(POLL_MS);
    }
  };
}

async function readHoldings({ query, cast }: HeadlessPorts): Promise<Holdings> {
  const [stock, money] = await Promise.all([query.rows(cast.warehouse), query.rows(cast.ledger)]);
  return {
    items: stock?.kind === "warehouse" ? stock.items : [],
    accounts: money?.kind === "ledger" ? money.accounts : [],
  };
}

/** "committed" or "aborted: warehouse insufficient-stock: …". */
export function answerText(answer: Pick<AnsweredTransaction, "outcome" | "reason" | "attempts">): string {
  const tries = answer.attempts === 1 ? "" : ` after ${answer.attempts} attempts`;
  if (answer.reason === null) return `${answer.outcome}${tries}`;
  const { participant, code, message } = answer.reason;
  return `${answer.outcome}${tries}: ${participant ?? "coordinator"} ${code}: ${message}`;
}
