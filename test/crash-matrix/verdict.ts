import { parseTransactionId } from "../../src/core/ids.ts";
import { isRead } from "../../src/core/operations.ts";
import type { LogInspection } from "../../src/drivers/log-inspect.ts";
import { type Holdings, imbalances } from "../../src/headless/conservation.ts";
import { SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import type { NodeName, TransactionId } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import type { TransactionView } from "../../src/schema/views.ts";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import type { Sight } from "./by-commands.ts";

/** A request and what its client was told. */
export interface Asked {
  readonly requestId: string;
  readonly operations: readonly Operation[];
  readonly outcome: OutcomeMessage;
}

const CAST = {
  coordinator: "coordinator" as NodeName,
  warehouse: "warehouse" as NodeName,
  ledger: "ledger" as NodeName,
};
const OVER: ReadonlySet<string> = new Set(["forgotten", "committed", "aborted", "heuristic", "read-only"]);

/** The orders that have changed something. */
export function committedOf(asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(
    ({ operations, outcome }) => outcome.outcome === "committed" && !operations.every(isRead),
  );
}

/** What is broken, with the promise that it breaks. */
export function broken(promise: PromiseNumber, texts: readonly string[]): string[] {
  return texts.map((text) => `${promise}: ${text}`);
}

/**
 * What a cluster at rest has broken, in words; empty when all holds. `starts` says how often each node came up. Without
 * `isSound`, after an operator has broken atomicity, balances, agreement and alarms are as they are.
 */
export function findFaults(
  sight: Sight,
  asked: readonly Asked[],
  starts: ReadonlyMap<string, number>,
  isSound: boolean,
): readonly string[] {
  const always = [
    ...brokenNodes(sight, starts),
    ...broken("I11", unended(sight)),
    ...broken("I9", [...damaged(sight), ...forgotten(sight)]),
    ...broken("I2", unfounded(sight)),
  ];
  if (!isSound) return always;
  const committed = committedOf(asked).flatMap(({ operations }) => operations);
  return [
    ...always,
    ...broken("I9", alarms(sight)),
    ...broken("I1", disagreements(sight)),
    ...brokenPromises(sight, asked),
    ...broken("I4", answeredOtherwise(sight, asked)),
    ...broken("I8", imbalances(SAMPLE, sight.holdings, committed, CAST)),
  ];
}

/** What new nodes keep. */
const SAMPLE: Holdings = {
  items: SAMPLE_ITEMS.map((item) => ({ ...item, reserved: "0", available: item.onHand })),
  accounts: SAMPLE_ACCOUNTS.map((account) => ({
    ...account,
    debitsPending: "0",
    creditsPending: "0",
    balance: "0",
  })),
};

/** Each node is up, its invariants hold, nothing is open, and each of its runs had an epoch of its own. */
function brokenNodes({ nodes }: Sight, starts: ReadonlyMap<string, number>): string[] {
  const missing = Object.values(CAST).filter((name) => !nodes.some((node) => node.name === name));
  const faults = nodes.flatMap(({ name, view }) => {
    if (view === null) return broken("I11", [`${name} is down`]);
    const { violations, unfinished, inDoubt, epoch } = view;
    const began = starts.get(name) ?? 0;
    return [
      ...broken(
        "I8",
        violations.map((text) => `${name}: ${text}`),
      ),
      ...broken("I11", unfinished > 0 ? [`${name} has ${unfinished} unfinished`] : []),
      ...broken("I11", inDoubt > 0 ? [`${name} has ${inDoubt} in doubt`] : []),
      ...broken("I15", epoch < began ? [`${name} is in run ${epoch} after ${began} starts`] : []),
    ];
  });
  const absent = missing.map((name) => `${name} is missing`);
  return [...broken("I11", absent), ...faults];
}

function alarms({ nodes }: Sight): string[] {
  return nodes.flatMap(({ name, view }) => (view?.alarms ?? []).map((text) => `${name}: alarm: ${text}`));
}

function unended({ transactions }: Sight): string[] {
  return Object.entries(transactions).flatMap(([name, views]) =>
    views
      .filter(({ phase }) => !OVER.has(phase))
      .map(({ transactionId, phase }) => `${name}: ${transactionId} is ${phase}`),
  );
}

/** How each transaction ended, at every node that remembers it. */
function outcomesOf({ transactions }: Sight): ReadonlyMap<TransactionId, readonly string[]> {
  const outcomes = new Map<TransactionId, string[]>();
  for (const view of Object.values(transactions).flat()) {
    const outcome = outcomeOf(view);
    if (outcome === null) continue;
    outcomes.set(view.transactionId, [...(outcomes.get(view.transactionId) ?? []), outcome]);
  }
  return outcomes;
}

function outcomeOf(view: TransactionView): string | null {
  if (view.role === "coordinator") return view.outcome;
  return view.phase === "committed" || view.phase === "aborted" ? view.phase : null;
}

function disagreements(sight: Sight): string[] {
  return [...outcomesOf(sight)]
    .filter(([, outcomes]) => new Set(outcomes).size > 1)
    .map(([transactionId, outcomes]) => `${transactionId} is ${outcomes.join(" and ")}`);
}

/** Clients were told an outcome, and no node says another. */
function brokenPromises(sight: Sight, asked: readonly Asked[]): string[] {
  const outcomes = outcomesOf(sight);
  return asked.flatMap(({ requestId, outcome: told }) => {
    if (told.outcome === "unknown") return broken("I11", [`nobody told the outcome of ${requestId}`]);
    const others = told.transactionId === null ? [] : (outcomes.get(told.transactionId) ?? []);
    const other = others.find((outcome) => outcome !== told.outcome);
    if (other === undefined) return [];
    const promise = told.outcome === "committed" ? "I5" : "I4";
    return broken(promise, [`${requestId} was told ${told.outcome} and is ${other}`]);
  });
}

/** An order that was sent again was told what it was told before. */
function answeredOtherwise({ again }: Sight, asked: readonly Asked[]): string[] {
  const before = committedOf(asked).slice(-again.length || asked.length);
  return again.flatMap(({ transactionId, outcome }, index) => {
    const first = before[index];
    if (outcome === "committed" && transactionId === first?.outcome.transactionId) return [];
    const was = `${first?.outcome.outcome} by ${first?.outcome.transactionId}`;
    return [`${first?.requestId} was ${was}, and is ${outcome} by ${transactionId} when sent again`];
  });
}

function damaged({ logs }: Sight): string[] {
  return Object.entries(logs).flatMap(([name, { report }]) =>
    report.ok ? [] : [`the log of ${name}: ${report.summary}`],
  );
}

/** A log from which a checkpoint has removed nothing yet. */
function isWhole(log: LogInspection | undefined): log is LogInspection {
  return log?.entries[0]?.seq === 1;
}

const ENDINGS: ReadonlySet<string> = new Set(["committed", "aborted", "heuristic"]);

/** Nothing is in doubt any more: what a log has promised it also ends, or a recovery has not taken it up. */
function forgotten({ logs }: Sight): string[] {
  return Object.entries(logs).flatMap(([name, { entries }]) => {
    const open = new Set<TransactionId>();
    for (const { record } of entries) {
      if (record?.type === "prepared") open.add(record.transactionId);
      else if (record && "transactionId" in record && ENDINGS.has(record.type))
        open.delete(record.transactionId);
    }
    return [...open].map((transactionId) => `${name} prepared ${transactionId}, and its log never ends it`);
  });
}

/** A commit in a log rests on what must have been on disk before it. */
function unfounded({ logs }: Sight): string[] {
  return Object.entries(logs).flatMap(([name, log]) => unfoundedIn(name, log, logs));
}

function unfoundedIn(name: string, log: LogInspection, logs: Sight["logs"]): string[] {
  if (!isWhole(log)) return [];
  const prepared = new Set<TransactionId>();
  const baseless: string[] = [];
  for (const { record, seq } of log.entries) {
    if (record?.type === "prepared") prepared.add(record.transactionId);
    if (record?.type === "committed" && record.onePhase === null) {
      const { transactionId } = record;
      if (!prepared.has(transactionId))
        baseless.push(`${name} committed ${transactionId} at ${seq} unprepared`);
      const decider = logs[parseTransactionId(transactionId).coordinatorName];
      const isDecided = decider?.entries.some(
        (entry) => entry.record?.type === "commit" && entry.record.transactionId === transactionId,
      );
      if (isWhole(decider) && !isDecided)
        baseless.push(`${name} committed ${transactionId} without a decision`);
    }
    if (record?.type === "commit") baseless.push(...unvoted(record, logs));
  }
  return baseless;
}

/** A commit record names where each voter's `prepared` stands: it must stand there. */
function unvoted(
  {
    transactionId,
    voters,
  }: Extract<NonNullable<LogInspection["entries"][number]["record"]>, { type: "commit" }>,
  logs: Sight["logs"],
): string[] {
  return voters.flatMap(({ name, preparedAt }) => {
    const log = logs[name];
    if (!isWhole(log) || log.report.storeId !== preparedAt.storeId) return [];
    const found = log.entries.find(({ seq }) => seq === preparedAt.seq)?.record;
    if (found?.type === "prepared" && found.transactionId === transactionId) return [];
    return [`${transactionId} is committed, and ${name} has no prepared of it at ${preparedAt.seq}`];
  });
}
