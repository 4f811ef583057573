import type { NodeFigures } from "../schema/views.ts";

/** What was spent between two looks. Memory and the longest stall are those of the second. */
export function figuresBetween(before: NodeFigures, after: NodeFigures): NodeFigures {
  return combine(after, before, (one, other) => one - other, after);
}

/** What was spent in two stretches of the same node, one after the other. */
export function addFigures(one: NodeFigures | undefined, other: NodeFigures): NodeFigures {
  if (one === undefined) return other;
  const longestStallMs = Math.max(one.longestStallMs, other.longestStallMs);
  const peakMemoryMiB = Math.max(one.peakMemoryMiB, other.peakMemoryMiB);
  const { memoryMiB } = other;
  return combine(one, other, (a, b) => a + b, { longestStallMs, memoryMiB, peakMemoryMiB });
}

function combine(
  one: NodeFigures,
  other: NodeFigures,
  by: (one: number, other: number) => number,
  levels: Pick<NodeFigures, "longestStallMs" | "memoryMiB" | "peakMemoryMiB">,
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
    memoryMiB: levels.memoryMiB,
    peakMemoryMiB: levels.peakMemoryMiB,
  };
}
