import type { NodeName } from "../schema/ids.ts";
import { eventsOf } from "./events-of.ts";
import { endingText, openHeuristics, verdictText } from "./heuristic.ts";
import type { Model, Transaction } from "./model.ts";
import { isAway, nodeStatus } from "./node-status.ts";
import { participantNames, preparedParticipants, transactionStatus } from "./transaction.ts";

/** What the coordinator has in its log about the transaction, as far as anybody here has heard. */
export function coordinatorLogged(model: Model, transaction: Transaction): string {
  const { coordinator, coordinatorView: view } = transaction;
  if (view?.outcome === "committed") return "commit";
  if (view?.outcome === "aborted") return "abort: it keeps no record of one";
  if (transaction.forgottenByRestart) return "nothing: it has restarted without a record, which means abort";
  if (coordinator === null || !isAway(model, coordinator)) return "nothing yet";
  const written = commitRecord(model, transaction, coordinator);
  if (written === "forced") return "commit";
  if (written === "appended") return "commit was on its way to the disk when last heard";
  return "nothing when last heard; may have decided since";
}

/** How far its commit record got, by the events that are still kept. */
function commitRecord(
  model: Model,
  { id }: Transaction,
  coordinator: NodeName,
): "forced" | "appended" | null {
  let found: "appended" | null = null;
  for (const { node, body } of eventsOf(model.log, id)) {
    if (node !== coordinator) continue;
    if (body.type === "record-forced" && body.record === "commit") return "forced";
    if (body.type === "record-appended" && body.record === "commit") found = "appended";
  }
  return found;
}

/** What one participant says about a transaction. */
export interface ParticipantWord {
  readonly node: NodeName;
  readonly text: string;
  readonly isAlarming: boolean;
}

/** What every participant says: where it stands, and what it was answered when it asked. */
export function participantWords(model: Model, transaction: Transaction): readonly ParticipantWord[] {
  const inDoubt = transactionStatus(model, transaction) === "in-doubt";
  const decided = openHeuristics(transaction);
  return participantNames(transaction).map((node) => {
    const own = transaction.participants.get(node);
    const away = isAway(model, node) ? `${awayWord(model, node)}; when last heard: ` : "";
    const heuristic = decided.find((fact) => fact.node === node);
    if (own === undefined) return { node, text: `${away}nothing heard about it`, isAlarming: away !== "" };
    if (heuristic !== undefined) {
      const text = `${away}${verdictText(heuristic)}; ${endingText(heuristic)}`;
      return { node, text, isAlarming: true };
    }
    const isHolding = own.phase === "prepared";
    const word = isHolding && inDoubt ? "in doubt" : PHASE_WORDS[own.phase];
    const answers = Object.entries(own.answers).map(([who, answer]) => `${who} ${answerText(answer)}`);
    const asked = answers.length === 0 || !isHolding ? "" : `; was told: ${answers.join(", ")}`;
    const trouble = own.trouble === null ? "" : `; ${own.trouble}`;
    return {
      node,
      text: `${away}${word}${asked}${trouble}`,
      isAlarming: (isHolding && inDoubt) || away !== "",
    };
  });
}

const PHASE_WORDS = {
  working: "at work, has not voted",
  prepared: "prepared, waits for the decision",
  performing: "performing the commit",
  heuristic: "settled by hand",
  committed: "committed",
  aborted: "aborted",
  forgotten: "has nothing to do with it any more",
} as const;

function answerText(answer: string): string {
  if (answer === "in-doubt") return "in doubt as well";
  if (answer === "unknown") return "does not know it, which decides nothing";
  if (answer === "not-mine") return "has lost its store";
  return answer;
}

/** `down`, `not heard`, `paused`, or `starting` again. */
export function awayWord(model: Model, name: NodeName): string {
  const node = model.nodes.get(name);
  const status = node === undefined ? "down" : nodeStatus(node);
  if (status === "unheard") return "not heard";
  return status === "paused" || status === "starting" ? status : "down";
}

/**
 * Whether nobody within reach can tell: a participant in doubt is heard, and each of the others is away or has
 * answered it without deciding anything.
 */
export function isBlocked(model: Model, transaction: Transaction): boolean {
  if (transactionStatus(model, transaction) !== "in-doubt" || transaction.forgottenByRestart) return false;
  const names = participantNames(transaction);
  return preparedParticipants(transaction).some((asker) => {
    const answers = transaction.participants.get(asker)?.answers ?? {};
    const cannotTell = (name: NodeName): boolean => isAway(model, name) || answers[name] !== undefined;
    return !isAway(model, asker) && names.every((name) => name === asker || cannotTell(name));
  });
}

/** `coordinator down; ledger in doubt, second unknown`. */
export function blockedText(model: Model, transaction: Transaction): string {
  const { coordinator } = transaction;
  const leader =
    coordinator === null
      ? "coordinator not known"
      : isAway(model, coordinator)
        ? `${coordinator} ${awayWord(model, coordinator)}`
        : `${coordinator} cannot tell`;
  const decided = openHeuristics(transaction);
  const others = participantNames(transaction).map((name) => {
    if (isAway(model, name)) return `${name} ${awayWord(model, name)}`;
    const heuristic = decided.find((fact) => fact.node === name);
    if (heuristic !== undefined) return `${name} ${heuristic.decision} by hand`;
    if (transaction.participants.get(name)?.phase === "prepared") return `${name} in doubt`;
    const answer = [...transaction.participants.values()].find((view) => view.answers[name] !== undefined);
    return `${name} ${answer?.answers[name] ?? "not asked"}`;
  });
  return `${leader}; ${others.join(", ")}`;
}
