import { expect, test } from "vitest";
import { makeImage } from "../../src/core/image.ts";
import { makeNodeState, type NodeState } from "../../src/core/node-state.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import type { Resource } from "../../src/runtime/ports.ts";
import { recoverNode } from "../../src/runtime/recover.ts";
import type { NodeName, StoreId } from "../../src/schema/ids.ts";
import type { Written } from "../../src/sim/world/scripted-disk.ts";
import { createWorld } from "../../src/sim/world/world.ts";
import type { World } from "../../src/sim/world/world-commands.ts";
import { heal, NODES, PAIRS, runSchedule } from "./schedule.ts";

// A checkpoint and the records after it say what all the records say: for logs of random schedules, cut anywhere; and a
// cluster that checkpoints everywhere before it loses power ends as the one that does not.

const seeds = Array.from({ length: Number(process.env.SEEDS ?? 400) / 8 }, (_, index) => 1_000_001 + index);

test("an image and the rest of the log give the tables that the whole log gives", {
  timeout: 600_000,
}, () => {
  let prepared = 0;
  for (const seed of seeds) {
    const world = createWorld();
    runSchedule(world, seed);
    for (const name of NODES) {
      const log = world.logOf(name);
      const whole = recover(name, null, log);
      for (const cut of [0, seed % 7, seed % 31, Math.floor(log.length / 2), log.length]) {
        const before = recover(name, null, log.slice(0, cut));
        const image = {
          node: makeImage(before.node, () => null),
          resource: before.resource?.image() ?? null,
        };
        const restored = recover(name, JSON.parse(JSON.stringify(image)), log.slice(cut));
        expect(tablesOf(restored), `seed ${seed}, ${name}, cut at ${cut}`).toEqual(tablesOf(whole));
        prepared += before.node.participant.requests.size;
      }
    }
  }
  expect(prepared).toBeGreaterThan(seeds.length); // Empty logs would prove nothing.
});

test("checkpoints before a power cut change nothing that happens after it", { timeout: 600_000 }, () => {
  for (const seed of seeds) {
    const ends = [false, true].map((isCheckpointed) => {
      const world = createWorld();
      runSchedule(world, seed);
      for (const [one, other] of PAIRS) world.partition(one, other);
      for (const name of NODES) world.holdForce(name, false);
      restartAll(world);
      if (isCheckpointed) for (const name of NODES) world.checkpoint(name);
      restartAll(world);
      const atOnce = NODES.map((name) => world.rows(name));
      heal(world);
      return { atOnce, atLast: NODES.map((name) => world.rows(name)) };
    });
    expect(ends[1], `seed ${seed}`).toEqual(ends[0]);
  }
});

/** All lose power with everything written to their disks. */
function restartAll(world: World): void {
  for (const name of NODES) world.crash(name, Number.POSITIVE_INFINITY);
  for (const name of NODES) world.restart(name);
}

interface RecoveredNode {
  readonly node: NodeState;
  readonly resource: Resource | null;
}

function recover(name: string, image: unknown, records: readonly Written[]): RecoveredNode {
  const node = makeNodeState({
    self: { name: name as NodeName, url: "" },
    storeId: "000000000001" as StoreId,
    epoch: 99,
    settings: DEFAULT_SETTINGS,
    isParticipant: name !== "coordinator",
  });
  const resource =
    name === "coordinator"
      ? null
      : name === "ledger"
        ? createLedger(SAMPLE_ACCOUNTS)
        : createWarehouse(SAMPLE_ITEMS);
  recoverNode(node, resource, {
    epoch: 99,
    checkpoint: image === null ? null : { image, throughSeq: 0 },
    records,
    end: records.at(-1)?.lsn ?? { epoch: 98, seq: 0 },
    summary: "clean",
  });
  return { node, resource };
}

/** What counts from here on. Of what is finished only the outcome does: its work and its peers are in the past. */
function tablesOf({ node, resource }: RecoveredNode) {
  const { coordinator, participant } = node;
  const entries = [...participant.transactions].map(([id, state]) => {
    const isOver = state.phase === "committed" || state.phase === "aborted";
    return [id, isOver ? state.phase : state] as const;
  });
  // The run that reads the log adds itself, once when the prefix is read and once when the rest is.
  const runs = node.runStarts.filter(({ epoch }) => epoch !== 99);
  return {
    runs,
    coordinated: new Map(coordinator.transactions),
    awaiting: nonEmpty(coordinator.awaiting),
    settled: new Map(
      [...coordinator.requests].map(([id, { phase, digest }]) => [id, `${phase} ${digest}`] as const),
    ),
    entries: new Map(entries),
    requests: participant.requests,
    finished: nonEmpty(participant.finished),
    inDoubt: nonEmpty(participant.inDoubt),
    resource: resource?.image() ?? null,
  };
}

function nonEmpty<K, L, V>(tables: ReadonlyMap<K, ReadonlyMap<L, V>>) {
  return new Map([...tables].filter(([, table]) => table.size > 0));
}
