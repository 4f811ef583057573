import type { Tally } from "../schema/tally.ts";
import type { Draft } from "./draft.ts";
import type { Model, NodeState } from "./model.ts";
import { isAway } from "./node-status.ts";
import { transactionStatus, unfinishedTransactions } from "./transaction.ts";

/** Takes in what a node has done since its last tally. The first one after a snapshot is what later ones are compared to. */
export function applyTally(draft: Draft, tally: Tally): void {
  const node = draft.node(tally.node);
  if (tally.epoch !== node.epoch || node.view === null) return;
  if (tally.oneIn > 1) {
    draft.untold("events", tally.atMs);
    draft.untold("transactions", tally.atMs);
  }
  const before = node.tally ?? tally;
  draft.tallied(tally.atMs, {
    events: Math.max(0, tally.events - before.events),
    committed: Math.max(0, tally.committed - before.committed),
    tookMs: Math.max(0, tally.tookMs - before.tookMs),
  });
  const { unfinished, inDoubt, forcedSeq } = tally;
  const { rows: _, ...figures } = tally;
  draft.setNode({ ...node, tally: figures, view: { ...node.view, unfinished, inDoubt, forcedSeq } });
  const { rows } = tally;
  if (rows?.kind === "warehouse") draft.setItems(tally.node, rows.items, false);
  else if (rows !== undefined) draft.setAccounts(tally.node, rows.accounts, false);
}

/** The share of the transactions that is told now, as `1 in n`; 1 where all are. */
export function toldOneIn(model: Model): number {
  let oneIn = 1;
  for (const { tally, link } of model.nodes.values()) {
    if (tally !== null && link === "connected") oneIn = Math.max(oneIn, tally.oneIn);
  }
  return oneIn;
}

/** Transactions that are not finished: as told, or where not all are, as counted by those who coordinate them. */
export function unfinishedCount(model: Model): number {
  const told = unfinishedTransactions(model).length;
  if (toldOneIn(model) === 1) return told;
  return Math.max(
    told,
    sumOf(model, "coordinator", ({ view }) => view?.unfinished ?? 0),
  );
}

/**
 * Transactions whose participants have to wait for a coordinator that cannot be reached: as told, or where not all are, and
 * one is away, as counted by the participant that has most of them.
 */
export function inDoubtCount(model: Model): number {
  const told = unfinishedTransactions(model).filter(
    (each) => transactionStatus(model, each) === "in-doubt",
  ).length;
  if (toldOneIn(model) === 1) return told;
  const isOneAway = [...model.nodes.values()].some(
    ({ name, kind }) => kind === "coordinator" && isAway(model, name),
  );
  if (!isOneAway) return told;
  return Math.max(told, ...[...model.nodes.values()].map(({ view }) => view?.inDoubt ?? 0));
}

function sumOf(model: Model, kind: NodeState["kind"], figure: (node: NodeState) => number): number {
  let sum = 0;
  for (const node of model.nodes.values())
    if (node.kind === kind && !isAway(model, node.name)) sum += figure(node);
  return sum;
}
