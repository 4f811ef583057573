import { isBelow, parseTransactionId } from "../../core/ids.ts";
import { makeImage } from "../../core/image.ts";
import type { NodeState } from "../../core/node-state.ts";
import { storedPages } from "../../core/packed-requests.ts";
import { allRequests } from "../../core/participant-requests.ts";
import type { Written } from "./books.ts";
import { type Replayed, replay } from "./replay.ts";
import type { Report } from "./violations.ts";
import type { Run } from "./witness.ts";

/**
 * A checkpoint that is taken anywhere in a log, and the records after it, make what all the records make (I9). It is
 * taken at another place each time.
 */
export function checkCut(run: Run, written: readonly Written[], whole: Replayed, report: Report): void {
  if (written.length === 0) return;
  const cut = 1 + ((run.epoch * STRIDE) % written.length);
  const { state, resource } = replay(run, written.slice(0, cut));
  const image = { node: makeImage(state, () => null), resource: resource?.image() ?? null };
  const throughSeq = written[cut - 1]?.seq ?? 0;
  const pages = storedPages(state.participant.requests.packed);
  const checkpoint = { image: JSON.parse(JSON.stringify(image)), pages, throughSeq };
  const is = tablesOf(replay(run, written.slice(cut), checkpoint));
  const should = tablesOf(whole);
  const table = Object.keys(should).find((each) => is[each] !== should[each]);
  if (table === undefined) return;
  const found = `its ${table} are ${is[table]}, and its records make ${should[table]}`;
  report("I9", `${run.name}: after a checkpoint at ${throughSeq} ${found}`);
}

/** Any number will do that shares no factor with the usual lengths of logs. */
const STRIDE = 7_919;

/**
 * What counts from here on, as text. Of what is finished only the outcome does: its work and its peers are in the past. Once the
 * floor has passed it nothing does: it leaves when it comes to the front of those that are finished, or with a checkpoint.
 */
function tablesOf({ state, resource }: Replayed): Readonly<Record<string, string>> {
  const { coordinator, participant } = state;
  const finished = nonEmpty(withoutPassed(participant));
  const kept = new Set(finished.flatMap(([, table]) => table.map(([id]) => id)));
  const entries: unknown[] = [];
  for (const [id, each] of participant.transactions) {
    if (each.phase !== "committed" && each.phase !== "aborted") entries.push([id, each]);
    else if (kept.has(id)) entries.push([id, each.phase]);
  }
  const settled = [...coordinator.settled].map(([id, { phase, digest }]) => [id, phase, digest]);
  return {
    transactions: textOf(coordinator.transactions),
    requests: textOf(settled),
    entries: textOf(entries),
    held: textOf(allRequests(state)),
    finished: textOf(finished),
    resource: JSON.stringify(resource?.image() ?? null),
  };
}

function withoutPassed({ finished, floors }: NodeState["participant"]) {
  return [...finished].map(([nodeId, ids]) => {
    const floor = floors.get(nodeId);
    const kept = [...ids].filter(([id]) => floor === undefined || !isBelow(parseTransactionId(id), floor));
    return [nodeId, new Map(kept)] as const;
  });
}

function nonEmpty<Key, Value>(tables: Iterable<readonly [Key, Iterable<Value> & { readonly size: number }]>) {
  return [...tables]
    .filter(([, table]) => table.size > 0)
    .map(([key, table]) => [key, [...table].sort()] as const);
}

function textOf(entries: Iterable<unknown>): string {
  return JSON.stringify([...entries].map((entry) => JSON.stringify(entry)).sort());
}
