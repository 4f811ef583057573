import type { NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { LogRecord } from "../schema/records.ts";
import type { CoordinatorState } from "./coordinator.ts";
import type { ParticipantState } from "./participant-state.ts";

/** What a timer is for. One timer of a kind and id runs at a time; starting it again replaces it. */
export type Timer =
  | { readonly kind: "vote-timeout"; readonly id: TransactionId }
  | { readonly kind: "resend"; readonly id: NodeName }
  | { readonly kind: "inquire"; readonly id: NodeName }
  | { readonly kind: "retry"; readonly id: RequestId }
  | { readonly kind: "deadline"; readonly id: RequestId }
  | { readonly kind: "finish"; readonly id: TransactionId };

/**
 * What a client is told. `aborted` means that the request can no longer commit: a participant has refused it as invalid
 * and goes on refusing it, or nobody but this node ever had it. What was given up otherwise is `unknown`.
 */
export interface RequestOutcome {
  readonly requestId: RequestId;
  readonly transactionId: TransactionId | null;
  readonly outcome: "committed" | "aborted" | "unknown";
  readonly attempts: number;
  readonly reason: Reason | null;
  readonly votes: Readonly<Record<string, string | null>>;
  readonly results: readonly ReadResult[];
}

/**
 * An order to the world. A message that depends on a forced record is never in one list with its append:
 * it comes from the step of the event `record-forced`.
 */
export type Effect =
  | {
      readonly type: "send";
      readonly to: NodeName;
      readonly url: string | null;
      readonly message: ProtocolMessage;
    }
  | { readonly type: "connect"; readonly to: NodeName; readonly url: string }
  | { readonly type: "append-record"; readonly record: LogRecord; readonly force: boolean }
  | {
      readonly type: "plan-work";
      readonly transactionId: TransactionId;
      readonly operations: readonly Operation[];
      readonly onePhase: boolean;
    }
  | { readonly type: "perform-work"; readonly transactionId: TransactionId; readonly redo: readonly Delta[] }
  | { readonly type: "finish-work"; readonly transactionId: TransactionId }
  | { readonly type: "undo-work"; readonly transactionId: TransactionId; readonly undo: readonly Delta[] }
  | {
      readonly type: "start-timer";
      readonly timer: Timer;
      readonly delayMs: number;
      readonly jitter: boolean;
    }
  /** Which timer, says its kind and id. */
  | ({ readonly type: "stop-timer" } & Timer)
  /** For those who asked for the operations with this digest. */
  | { readonly type: "answer-client"; readonly digest: string; readonly outcome: RequestOutcome }
  /** For whoever watches; nothing depends on it. */
  | { readonly type: "coordinator-changed"; readonly state: CoordinatorState }
  | {
      readonly type: "participant-changed";
      readonly transactionId: TransactionId;
      readonly state: ParticipantState;
    }
  | { readonly type: "raise-alarm"; readonly transactionId: TransactionId | null; readonly text: string }
  /** What the alarm with this text was about is over. */
  | { readonly type: "clear-alarm"; readonly text: string };
