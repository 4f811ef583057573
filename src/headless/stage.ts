import type { TransactionId } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import { costDifferences, costText } from "./cost.ts";
import type { HeadlessPorts } from "./ports.ts";
import type { AnsweredTransaction, Expectation, RunEvent, TransactionReport } from "./report.ts";
import type { Stage } from "./scenario.ts";
import { reasonReport, settledViews, type TransactionViews, transactionReport } from "./settled.ts";
import { clusterActions } from "./stage-actions.ts";
import { makeWaitFor } from "./wait.ts";

const SUBMIT_TIMEOUT_MS = 30_000;

/** A stage, and what the run keeps of the script that played on it. */
export interface StageRecord {
  readonly stage: Stage;
  readonly expectations: readonly Expectation[];
  readonly answers: readonly AnsweredRequest[];
  /** The transactions in the order of their first answer, each with its nodes' counts, on a cluster that has come to rest. */
  transactionReports(): Promise<readonly TransactionReport[]>;
}

export interface AnsweredRequest {
  readonly operations: readonly Operation[];
  readonly outcome: OutcomeMessage;
}

/** Makes the stage for one scenario. Orders and waits on it end when `lost` rejects, since they would be in vain. */
export function openStage(
  scenario: string,
  ports: HeadlessPorts,
  tell: (event: RunEvent) => void,
  lost: Promise<never>,
): StageRecord {
  const expectations: Expectation[] = [];
  const answers: AnsweredRequest[] = [];
  const ask = makeWaitFor(ports.clock);
  const waitFor: Stage["waitFor"] = (what, probe) => heard(Promise.race([ask(what, probe), lost]));
  const settle = (id: TransactionId): Promise<TransactionViews> =>
    waitFor(`the end of ${id} on all its nodes`, () => settledViews(ports.query, id));

  const expect: Stage["expect"] = (text, ok, detail = "") => {
    const expectation = { text, ok, detail };
    expectations.push(expectation);
    tell({ type: "expectation-checked", scenario, expectation });
    return ok;
  };

  const submit: Stage["submit"] = (operations, options) => heard(order(operations, options));
  const order: Stage["submit"] = async (operations, options = {}) => {
    const answer = ports.operator.submit({
      requestId: options.requestId ?? ports.newRequestId(),
      operations,
      timeoutMs: options.timeoutMs ?? SUBMIT_TIMEOUT_MS,
      isNew: options.requestId === undefined,
      ...(options.via === undefined ? {} : { via: options.via }),
    });
    const outcome = await Promise.race([answer, lost]);
    answers.push({ operations, outcome });
    tell({ type: "transaction-answered", scenario, transaction: answeredTransaction(outcome) });
    return outcome;
  };

  const stage: Stage = {
    ...clusterActions(ports, waitFor),
    cast: ports.cast,
    query: ports.query,
    newRequestId: ports.newRequestId,
    step: (text) => tell({ type: "step", scenario, text }),
    expect,
    submit,
    waitFor,
    expectCommitted: (text, answer) => expect(text, answer.outcome === "committed", answerText(answer)),
    expectAborted(text, { outcome, reason, attempts }, code, participant) {
      const isSo = outcome === "aborted" && reason?.code === code && reason.participant === participant;
      return expect(text, isSo, answerText({ outcome, reason, attempts }));
    },
    async expectCost(answer, cost) {
      const text = `cost as published: ${cost.text}`;
      if (answer.transactionId === null) return expect(text, false, "no transaction");
      const report = transactionReport(answer, await settle(answer.transactionId));
      const differences = costDifferences(report, cost, ports.cast);
      const detail =
        differences.length > 0 ? differences.join("; ") : `coordinator ${costText(cost.coordinator)}`;
      return expect(text, differences.length === 0, detail);
    },
    async settled(transactionId) {
      if (transactionId !== null) await settle(transactionId);
    },
  };

  const transactionReports = async (): Promise<readonly TransactionReport[]> => {
    const reports: TransactionReport[] = [];
    for (const { outcome } of firstAnswers(answers)) {
      const id = outcome.transactionId;
      reports.push(
        transactionReport(
          outcome,
          id === null ? null : await settledViews(ports.query, id).catch(() => null),
        ),
      );
    }
    return reports;
  };

  return { stage, expectations, answers, transactionReports };
}

/** All that a script waits for fails at once when the stage is lost: what it would have come to later needs no other ear. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
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

function answeredTransaction(message: OutcomeMessage): AnsweredTransaction {
  const { transactionId, requestId, outcome, attempts, durationMs } = message;
  return { transactionId, requestId, outcome, reason: reasonReport(message), attempts, durationMs };
}

/** "committed" or "aborted: warehouse insufficient-stock: …". */
export function answerText(answer: Pick<AnsweredTransaction, "outcome" | "reason" | "attempts">): string {
  const tries = answer.attempts === 1 ? "" : ` after ${answer.attempts} attempts`;
  if (answer.reason === null) return `${answer.outcome}${tries}`;
  const { participant, code, message } = answer.reason;
  return `${answer.outcome}${tries}: ${participant ?? "coordinator"} ${code}: ${message}`;
}
