import type { NodeFigures, Stall } from "../schema/views.ts";

/** What was spent between two looks. Memory and the longest stall are those of the second. */
export function figuresBetween(before: NodeFigures, after: NodeFigures): NodeFigures {
  return combine(after, before, (one, other) => one - other, after);
}

/** What was spent in two stretches of the same node, one after the other. */
export function addFigures(one: NodeFigures | undefined, other: NodeFigures): NodeFigures {
  if (one === undefined) return other;
  const peakMemoryMiB = Math.max(one.peakMemoryMiB, other.peakMemoryMiB);
  const { memoryMiB } = other;
  const levels = { stall: longest(one.stall, other.stall), memoryMiB, peakMemoryMiB };
  return combine(one, other, (a, b) => a + b, levels);
}

function combine(
  one: NodeFigures,
  other: NodeFigures,
  by: (one: number, other: number) => number,
  levels: Pick<NodeFigures, "stall" | "memoryMiB" | "peakMemoryMiB">,
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
    stall: levels.stall,
    memoryMiB: levels.memoryMiB,
    peakMemoryMiB: levels.peakMemoryMiB,
  };
}

function longest(one: Stall | null, other: Stall | null): Stall | null {
  if (one === null || other === null) return one ?? other;
  return { clockMs: Math.max(one.clockMs, other.clockMs), cpuMs: Math.max(one.cpuMs, other.cpuMs) };
}
