import type { Operation } from "../../schema/operations.ts";

/** What a client sends to one node. */
export interface BeginCommand {
  readonly requestId: string;
  readonly operations: readonly Operation[];
  readonly timeoutMs: number;
  /** The request may have been sent before. */
  readonly isAgain: boolean;
}
