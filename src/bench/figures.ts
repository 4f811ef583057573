import type { NodeFigures } from "../schema/views.ts";

/** What was spent between two looks. Peaks are those of the second. */
export function figuresBetween(before: NodeFigures, after: NodeFigures): NodeFigures {
  return combine(after, before, (one, other) => one - other, after);
}

/** What was spent in two stretches of the same node. */
export function addFigures(one: NodeFigures | undefined, other: NodeFigures): NodeFigures {
  if (one === undefined) return other;
  const longestStallMs = Math.max(one.longestStallMs, other.longestStallMs);
  const peakMemoryMiB = Math.max(one.peakMemoryMiB, other.peakMemoryMiB);
  return combine(one, other, (a, b) => a + b, { longestStallMs, peakMemoryMiB });
}

function combine(
  one: NodeFigures,
  other: NodeFigures,
  by: (one: number, other: number) => number,
  peaks: Pick<NodeFigures, "longestStallMs" | "peakMemoryMiB">,
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
    longestStallMs: peaks.longestStallMs,
    peakMemoryMiB: peaks.peakMemoryMiB,
  };
}
