import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Conformance, createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { play } from "../../src/sim/world/play.ts";
import { createWorld } from "../../src/sim/world/world.ts";

const folder = join(import.meta.dirname, "../golden/traces");

/** The golden traces, by file name. */
export const STORIES: readonly string[] = readdirSync(folder).sort();

export function pathOf(story: string): string {
  return join(folder, story);
}

/** What a watcher of the story hears. */
export function updatesOf(story: string): readonly WatchUpdate[] {
  const world = createWorld();
  play(readFileSync(pathOf(story), "utf8"), world);
  return world.updates();
}

/** Holds updates against the rules; throws where they do not hang together. */
export function conformanceOf(updates: readonly WatchUpdate[]): Conformance {
  const monitor = createMonitor();
  for (const update of updates) {
    const hole = hearUpdate(monitor, update);
    if (hole) throw new Error(hole.problem);
  }
  return monitor.result();
}
