import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

/** What ends an exploration that holds too much memory: what was asked for, or what Node gives a process at most. */
export type MemoryEnd = "--memory-max" | "the limit of Node's heap";

const MIB = 2 ** 20;
/** Of the machine's memory, or of what a container gives: what is left is for everybody else. */
const SHARE_OF_MACHINE = 0.75;
/** Of the heap's limit without what V8 counts in for new objects. It collects before that where it helps: what is held then is needed. */
const SHARE_OF_HEAP = 0.9;
const NEW_OBJECTS_BYTES = 192 * MIB;

/**
 * Tells whether an exploration must end for want of memory; null while it may go on. `maxMiB` is what the process may hold
 * of the machine's memory, in MiB; three quarters of it where it is left out. A process that went on to the limit
 * of its heap would be aborted by V8, and all that it has found lost.
 */
export function createMemoryGauge(maxMiB?: number): () => MemoryEnd | null {
  const machineBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const maxBytes = maxMiB === undefined ? machineBytes * SHARE_OF_MACHINE : maxMiB * MIB;
  return () => {
    if (process.memoryUsage.rss() >= maxBytes) return "--memory-max";
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return used >= (limit - NEW_OBJECTS_BYTES) * SHARE_OF_HEAP ? "the limit of Node's heap" : null;
  };
}

/** The most memory that the process has held so far, in MiB. */
export function memoryPeakMiB(): number {
  return Math.ceil(process.resourceUsage().maxRSS / 1_024);
}
