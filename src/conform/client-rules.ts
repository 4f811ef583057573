import { isAllReadOnly, isDurable, isWritten, type Led, ledOf, partsOf } from "./knowledge.ts";
import { must, mustNot, type Rule, type Step, type Verdict } from "./rule.ts";

/** What a client may be told. */
export const CLIENT_RULES: readonly Rule[] = [
  {
    name: "a client hears of a commit when it is durable",
    from: "R10",
    on: ["client-answered"],
    check: committedIsDurable,
  },
  {
    name: "a client hears of an abort only from who knows",
    from: "R1, R12",
    on: ["client-answered"],
    check: abortedIsKnown,
  },
];

function answering({ event }: Step, outcome: string) {
  const { body, transactionId: id } = event;
  return body.type === "client-answered" && body.outcome === outcome
    ? { id, requestId: body.requestId }
    : null;
}

function committedIsDurable(step: Step): Verdict {
  const answer = answering(step, "committed");
  if (!answer) return null;
  const { id, requestId } = answer;
  if (!id) return { found: "no transaction is named", allowed: "the transaction that committed it" };
  if (partsOf(id).nodeId !== step.mind.nodeId) return committedElsewhere(step, id, requestId);
  const led = ledOf(step.mind, id);
  if (led.decided === "committed" || isAllReadOnly(led)) return "allowed";
  const isOlder = led.epoch !== step.mind.epoch;
  if (isOlder && isWritten(led.commit) !== "yes") return committedElsewhere(step, id, requestId);
  return must(isDurable(step.mind, led.commit), "its commit record is not on disk", "to wait for the disk");
}

/** Another coordinator's or run's commit is known by a participant that names it. */
function committedElsewhere(step: Step, id: Led["id"], requestId: Led["requestId"] & string): Verdict {
  const isNamed = step.mind.committedElsewhere.get(requestId)?.has(id) === true;
  return isNamed ? "allowed" : "not-judged";
}

function abortedIsKnown(step: Step): Verdict {
  const answer = answering(step, "aborted");
  if (!answer?.id) return answer ? "allowed" : null; // Refused before anything began.
  const { nodeId, epoch } = partsOf(answer.id);
  if (nodeId !== step.mind.nodeId || epoch !== step.mind.epoch)
    return { found: "it is not of this run, which cannot know", allowed: "unknown" };
  const led = ledOf(step.mind, answer.id);
  if (led.onePhase && led.asked.size > 0 && led.decided !== "aborted") {
    if (led.isPartlySeen) return "not-judged";
    return { found: "its participant, which decides, has not said so", allowed: "unknown" };
  }
  return mustNot(
    isWritten(led.commit),
    "its commit record is written",
    "committed, when that is on disk, or unknown",
  );
}
