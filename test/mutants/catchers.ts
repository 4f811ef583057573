import { readFileSync } from "node:fs";
import { createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { GUARDS as EXPLORER_GUARDS } from "../../src/sim/core-model/guards.ts";
import { PROMISES, type PromiseNumber } from "../../src/sim/promises.ts";
import { play } from "../../src/sim/world/play.ts";
import { createWorld } from "../../src/sim/world/world.ts";
import { pathOf, STORIES } from "../conform/stories.ts";
import type { Catcher } from "./catcher.ts";
import { EXPLORERS, explorerChecking, explorerHeeding } from "./explorer-catchers.ts";
import { simulator } from "./simulator-catcher.ts";

/** In one of the stories a disk breaks its word, which is its point. */
const HONEST = STORIES.filter((story) => story !== "log-lost-before-commit.txt");

/** All of them, the cheapest first. */
export const CATCHERS: readonly Catcher[] = [
  {
    name: "golden traces",
    async run(storyFirst) {
      for (const story of beginningWith(STORIES, storyFirst)) {
        const text = readFileSync(pathOf(story), "utf8");
        if (attempt(() => play(text)) !== text) return story;
      }
      return null;
    },
  },
  {
    name: "conformance",
    async run(storyFirst) {
      for (const story of beginningWith(HONEST, storyFirst)) {
        const world = createWorld();
        attempt(() => play(readFileSync(pathOf(story), "utf8"), world));
        const found = brokenRule(world.updates());
        if (found) return `${found} (${story})`;
      }
      return null;
    },
  },
  ...EXPLORERS,
  simulator(),
];

/** Those that heed one promise or check alone: they show who guards it. */
export const HEEDING: readonly Catcher[] = [
  ...(Object.keys(PROMISES) as PromiseNumber[]).flatMap((promise) => [
    explorerHeeding(promise),
    simulator(promise),
  ]),
  ...Object.keys(EXPLORER_GUARDS).map(explorerChecking),
];

function beginningWith(stories: readonly string[], first: string | undefined): readonly string[] {
  const name = `${first}.txt`;
  return stories.includes(name) ? [name, ...stories.filter((story) => story !== name)] : stories;
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
