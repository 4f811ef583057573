import { readFileSync } from "node:fs";
import { createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { coreModel } from "../../src/sim/core-model/core-model.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../src/sim/core-model/options.ts";
import { explore } from "../../src/sim/explore/explorer.ts";
import { play } from "../../src/sim/world/play.ts";
import { createWorld } from "../../src/sim/world/world.ts";
import { pathOf, STORIES } from "../conform/stories.ts";
import { heal, NODES, runSchedule } from "../random/schedule.ts";

/** Looks for something wrong with the program; returns what it is, by name, or null. */
export interface Catcher {
  readonly name: string;
  run(): string | null;
}

const SEEDS = 60;
/** In one of the stories a disk breaks its word, which is its point. */
const HONEST = STORIES.filter((story) => story !== "log-lost-before-commit.txt");

const explorer = (what: string, options: Partial<CoreModelOptions>, statesMax = 200_000): Catcher => ({
  name: `explorer: ${what}`,
  run() {
    const model = coreModel({ ...SMALL_CLUSTER, crashesMax: 0, ...options });
    const [violation] = explore(model, { statesMax }).violations;
    return violation ? `${violation.invariant} (${violation.trace.length} steps)` : null;
  },
});

/** All of them, the cheapest first. */
export const CATCHERS: readonly Catcher[] = [
  {
    name: "golden traces",
    run() {
      for (const story of STORIES) {
        const text = readFileSync(pathOf(story), "utf8");
        if (attempt(() => play(text)) !== text) return story;
      }
      return null;
    },
  },
  {
    name: "conformance",
    run() {
      for (const story of HONEST) {
        const world = createWorld();
        attempt(() => play(readFileSync(pathOf(story), "utf8"), world));
        const found = brokenRule(world.updates());
        if (found) return `${found} (${story})`;
      }
      return null;
    },
  },
  explorer("one participant alone decides", { participants: 1, refusals: ["no", "busy"], mayFail: true }),
  explorer("one alone decides, a crash", { participants: 1, refusals: ["no"], crashesMax: 1 }),
  explorer("a checkpoint and a crash", {
    participants: 1,
    refusals: ["no"],
    crashesMax: 1,
    checkpointsMax: 1,
  }),
  explorer("one only reads", { readers: 1, refusals: ["no", "busy"], mayFail: true }),
  explorer("all vote yes", {}),
  {
    name: "random worlds",
    run() {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const found = brokenWorld(seed);
        if (found) return `seed ${seed}: ${found}`;
      }
      return null;
    },
  },
  explorer("anybody may refuse", { refusals: ["no", "busy"], mayFail: true }),
  explorer("a crash at every point", { refusals: ["no"], crashesMax: 1 }, 150_000),
];

function brokenWorld(seed: number): string | null {
  const world = createWorld();
  try {
    runSchedule(world, seed);
    heal(world);
  } catch (error) {
    return String(error);
  }
  const unrest = NODES.flatMap((name) => {
    const view = world.view(name);
    if (!view) return [`${name} is down`];
    const { unfinished, inDoubt, alarms, violations } = view;
    return unfinished + inDoubt === 0 && alarms.length + violations.length === 0
      ? []
      : [[name, `${unfinished} unfinished`, `${inDoubt} in doubt`, ...alarms, ...violations].join(", ")];
  });
  return brokenRule(world.updates()) ?? unrest[0] ?? null;
}

function brokenRule(updates: readonly WatchUpdate[]): string | null {
  const monitor = createMonitor();
  for (const update of updates) hearUpdate(monitor, update);
  return monitor.result().violation?.rule ?? null;
}

/** What a broken program throws ends the story there. */
function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}
