import type { NodeFigures } from "../schema/views.ts";

/** What was spent between two looks. Memory and the longest stalls are those of the second. */
export function figuresBetween(before: NodeFigures, after: NodeFigures): NodeFigures {
  return combine(after, before, (one, other) => one - other, after);
}

/** What was spent in two stretches of the same node, one after the other. */
export function addFigures(one: NodeFigures | undefined, other: NodeFigures): NodeFigures {
  if (one === undefined) return other;
  const longestStallMs = Math.max(one.longestStallMs, other.longestStallMs);
  const longestStallCpuMs = Math.max(one.longestStallCpuMs, other.longestStallCpuMs);
  const peakMemoryMiB = Math.max(one.peakMemoryMiB, other.peakMemoryMiB);
  const { memoryMiB } = other;
  const levels = { longestStallMs, longestStallCpuMs, memoryMiB, peakMemoryMiB };
  return combine(one, other, (a, b) => a + b, levels);
}

function combine(
  one: NodeFigures,
  other: NodeFigures,
  by: (one: number, other: number) => number,
  levels: Pick<NodeFigures, "longestStallMs" | "longestStallCpuMs" | "memoryMiB" | "peakMemoryMiB">,
): NodeFigures {
  return {
    recordsAppended: by(one.recordsAppended, other.recordsAppended),
    recordsForced: by(one.recordsForced, other.recordsForced),
    syncs: by(one.syncs, other.syncs),
    bytesLogged: by(one.bytesLogged, other.bytesLogged),
    messages: by(one.messages, other.messages),
    frames: by(one.frames, other.frames),
    bytesSent: by(one.bytesSent, other.bytesSent),
    cpuMicroseconds: by(one.cpuMicroseconds, other.cpuMicroseconds),
    longestStallMs: levels.longestStallMs,
    longestStallCpuMs: levels.longestStallCpuMs,
    memoryMiB: levels.memoryMiB,
    peakMemoryMiB: levels.peakMemoryMiB,
  };
}
