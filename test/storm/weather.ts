import type { NodeName } from "../../src/schema/ids.ts";
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
  readonly random: () => number;
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
      while (damage.kills < weather.kills) {
        await pause(weather.random() ** 2 * weather.upMsMax);
        mark(name);
        if (weather.random() < 0.03) await stopForAWhile(weather, name, damage);
        else await strike(weather, name, damage);
        down.delete(name);
      }
    }),
  );
}

async function strike({ nodes, random }: Weather, name: NodeName, damage: Damage): Promise<void> {
  await nodes.cluster.kill(name);
  damage.kills += 1;
  if (random() < 0.2) await pause(random() * 1_000);
  while (random() < 0.25) {
    const start = nodes.cluster.restart(name).then(
      () => true,
      () => false,
    );
    await pause(random() * 350);
    await nodes.cluster.kill(name);
    damage.kills += 1;
    if (!(await start)) damage.killsWhileStarting += 1;
  }
  await nodes.revive(name);
}

/** Stopped processes keep their sockets; half of them are killed before they wake. */
async function stopForAWhile(weather: Weather, name: NodeName, damage: Damage): Promise<void> {
  const { nodes, random, stopMsMax } = weather;
  nodes.signal(name, "SIGSTOP");
  damage.stops += 1;
  await pause(200 + random() ** 2 * stopMsMax);
  if (random() < 0.5) nodes.signal(name, "SIGCONT");
  else await strike(weather, name, damage);
}
