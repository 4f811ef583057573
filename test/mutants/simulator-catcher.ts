import { simulateSeed } from "../../src/sim/cluster/simulate.ts";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import type { Catcher } from "./catcher.ts";

/** The seeds from 1 on that it plays. */
const SEEDS = 60;
/** Every promise that can go on has gone on before the next turn of the event loop. */
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Seeded clusters of production nodes on simulated machines; where `heeds` is given, that promise alone is heeded. */
export function simulator(heeds?: PromiseNumber): Catcher {
  return {
    name: heeds === undefined ? "simulator" : `simulator heeding ${heeds}`,
    async run() {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const options = { settle, onlooker: null, ...(heeds && { heeds }) };
        const { violations } = await simulateSeed(seed, options);
        const [first] = violations;
        if (first) return `${first.invariant}: ${first.text} (seed ${seed})`;
      }
      return null;
    },
  };
}
