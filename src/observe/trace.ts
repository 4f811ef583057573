import { assertNever } from "../core/errors.ts";
import type { TraceLine } from "../schema/trace.ts";
import type { ModelUpdate } from "./model.ts";

/** The lines of a trace that an update makes, heard at `atMs`. */
export function traceLinesOf(update: ModelUpdate, atMs: number): readonly TraceLine[] {
  switch (update.type) {
    case "events":
      return update.events.map((event) => ({ type: "event", event }));
    case "snapshot":
    case "connected":
    case "disconnected":
    case "process":
      return [{ ...update, atMs }];
    case "note":
      return [update];
    case "tally":
      // A trace is made of everything, which needs no tallies.
      return [];
    default:
      return assertNever(update, "update");
  }
}

/** The update that a line of a trace was made from. */
export function updateOf(line: TraceLine): ModelUpdate {
  return line.type === "event" ? { type: "events", events: [line.event] } : line;
}

/** When a line was heard; null where a trace of the first version does not tell. */
export function lineTimeMs(line: TraceLine): number | null {
  if (line.type === "event") return line.event.atMs;
  return line.atMs ?? null;
}
