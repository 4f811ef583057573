import { expect, test } from "vitest";
import { createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import { simulateSeed } from "../../src/sim/cluster/simulate.ts";

// Goal: whatever happens in a simulated cluster – messages lost, doubled and late, processes killed, power lost, disks that
// refuse – every step that its nodes tell is one that the rules allow.

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

test(`every step of ${SEEDS.length} simulated clusters is allowed`, { timeout: 120_000 }, async () => {
  let judged = 0;
  for (const seed of SEEDS) {
    const monitor = createMonitor();
    await simulateSeed(seed, {
      settle: () => new Promise((resolve) => void setImmediate(resolve)),
      onlooker: {
        update: (update) => expect(hearUpdate(monitor, update), `seed ${seed}`).toBeNull(),
        say: () => {},
      },
    });
    const result = monitor.result();
    expect(result.violation, `2pc-console simulate --seed ${seed}`).toBeNull();
    judged += result.judged;
  }
  expect(judged).toBeGreaterThan(SEEDS.length * 100);
});
