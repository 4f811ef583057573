import type { NodeName } from "../../src/schema/ids.ts";
import { createChance } from "../../src/sim/cluster/chance.ts";
import type { StormNodes } from "./nodes.ts";

/** What the storm has done so far. */
export interface Damage {
  kills: number;
  killsWhileStarting: number;
  stops: number;
  /** The most nodes that were down or stopped at once. */
  downAtOnce: number;
}

export interface Weather {
  readonly nodes: StormNodes;
  /** Each node has its own sequence of choices from it, whatever the others do. */
  readonly seed: number;
  /** SIGKILLs in all. */
  readonly kills: number;
  /** Longest SIGSTOP, in milliseconds. */
  readonly stopMsMax: number;
  /** Longest time between a start and the next kill of one node, in milliseconds. */
  readonly upMsMax: number;
}

export const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

/** Kills and stops all three nodes, each at its own random moments, until there were enough kills; leaves them running. */
export async function rage(weather: Weather, names: readonly NodeName[], damage: Damage): Promise<void> {
  const down = new Set<NodeName>();
  const mark = (name: NodeName): void => {
    down.add(name);
    damage.downAtOnce = Math.max(damage.downAtOnce, down.size);
  };
  await Promise.all(
    names.map(async (name) => {
      const random = createChance(weather.seed).split(name).next;
      while (damage.kills < weather.kills) {
        await pause(random() ** 2 * weather.upMsMax);
        mark(name);
        if (random() < 0.03) await stopForAWhile(weather, name, random, damage);
        else await strike(weather.nodes, name, random, damage);
        down.delete(name);
      }
    }),
  );
}

async function strike(
  nodes: StormNodes,
  name: NodeName,
  random: () => number,
  damage: Damage,
): Promise<void> {
  await killOnce(nodes, name, damage);
  if (random() < 0.2) await pause(random() * 1_000);
  while (random() < 0.25) {
    const start = nodes.cluster.restart(name).then(
      () => true,
      () => false,
    );
    await pause(random() * 350);
    await killOnce(nodes, name, damage);
    if (!(await start)) damage.killsWhileStarting += 1;
  }
  await nodes.revive(name);
}

/** Counts only what was there to be killed: a start may not have got as far as a process. */
async function killOnce({ cluster }: StormNodes, name: NodeName, damage: Damage): Promise<void> {
  const pid = cluster.processes().find((process) => process.name === name)?.pid;
  if (typeof pid !== "number") return;
  await cluster.kill(name);
  damage.kills += 1;
}

/** Stopped processes keep their sockets; half of them are killed before they wake. */
async function stopForAWhile(
  { nodes, stopMsMax }: Weather,
  name: NodeName,
  random: () => number,
  damage: Damage,
): Promise<void> {
  nodes.signal(name, "SIGSTOP");
  damage.stops += 1;
  await pause(200 + random() ** 2 * stopMsMax);
  if (random() < 0.5) nodes.signal(name, "SIGCONT");
  else await strike(nodes, name, random, damage);
}
