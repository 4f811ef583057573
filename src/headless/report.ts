import type { ReadResult } from "../schema/operations.ts";
import type { Counts, Outcome } from "../schema/views.ts";

/** One thing that had to hold. `detail` says what was seen. */
export interface Expectation {
  readonly text: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What a node counted for a transaction; all null where it no longer knows the transaction. */
export type ReportedCounts = Counts | { readonly [Key in keyof Counts]: null };

export type ParticipantReport = {
  readonly vote: "yes" | "no" | "read-only" | null;
  /** Null where the participant had nothing to end: it voted read-only, or never heard of the transaction. */
  readonly outcome: "committed" | "aborted" | null;
} & ReportedCounts;

/** One transaction: the last attempt's, where a request needed several. */
export interface TransactionReport {
  readonly transactionId: string | null;
  readonly requestId: string;
  readonly outcome: Outcome;
  readonly reason: {
    readonly participant: string | null;
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
  } | null;
  readonly attempts: number;
  /** From the submission to the answer, as the coordinating node measured it. */
  readonly durationMs: number;
  readonly results: readonly ReadResult[];
  readonly coordinator: { readonly id: string | null } & ReportedCounts;
  readonly participants: Readonly<Record<string, ParticipantReport>>;
}

export interface ScenarioReport {
  readonly name: string;
  readonly ok: boolean;
  readonly expectations: readonly Expectation[];
  readonly transactions: readonly TransactionReport[];
}

/** The document of a run. */
export interface RunReport {
  readonly ok: boolean;
  readonly scenarios: readonly ScenarioReport[];
}

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly type: "scenario-started"; readonly scenario: string; readonly description: string }
  | { readonly type: "step"; readonly scenario: string; readonly text: string }
  | {
      readonly type: "transaction-answered";
      readonly scenario: string;
      readonly transaction: AnsweredTransaction;
    }
  | { readonly type: "expectation-checked"; readonly scenario: string; readonly expectation: Expectation }
  | { readonly type: "scenario-ended"; readonly report: ScenarioReport; readonly durationMs: number }
  | { readonly type: "run-ended"; readonly ok: boolean; readonly durationMs: number };

/** The answer to one submission, before the nodes were asked for their counts. */
export type AnsweredTransaction = Pick<
  TransactionReport,
  "transactionId" | "requestId" | "outcome" | "reason" | "attempts" | "durationMs"
>;
