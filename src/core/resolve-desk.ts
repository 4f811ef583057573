import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Delta } from "../schema/operations.ts";
import type { Verdict } from "../schema/records.ts";
import type { CoordinatorState } from "./coordinator.ts";
import type { Effect } from "./effects.ts";
import { lookUp } from "./look-up.ts";
import { isReachable, type NodeState } from "./node-state.ts";
import { outcomeOf } from "./outcomes.ts";
import { stepEntry } from "./participant-desk.ts";
import type { Heuristic, ParticipantState, Prepared } from "./participant-state.ts";

/** An operator's word about one transaction at this node. */
export interface ResolveRequest {
  readonly transactionId: TransactionId;
  readonly action: "commit" | "abort" | "forget";
  readonly verdict: Verdict;
  readonly acceptHazard: boolean;
}

/** What the node would do, or why it will not. */
export interface Preview {
  readonly accepted: boolean;
  readonly text: string;
  readonly mayBreakAtomicity: boolean;
}

const refuse = (text: string): Preview => ({ accepted: false, text, mayBreakAtomicity: false });

/** Says what `resolveByHand` would do now. Nothing undecided can be forgotten, and nobody is overruled who can decide. */
export function previewResolve(node: NodeState, request: ResolveRequest): Preview {
  const { transactionId, action } = request;
  const state = node.participant.transactions.get(transactionId);
  if (state?.phase === "prepared") return previewInDoubt(node, state, action);
  if (state?.phase === "heuristic") return previewHeuristic(state, request);
  const coordinated = node.coordinator.transactions.get(transactionId);
  if (coordinated) return previewCoordinated(coordinated, action);
  if (state) return refuse(`nothing to settle: it is ${wordFor(state)} here`);
  const outcome = outcomeOf(node.participant.outcomes, transactionId);
  if (outcome)
    return refuse(`nothing to settle: it is ${outcome === "commit" ? "committed" : "aborted"} here`);
  return refuse("it is not known here: finished and forgotten, or never seen");
}

function previewInDoubt(node: NodeState, state: Prepared, action: ResolveRequest["action"]): Preview {
  const { job, work, answers } = state;
  if (state.isPerforming) return refuse("its commit is being performed");
  if (action === "forget")
    return refuse("it is undecided; nothing undecided is forgotten: commit or abort it");
  const { name } = job.coordinator;
  if (isReachable(node, name) && lookUp(answers, name) !== "not-mine") {
    return refuse(
      `its coordinator ${name} is connected and decides it; wait, or find out what keeps ${name}`,
    );
  }
  const known = Object.entries(answers).map(([who, answer]) => `${who} says ${answer}`);
  const away = isReachable(node, name) ? `${name} has lost its store` : `${name} is away`;
  const would = action === "commit" ? changes(work.redo) : changes(work.undo);
  return {
    accepted: true,
    text: `${action} here: ${would}. ${[away, ...known].join("; ")}. Others may have ended, or end, otherwise.`,
    mayBreakAtomicity: true,
  };
}

function changes(deltas: readonly Delta[]): string {
  return deltas
    .map(
      ({ key, add }) =>
        `${key} ${Object.entries(add)
          .map(([field, amount]) => `${field} ${amount}`)
          .join(", ")}`,
    )
    .join("; ");
}

function previewHeuristic(state: Heuristic, { action, acceptHazard }: ResolveRequest): Preview {
  const { decision, truth, step } = state;
  if (action !== "forget") return refuse(`it was settled by hand already: ${decision}`);
  if (step !== "applied") return refuse(step === "ended" ? "it is forgotten already" : "it is being settled");
  if (truth !== null) {
    const text = `take note that it was ${decision} here and ${truth} at its coordinator`;
    return { accepted: true, text, mayBreakAtomicity: false };
  }
  if (!acceptHazard) {
    return refuse("the coordinator's decision is not known yet; record a hazard to forget it all the same");
  }
  return {
    accepted: true,
    text: `take note that nobody knows whether ${decision} was right`,
    mayBreakAtomicity: true,
  };
}

function previewCoordinated(state: CoordinatorState, action: ResolveRequest["action"]): Preview {
  if (state.phase !== "committing") return refuse("its votes decide it; there is nothing to settle by hand");
  if (action !== "forget")
    return refuse("it is committed, and that stands; forget releases who cannot perform it");
  const names = releasable(state);
  if (names.length === 0) {
    return refuse(
      `it waits for ${state.awaitingAck.join(", ")}, and nobody has said that it cannot perform it`,
    );
  }
  const reasons = names.map((name) => `${name} (${lookUp(state.refusals, name)?.text})`);
  return { accepted: true, text: `no longer wait for ${reasons.join(", ")}`, mayBreakAtomicity: true };
}

/** Those that have refused for good: another store, a lost log, an operator's own decision. */
function releasable(state: Extract<CoordinatorState, { phase: "committing" }>): NodeName[] {
  return state.awaitingAck.filter((name) => {
    const refusal = lookUp(state.refusals, name);
    return refusal !== undefined && refusal.code !== "perform-failed";
  });
}

function wordFor(state: ParticipantState): string {
  return state.phase === "aborting" ? "being aborted" : state.phase;
}

/** Carries out an operator's word. Its first step, which is added to `effects`, is always a forced record that says who and why. */
export function resolveByHand(node: NodeState, request: ResolveRequest, effects: Effect[]): void {
  if (!previewResolve(node, request).accepted) return;
  const { transactionId, action, verdict } = request;
  const state = node.participant.transactions.get(transactionId);
  if (state?.phase === "prepared" && action !== "forget") {
    const event = { type: "operator-decided", decision: action, verdict } as const;
    return stepEntry(node, transactionId, event, effects);
  }
  if (state?.phase === "heuristic")
    return stepEntry(node, transactionId, { type: "operator-forgot", verdict }, effects);
  const coordinated = node.coordinator.transactions.get(transactionId);
  if (coordinated?.phase !== "committing") return;
  for (const participant of releasable(coordinated)) {
    const record = { type: "released", transactionId, participant, verdict } as const;
    effects.push({ type: "append-record", record, force: true });
  }
}
