import type { NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import { endingOf, heldOf, isAllReadOnly, isToldToAbort, ledOf } from "./knowledge.ts";
import { namesOf, type Rule, type Step, sending, type Verdict } from "./rule.ts";

/** What holds between nodes, whoever is heard first. */
export const CLUSTER_RULES: readonly Rule[] = [
  {
    name: "no two nodes end a transaction differently",
    from: "agreement",
    on: ["message-sent", "record-appended", "record-forced", "client-answered"],
    check: agreement,
  },
  {
    name: "a request commits once",
    from: "R8",
    on: ["message-sent", "record-forced", "client-answered"],
    check: oneCommit,
  },
];

/** The transaction that this step shows to be committed. */
function committing(step: Step): { readonly id: TransactionId; readonly requestId: RequestId | null } | null {
  const said = sending(step, "commit");
  if (said) return { id: said.id, requestId: ledOf(step.mind, said.id).requestId };
  const { body, transactionId: id } = step.event;
  if (id && body.type === "record-forced" && body.record === "committed")
    return { id, requestId: heldOf(step.mind, id).requestId };
  return id && body.type === "client-answered" && body.outcome === "committed"
    ? { id, requestId: body.requestId }
    : null;
}

function agreement(step: Step): Verdict {
  const { knowledge, mind, event } = step;
  const commit = committing(step);
  if (commit) {
    const { abortedBy, toldAborted, voters } = endingOf(knowledge, commit.id);
    if (toldAborted) return { found: "a client was told that it is aborted", allowed: "abort" };
    // Who voted read-only has no end: a tombstone that it writes when it is asked later undoes nothing.
    const votes = mind.led.get(commit.id)?.votes;
    const counting = [...abortedBy].filter(
      ([name]) => voters?.includes(name) !== false && votes?.get(name)?.vote !== "read-only",
    );
    const sure = counting.filter(([name, known]) => known === "yes" || voters?.includes(name));
    if (sure.length > 0 && sure.every(([name]) => isWiped(step, name))) return "not-judged";
    if (sure.length > 0)
      return { found: `${namesOf(sure.map(([name]) => name))} has aborted it`, allowed: "abort" };
    return counting.length > 0 ? "not-judged" : "allowed";
  }
  const { body, transactionId: id } = event;
  if (id && isAborting(step, id)) return abortAgrees(step, id, mind.name);
  if (!id || body.type !== "client-answered" || body.outcome !== "aborted") return null;
  const { committedBy } = endingOf(knowledge, id);
  return committedBy ? { found: `${committedBy} has committed it`, allowed: "committed" } : "allowed";
}

/** An abort counts with its record where another has decided it, and else when that is on disk. */
function isAborting({ mind, event: { body } }: Step, id: TransactionId): boolean {
  if (body.type === "record-appended")
    return body.record === "aborted" && !body.force && isToldToAbort(heldOf(mind, id));
  return body.type === "record-forced" && body.record === "aborted";
}

function isWiped({ knowledge, mind }: Step, name: NodeName): boolean {
  return knowledge.wiped.has(name) || knowledge.wiped.has(mind.name);
}

function abortAgrees(step: Step, id: TransactionId, name: NodeName): Verdict {
  const { knowledge, mind } = step;
  const { committedBy, voters } = endingOf(knowledge, id);
  if (!committedBy) return "allowed";
  if (isWiped(step, committedBy)) return "not-judged";
  if (voters?.includes(name) === false) return "allowed"; // It has nothing to abort.
  if (voters === null && heldOf(mind, id).readOnly !== "no") return "not-judged";
  return { found: `${committedBy} has committed it`, allowed: "commit" };
}

function oneCommit(step: Step): Verdict {
  const commit = committing(step);
  if (!commit?.requestId) return commit ? "not-judged" : null;
  const led = step.mind.led.get(commit.id);
  if (led && isAllReadOnly(led)) return "allowed";
  const other = step.knowledge.commitsOf.get(commit.requestId);
  if (other === undefined || other === commit.id) return "allowed";
  // A participant that has lost its store has lost its guard as well.
  if (step.knowledge.wiped.size > 0) return "not-judged";
  return {
    found: `request ${commit.requestId} is committed by ${other}`,
    allowed: "the outcome of that one",
  };
}
