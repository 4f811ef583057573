import type { ParticipantState } from "../../core/participant-state.ts";
import type { Process } from "./process.ts";

/** What is kept must be what the transactions in mind and on record say: held where prepared, posted where committed. */
export function tokenFaults({ node, log, tokens, isParticipant }: Process): string[] {
  if (!node || !isParticipant) return [];
  let held = 0;
  const posted = new Set<string>();
  for (const { record } of log) {
    if (record.type === "committed") posted.add(record.transactionId);
    if (record.type === "heuristic" && record.decision === "commit") posted.add(record.transactionId);
  }
  for (const [transactionId, state] of node.participant.transactions) {
    if (isHolding(state)) held += 1;
    if (state.phase === "performing") posted.add(transactionId);
  }
  if (tokens.held === held && tokens.posted === posted.size) return [];
  return [`${tokens.held} held and ${tokens.posted} posted, where it should be ${held} and ${posted.size}`];
}

function isHolding(state: ParticipantState): boolean {
  if (state.phase === "prepared") return !state.isPerforming;
  return state.phase === "working" && !state.job.onePhase && state.work !== null;
}
