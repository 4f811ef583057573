import { parseTransactionId } from "../core/ids.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import type { BranchView, CoordinatorView, ParticipantView } from "../schema/views.ts";
import type { ClusterQuery } from "./ports.ts";
import type { ParticipantReport, ReportedCounts, TransactionReport } from "./report.ts";

/** All that the nodes know of one transaction. */
export interface TransactionViews {
  readonly coordinator: CoordinatorView;
  readonly participants: ReadonlyMap<NodeName, ParticipantView | null>;
}

const NOT_COUNTED: ReportedCounts = { recordsAppended: null, recordsForced: null, messagesSent: null };

/** Asks the nodes about a transaction. Null until its coordinator and all participants it reached have ended it. */
export async function settledViews(
  query: ClusterQuery,
  transactionId: TransactionId,
): Promise<TransactionViews | null> {
  const { coordinatorName } = parseTransactionId(transactionId);
  const views = await query.transaction(coordinatorName, transactionId);
  const coordinator = views.find((view) => view.role === "coordinator");
  if (coordinator?.role !== "coordinator" || coordinator.phase !== "forgotten") return null;
  const participants = new Map<NodeName, ParticipantView | null>();
  for (const { name } of coordinator.branches) {
    const found = await query.transaction(name, transactionId);
    const view = found.find((candidate) => candidate.role === "participant");
    const participant = view?.role === "participant" ? view : null;
    if (participant !== null && !isEnded(participant)) return null;
    participants.set(name, participant);
  }
  return { coordinator, participants };
}

function isEnded(view: ParticipantView): boolean {
  return view.phase === "committed" || view.phase === "aborted" || view.phase === "forgotten";
}

/** Joins the client's answer and the nodes' views to what the run reports. */
export function transactionReport(
  outcome: OutcomeMessage,
  views: TransactionViews | null,
): TransactionReport {
  return {
    transactionId: outcome.transactionId,
    requestId: outcome.requestId,
    outcome: outcome.outcome,
    reason: reasonReport(outcome),
    attempts: outcome.attempts,
    durationMs: outcome.durationMs,
    results: outcome.results,
    coordinator: {
      id: outcome.transactionId === null ? null : parseTransactionId(outcome.transactionId).coordinatorId,
      ...(views === null ? NOT_COUNTED : countsOf(views.coordinator)),
    },
    participants: views === null ? {} : participantReports(views),
  };
}

/** The reason with exactly the fields a report has. */
export function reasonReport({ reason }: Pick<OutcomeMessage, "reason">): TransactionReport["reason"] {
  if (reason === null) return null;
  const { participant, code, message, retryable } = reason;
  return { participant, code, message, retryable };
}

function participantReports(views: TransactionViews): Record<string, ParticipantReport> {
  const reports: Record<string, ParticipantReport> = {};
  for (const branch of views.coordinator.branches) {
    const view = views.participants.get(branch.name) ?? null;
    reports[branch.name] = {
      vote: branch.vote ?? view?.vote ?? null,
      outcome: endOf(branch, view),
      ...(view === null ? NOT_COUNTED : countsOf(view)),
    };
  }
  return reports;
}

/** What a participant no longer knows, since it has restarted, it has committed where the coordinator counts its ack. */
function endOf({ vote, acked }: BranchView, view: ParticipantView | null): ParticipantReport["outcome"] {
  if (view?.phase === "committed" || view?.phase === "aborted") return view.phase;
  return view === null && acked && vote !== "read-only" ? "committed" : null;
}

function countsOf({ counts }: CoordinatorView | ParticipantView): ReportedCounts {
  const { recordsAppended, recordsForced, messagesSent } = counts;
  return { recordsAppended, recordsForced, messagesSent };
}
