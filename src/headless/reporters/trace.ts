import type { WatchUpdate } from "../../observe/ports.ts";

/** The version of the trace format; a reader refuses another. */
export const TRACE_VERSION = 1;

/** The first line of a trace. */
export interface TraceHeader {
  readonly type: "trace";
  readonly version: typeof TRACE_VERSION;
  readonly startedAtMs: number;
}

/**
 * Writes a trace: a header line, then, in the order in which they were heard, each node's snapshots
 * (`{ "type": "snapshot", "snapshot" }`) and events (`{ "type": "event", "event" }`).
 */
export function traceWriter(
  startedAtMs: number,
  write: (line: string) => void,
): (update: WatchUpdate) => void {
  const header: TraceHeader = { type: "trace", version: TRACE_VERSION, startedAtMs };
  write(JSON.stringify(header));
  return (update) => {
    if (update.type === "snapshot") write(JSON.stringify(update));
    if (update.type === "events") {
      for (const event of update.events) write(JSON.stringify({ type: "event", event }));
    }
  };
}
