import Type from "typebox";
import { Count, NodeName, WallMs } from "./ids.ts";
import { NodeKind } from "./views.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A process that a supervisor started, as it last knew it. */
export const ProcessView = Type.Object({
  name: NodeName,
  kind: NodeKind,
  /** `paused`: it was told to stand still, holds what it holds, and answers nobody. */
  state: Type.Union([
    Type.Literal("starting"),
    Type.Literal("up"),
    Type.Literal("paused"),
    Type.Literal("down"),
    Type.Literal("failed"),
  ]),
  /** Since when it is in this state, by the supervisor's wall clock. */
  sinceMs: WallMs,
  pid: nullable(Count),
  url: nullable(Type.String()),
  /** How it ended last: an exit status or a signal; null while it runs for the first time. */
  exit: nullable(Type.Object({ code: nullable(Type.Integer()), signal: nullable(Type.String()) })),
  restarts: Count,
  /** What it kept is being deleted, and it starts anew after that. */
  isReset: Type.Optional(Type.Boolean()),
  /** Where its log is; absent in what was recorded before this was told. */
  logPath: Type.Optional(Type.String()),
  /** The end of its log, for when it fails. */
  logTail: Type.Unsafe<readonly string[]>(Type.Array(Type.String())),
});
export type ProcessView = Type.Static<typeof ProcessView>;
