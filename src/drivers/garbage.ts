import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** The most that the young generation may hold before it is collected, in bytes. */
const YOUNG_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Fits the garbage collector to a process that has neighbours on its machine and a loop that shall not stand still.
 *
 * What it gives to other threads for a few milliseconds waits there for a core that a neighbour has, and the node waits for it: so
 * the young generation is collected on one thread. And as a node keeps every transaction for a while, much of it is alive then and
 * is copied: so it is collected before it has grown to the 32 MiB that it would grow to.
 */
export function fitGarbageCollector(): void {
  setFlagsFromString("--no-parallel-scavenge");
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < YOUNG_BYTES_MAX) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}

/** Half of the space is free for what is copied. */
function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return (young?.space_size ?? 0) / 2;
}
