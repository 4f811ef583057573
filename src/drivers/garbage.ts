import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** The most that the young generation may hold before it is collected, in bytes. */
const YOUNG_BYTES_MAX = 16 * 1024 * 1024;
/** What is made to let it grow, at most: 32 MiB in arrays of 32 KiB. */
const ARRAYS_MAX = 1_024;
const ARRAY_LENGTH = 4_096;

/**
 * Fits the garbage collector to a process that has neighbours on its machine and a loop that shall not stand still.
 *
 * What it gives to other threads for a few milliseconds waits there for a core that a neighbour has, and the node waits for it: so
 * the young generation is collected on one thread. And as a node keeps every transaction for a while, much of it is alive then and
 * is copied: so it is collected before it has grown to the 32 MiB that it would grow to.
 *
 * What outlived a few collections at one place of the program, V8 makes among the old from then on. A transaction is short-lived as
 * soon as there are many of them, but it has been decided by then: everything that it refers to would stay until all is collected.
 *
 * And where little grows old V8 lets the old grow by a tenth before it collects all of it, several times a second then. It may grow
 * to four times what was left, which is the most that V8 ever lets it.
 */
export function fitGarbageCollector(): void {
  setFlagsFromString("--no-parallel-scavenge");
  setFlagsFromString("--no-allocation-site-pretenuring");
  setFlagsFromString("--heap-growing-percent=300");
  growYoung();
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** It grows when much of it is alive. Mostly the program has made it so by the time that it is loaded. */
function growYoung(): void {
  setFlagsFromString(`--semi-space-growth-factor=${growthLeft()}`);
  const alive: number[][] = [];
  while (growthLeft() > 1 && alive.length < ARRAYS_MAX)
    alive.push(Array.from({ length: ARRAY_LENGTH }, (_, at) => at + 0.5));
}

/** How many times what it may hold now, less what the pages themselves take, would be the most; 1 where it is. */
function growthLeft(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  if (young === undefined) return 1;
  const bytes = young.space_used_size + young.space_available_size;
  return Math.max(1, Math.floor(YOUNG_BYTES_MAX / bytes));
}
