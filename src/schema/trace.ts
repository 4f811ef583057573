import Type from "typebox";
import { NodeEvent, Snapshot } from "./events.ts";
import { NodeName, WallMs } from "./ids.ts";
import { ProcessView } from "./process.ts";

/**
 * The version of the trace format that is written. A reader takes this and every older one, refuses a newer one, and skips
 * lines whose type it does not know. What is added to an event or a view is optional, or the version rises. 2 adds to 1: what became of connections and processes, notes, and when each was heard.
 */
export const TRACE_VERSION = 2;

/** The first line of a trace. */
export const TraceHeader = Type.Object({
  type: Type.Literal("trace"),
  version: Type.Integer({ minimum: 1 }),
  startedAtMs: WallMs,
  /** What was recorded: a cluster, a scenario, a seed. */
  name: Type.Optional(Type.String({ maxLength: 256 })),
});
export type TraceHeader = Type.Static<typeof TraceHeader>;

/** Everything after the header, in the order in which it was heard. `atMs` is the wall clock of the one who listened. */
export const TRACE_LINES = {
  snapshot: Type.Object({
    type: Type.Literal("snapshot"),
    atMs: Type.Optional(WallMs),
    snapshot: Snapshot,
  }),
  event: Type.Object({ type: Type.Literal("event"), event: NodeEvent }),
  connected: Type.Object({ type: Type.Literal("connected"), atMs: WallMs, node: NodeName }),
  disconnected: Type.Object({
    type: Type.Literal("disconnected"),
    atMs: WallMs,
    node: NodeName,
    why: Type.String(),
  }),
  process: Type.Object({ type: Type.Literal("process"), atMs: WallMs, process: ProcessView }),
  /** What the one who watched did, or had to say. */
  note: Type.Object({ type: Type.Literal("note"), atMs: WallMs, text: Type.String() }),
} as const;

export type TraceLine = {
  [Kind in keyof typeof TRACE_LINES]: Type.Static<(typeof TRACE_LINES)[Kind]>;
}[keyof typeof TRACE_LINES];
