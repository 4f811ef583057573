import { makeImage } from "../../core/image.ts";
import type { NodeState } from "../../core/node-state.ts";
import type { Process } from "./process.ts";
import { tokenFaults } from "./token-faults.ts";

/** What is unfinished at a process although the cluster is at rest, in words. */
export function unfinishedAt(process: Process): string[] {
  const { name, node, tokens, begins, crashes, told } = process;
  if (!node) return [`${name} is down`];
  const { coordinator, participant } = node;
  const open = [...coordinator.transactions].map(([id, { phase }]) => `${id} is ${phase}`);
  const waiting = [...coordinator.requests].map(([id, { phase }]) => `request ${id} is ${phase}`);
  const held = [...participant.transactions].flatMap(([id, state]) => {
    const isOver = ["committed", "aborted", "read-only"].includes(state.phase);
    const isEnded = state.phase === "heuristic" && state.step === "ended";
    return isOver || isEnded ? [] : [`${id} is ${state.phase}`];
  });
  const locks = tokens.held === 0 ? [] : [`${tokens.held} held`];
  const silent = begins > 0 && crashes === 0 && told.length === 0 ? ["its client was told nothing"] : [];
  return [...open, ...waiting, ...held, ...locks, ...silent, ...tokenFaults(process)].map(
    (what) => `${name}: ${what}`,
  );
}

/** What is left in the tables of a process, and in its next checkpoint, that nothing needs any more. */
export function leftoversAt({ name, node }: Process): string[] {
  if (!node) return [];
  return [...roundsOf(node), ...imageOf(node)].map((what) => `${name}: ${what}`);
}

function roundsOf({ coordinator, participant }: NodeState): string[] {
  const tables = {
    "what may be preparing": coordinator.preparing.length,
    "resend rounds": coordinator.resendRounds.size,
    "what is overdue": sizeOf(coordinator.overdue),
    "inquiry rounds": participant.inquiryRounds.size,
    "what was in doubt": sizeOf(participant.longInDoubt),
  };
  return Object.entries(tables).flatMap(([what, size]) => (size === 0 ? [] : [`${what}: ${size}`]));
}

function imageOf(node: NodeState): string[] {
  const { commits, prepared, heuristics } = makeImage(node, () => null);
  // What was settled by hand keeps its prepared record beside it.
  const ended = heuristics.filter(({ end }) => end !== null).length;
  const open = commits.length + prepared.length - ended;
  return open === 0 ? [] : [`a checkpoint carries ${open} that are not finished`];
}

/**
 * What a participant still knows of transactions of the client's request, once newer ones have raised the floors: only
 * what an operator has settled, for whose decision may yet come.
 */
export function remembersAt({ name, node }: Process, requestId: string): string[] {
  if (!node) return [];
  const { transactions, finished } = node.participant;
  const kept = [...transactions].flatMap(([id, { phase, job }]) => {
    const isNewer = job !== null && job.requestId !== requestId;
    return isNewer || phase === "heuristic" ? [] : [`${id} is kept, ${phase}`];
  });
  const listed = [...finished.values()].flatMap((ids) =>
    [...ids.keys()].filter((id) => !transactions.has(id)).map((id) => `${id} is listed and not kept`),
  );
  return [...kept, ...listed].map((what) => `${name}: ${what}`);
}

function sizeOf(tables: ReadonlyMap<unknown, { readonly size: number }>): number {
  let size = 0;
  for (const table of tables.values()) size += table.size;
  return size;
}
