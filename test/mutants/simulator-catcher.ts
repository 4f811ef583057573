import { settle, turnOfLoop } from "../../src/cli/settle.ts";
import { simulateSeed } from "../../src/sim/cluster/simulate.ts";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import type { Catcher } from "./catcher.ts";

/** The seeds from 1 on that it plays. */
const SEEDS = 60;

/** Seeded clusters of production nodes on simulated machines; where `heeds` is given, that promise alone is heeded. */
export function simulator(heeds?: PromiseNumber): Catcher {
  return {
    name: heeds === undefined ? "simulator" : `simulator heeding ${heeds}`,
    async run() {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const options = { settle, onlooker: null, ...(heeds && { heeds }) };
        const { violations } = await simulateSeed(seed, options);
        await turnOfLoop();
        const [first] = violations;
        if (first) return `${first.invariant}: ${first.text} (seed ${seed})`;
      }
      return null;
    },
  };
}
