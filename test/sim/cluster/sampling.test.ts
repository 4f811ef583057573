import { expect, test } from "vitest";
import { settle } from "../../../src/cli/settle.ts";
import { isInSample } from "../../../src/core/sample.ts";
import type { NodeEvent } from "../../../src/schema/events.ts";
import type { TransactionId } from "../../../src/schema/ids.ts";
import type { Tally } from "../../../src/schema/tally.ts";
import type { TransactionView } from "../../../src/schema/views.ts";
import { simulateSeed } from "../../../src/sim/cluster/simulate.ts";

// Goal: whatever happens in a cluster, who is told a share is told the same transactions by all nodes, each of them whole, and
// every other one that takes long; and the figures say how many there were.

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const ONE_IN = 4;
/** Longer than a second, and than what may pass until it is looked after. */
const LONG_MS = 2_000;

interface Heard {
  readonly events: NodeEvent[];
  /** By node, run and transaction: the last view. */
  readonly views: Map<string, { readonly run: string; readonly view: TransactionView }>;
  /** By node and run: the last one. */
  readonly tallies: Map<string, Tally>;
  /** By node and run: a store that is lost begins at the first run anew. */
  readonly stores: Map<string, Set<string>>;
}

async function hear(seed: number, oneIn?: number): Promise<Heard> {
  const heard: Heard = { events: [], views: new Map(), tallies: new Map(), stores: new Map() };
  const see = (run: string, view: TransactionView) =>
    heard.views.set(`${run} ${view.role} ${view.transactionId}`, { run, view });
  await simulateSeed(seed, {
    settle,
    onlooker: {
      ...(oneIn !== undefined && { oneIn }),
      update(message) {
        if (message.type === "tally") {
          heard.tallies.set(`${message.tally.node} ${message.tally.epoch}`, message.tally);
        } else if (message.type === "snapshot") {
          const { node, transactions } = message.snapshot;
          const run = `${node.name} ${node.epoch}`;
          heard.stores.set(run, (heard.stores.get(run) ?? new Set()).add(node.storeId));
          for (const view of transactions) see(run, view);
        } else {
          heard.events.push(...message.events);
          for (const { node, epoch, body } of message.events) {
            if (body.type === "transaction-changed") see(`${node} ${epoch}`, body.view);
          }
        }
      },
      say: () => {},
    },
  });
  return heard;
}

function storyOf({ events }: Heard, id: TransactionId): string[] {
  return events.flatMap(({ node, epoch, transactionId, atMs, body }) =>
    transactionId === id ? [`${atMs} ${node} ${epoch} ${JSON.stringify(body)}`] : [],
  );
}

test(`the share of ${SEEDS.length} simulated clusters`, { timeout: 60_000 }, async () => {
  let whole = 0;
  let long = 0;
  let counted = 0;
  for (const seed of SEEDS) {
    const all = await hear(seed);
    const share = await hear(seed, ONE_IN);
    const ids = new Set(all.events.flatMap(({ transactionId }) => transactionId ?? []));
    for (const id of ids) {
      if (!isInSample(id, ONE_IN)) continue;
      expect(storyOf(share, id), `seed ${seed}, ${id}`).toEqual(storyOf(all, id));
      whole += 1;
    }
    for (const [key, { view }] of all.views) {
      if (view.endedAtMs === null || view.endedAtMs - view.startedAtMs < LONG_MS) continue;
      // An ack that is sent once more, long after the end, is news of no transaction.
      const { counts: _, ...ended } = view;
      expect(share.views.get(key)?.view, `seed ${seed}, ${key}`).toMatchObject(ended);
      long += 1;
    }
    for (const [run, tally] of share.tallies) {
      const isOver = all.events.some(({ node, epoch }) => node === tally.node && epoch > tally.epoch);
      if (isOver || share.stores.get(run)?.size !== 1) continue;
      const ended = [...all.views.values()].filter(
        (each) => each.run === run && each.view.role === "coordinator" && each.view.endedAtMs !== null,
      );
      expect(tally.committed + tally.aborted, `seed ${seed}, ${run}`).toBe(ended.length);
      counted += ended.length;
    }
  }
  expect(Math.min(whole, long, counted)).toBeGreaterThan(20);
});
