import { isBelow, isDurable, isWritten, ledOf, partsOf } from "./knowledge.ts";
import {
  all,
  appending,
  must,
  mustNot,
  namesOf,
  type Rule,
  receiving,
  type Step,
  sending,
  type Verdict,
} from "./rule.ts";

/** What a coordinator may do. Each rule looks at what the coordinator itself has heard, written and said. */
export const COORDINATOR_RULES: readonly Rule[] = [
  {
    name: "a coordinator speaks of its own store's transactions only",
    from: "R2",
    on: ["message-sent", "record-appended"],
    check: ownTransactions,
  },
  {
    name: "a run prepares only its own transactions",
    from: "R2",
    on: ["message-sent"],
    check: prepareInOwnRun,
  },
  {
    name: "nothing is prepared once it is decided",
    from: "R4",
    on: ["message-sent"],
    check: prepareBeforeDecision,
  },
  {
    name: "the floor passes nothing that still collects votes, and never falls",
    from: "R4",
    on: ["message-sent", "record-appended"],
    check: floorSpares,
  },
  {
    name: "the commit record follows the votes of all",
    from: "presumed abort, decides commit",
    on: ["record-appended"],
    check: commitFollowsVotes,
  },
  {
    name: "the commit record names those that voted yes",
    from: "presumed abort, decides commit",
    on: ["record-appended"],
    check: recordNamesVoters,
  },
  {
    name: "a commit is said when its record is on disk",
    from: "R10",
    on: ["message-sent"],
    check: commitFollowsForce,
  },
  {
    name: "a commit is said to those that voted yes, with the place of their record",
    from: "R5",
    on: ["message-sent"],
    check: commitToVoters,
  },
  { name: "what is decided is never aborted", from: "R10", on: ["message-sent"], check: abortBeforeDecision },
  {
    name: "what was aborted is never committed",
    from: "R1",
    on: ["record-appended"],
    check: commitAfterAbort,
  },
  {
    name: "nobody that voted no or read-only is told of an abort unasked",
    from: "presumed abort, vote no",
    on: ["message-sent"],
    check: abortToVoters,
  },
  {
    name: "a commit is forgotten when all have acked",
    from: "R3",
    on: ["record-appended"],
    check: endFollowsAcks,
  },
  {
    name: "an inquiry is answered by who has the information",
    from: "R1",
    on: ["message-sent"],
    check: inquiryAnswer,
  },
  {
    name: "a request is tried again when the attempt before can no longer commit",
    from: "R8",
    on: ["message-sent"],
    check: retryAfterEnd,
  },
  {
    name: "an answer answers something that was asked",
    from: "R4",
    on: ["message-received"],
    check: answersAnswer,
  },
];

function ownTransactions(step: Step): Verdict {
  const said = sending(step, "prepare", "commit", "abort", "decided-inquiry");
  const written = appending(step, "commit", "end", "released");
  const id = said?.id ?? written?.id;
  if (!id) return null;
  if (partsOf(id).nodeId === step.mind.nodeId) return "allowed";
  return {
    found: `it belongs to ${partsOf(id).nodeId}, and this store is ${step.mind.nodeId}`,
    allowed: "the answer not-mine",
  };
}

function prepareInOwnRun(step: Step): Verdict {
  const said = sending(step, "prepare");
  if (!said) return null;
  const { epoch } = partsOf(said.id);
  if (epoch === step.mind.epoch) return "allowed";
  return {
    found: `it is of run ${epoch}, and this is run ${step.mind.epoch}`,
    allowed: "a new transaction of this run",
  };
}

function prepareBeforeDecision(step: Step): Verdict {
  const said = sending(step, "prepare");
  if (!said) return null;
  const led = ledOf(step.mind, said.id);
  return all(
    mustNot(isWritten(led.commit), "its commit record is written", "commit, to those that voted yes"),
    mustNot(led.abortSaid, "its abort was said", "no further message of it but abort"),
  );
}

function floorSpares(step: Step): Verdict {
  const said = sending(step, "prepare", "commit", "abort", "decided-inquiry");
  const { mind } = step;
  if (said?.body.facts?.floor) {
    const { floor } = said.body.facts;
    if (mind.floorSaid && isBelow(floor, mind.floorSaid))
      return {
        found: `its floor ${textOf(floor)} is below ${textOf(mind.floorSaid)}, said before`,
        allowed: "a floor that rises",
      };
    if (said.body.message !== "prepare" || !isBelow(partsOf(said.id), floor)) return "allowed";
    return { found: `its own floor ${textOf(floor)} has passed it`, allowed: "a floor at or below it" };
  }
  const written = appending(step, "commit");
  if (!written || !mind.floorSaid) return null;
  if (!isBelow(partsOf(written.id), mind.floorSaid)) return "allowed";
  return {
    found: `the floor ${textOf(mind.floorSaid)} was said while it collected votes`,
    allowed: "a floor at or below it",
  };
}

function textOf({ epoch, counter }: { epoch: number; counter: number }): string {
  return `${epoch}.${counter}`;
}

function commitFollowsVotes(step: Step): Verdict {
  const written = appending(step, "commit");
  if (!written) return null;
  const { onePhase, participants, votes } = ledOf(step.mind, written.id);
  if (onePhase)
    return {
      found: "it has one participant, which decides",
      allowed: "no record, and the participant's word",
    };
  if (!participants) return "not-judged";
  const against = participants.filter((name) => votes.get(name)?.vote === "no");
  if (against.length > 0) return { found: `${namesOf(against)} voted no`, allowed: "abort" };
  const missing = participants.filter((name) => !votes.has(name));
  if (missing.length === 0) return "allowed";
  return { found: `no vote from ${namesOf(missing)} was heard`, allowed: "to wait, or abort" };
}

function recordNamesVoters(step: Step): Verdict {
  const written = appending(step, "commit");
  if (!written) return null;
  const voters = written.body.facts?.voters;
  const { participants, votes } = ledOf(step.mind, written.id);
  if (!voters || !participants) return "not-judged";
  const yes = participants.filter((name) => votes.get(name)?.vote === "yes");
  if (yes.length === voters.length && yes.every((name) => voters.includes(name))) return "allowed";
  return {
    found: `it names ${namesOf(voters)}; yes was voted by ${namesOf(yes)}`,
    allowed: "the list of the yes voters",
  };
}

function commitFollowsForce(step: Step): Verdict {
  const said = sending(step, "commit");
  if (!said) return null;
  const { commit } = ledOf(step.mind, said.id);
  return must(isDurable(step.mind, commit), "its commit record is not on disk", "to wait for the disk");
}

function commitToVoters(step: Step): Verdict {
  const said = sending(step, "commit");
  if (!said) return null;
  const { voters, votes } = ledOf(step.mind, said.id);
  if (!voters) return "not-judged";
  const { to, facts } = said.body;
  if (!voters.includes(to))
    return { found: `${to} is no yes voter of it`, allowed: `commit to ${namesOf(voters)}` };
  const place = votes.get(to)?.preparedAt;
  if (!place || !facts?.preparedAt) return "not-judged";
  const { storeId, epoch, seq } = facts.preparedAt;
  if (place.storeId === storeId && place.epoch === epoch && place.seq === seq) return "allowed";
  return {
    found: `it says ${storeId} ${epoch}:${seq}, and the vote said ${place.storeId} ${place.epoch}:${place.seq}`,
    allowed: "the place that the vote named",
  };
}

/** Presumption is for what is forgotten: by then everybody has committed, and nobody can be misled. */
function abortBeforeDecision(step: Step): Verdict {
  const said = sending(step, "abort");
  if (!said) return null;
  const { commit, voters, acked, epoch } = ledOf(step.mind, said.id);
  if (commit.is === "none") return "allowed";
  if (commit.is === "unknown") return "not-judged";
  if (voters?.every((name) => acked.has(name))) return "allowed";
  // Acks may have come in the last moments of a run, or before a gap.
  if (epoch !== step.mind.epoch && !isListed(step, said.id)) return "not-judged";
  const waiting = voters?.filter((name) => !acked.has(name)) ?? [];
  return { found: `its commit record is written, and ${namesOf(waiting)} has not acked`, allowed: "commit" };
}

/** The node has said in this run that it is not finished. */
function isListed({ mind }: Step, id: Parameters<typeof ledOf>[1]): boolean {
  return ledOf(mind, id).toldCommit.size > 0;
}

function commitAfterAbort(step: Step): Verdict {
  const written = appending(step, "commit");
  if (!written) return null;
  const { abortSaid } = ledOf(step.mind, written.id);
  return mustNot(abortSaid, "its abort was said", "no record: it is aborted");
}

function abortToVoters(step: Step): Verdict {
  const said = sending(step, "abort");
  if (!said) return null;
  const { votes, inquired } = ledOf(step.mind, said.id);
  const { to } = said.body;
  const vote = votes.get(to)?.vote;
  if (vote === undefined || vote === "yes" || inquired.has(to)) return "allowed";
  return { found: `${to} voted ${vote}, and has not asked`, allowed: "no message to it" };
}

function endFollowsAcks(step: Step): Verdict {
  const written = appending(step, "end");
  if (!written) return null;
  const { voters, acked } = ledOf(step.mind, written.id);
  if (!voters) return "not-judged";
  const missing = voters.filter((name) => !acked.has(name));
  if (missing.length === 0) return "allowed";
  return { found: `${namesOf(missing)} has not acked`, allowed: "commit to it again" };
}

function inquiryAnswer(step: Step): Verdict {
  const said = sending(step, "inquiry-answer");
  if (!said || partsOf(said.id).name !== step.mind.name) return null;
  const isOwn = partsOf(said.id).nodeId === step.mind.nodeId;
  switch (said.body.facts?.answer) {
    case "not-mine":
      return isOwn ? { found: "it is this store's own", allowed: "pending, commit or abort" } : "allowed";
    case "pending": {
      if (!isOwn) return { found: "it is another store's", allowed: "not-mine" };
      const { toldCommit, isPartlySeen } = ledOf(step.mind, said.id);
      if (toldCommit.size === 0 || isPartlySeen) return "allowed";
      return { found: "it is decided", allowed: "commit" };
    }
    case "try-later":
      return isOwn ? "allowed" : { found: "it is another store's", allowed: "not-mine" };
    case undefined:
      return "not-judged";
    default:
      return {
        found: "a coordinator decides by commit and abort",
        allowed: "commit, abort, pending, try-later or not-mine",
      };
  }
}

function retryAfterEnd(step: Step): Verdict {
  const said = sending(step, "prepare");
  const requestId = said?.body.facts?.requestId;
  if (!said || !requestId) return null;
  const { mind } = step;
  const { counter } = partsOf(said.id);
  for (const led of mind.ledFor.get(requestId) ?? []) {
    if (led.epoch !== mind.epoch || led.counter >= counter) continue;
    if (isWritten(led.commit) === "yes")
      return { found: `${led.id}, of the same request, is decided to commit`, allowed: "no other attempt" };
    const isOpen = led.onePhase && led.asked.size > 0 && led.decided !== "aborted" && !led.isPartlySeen;
    if (isOpen)
      return {
        found: `${led.id}, of the same request, may be committed by its participant`,
        allowed: "to ask what it decided",
      };
  }
  return "allowed";
}

/** A participant that speaks unasked is at fault, though it is the coordinator that hears it. */
function answersAnswer(step: Step): Verdict {
  const heard = receiving(step, "vote", "decided", "ack", "commit-refused");
  if (!heard || partsOf(heard.id).nodeId !== step.mind.nodeId) return null;
  const led = ledOf(step.mind, heard.id);
  const { from, message } = heard.body;
  // The commit that was lost on its way to one may have been told it by a peer that had heard it.
  const isAsked =
    message === "vote" || message === "decided"
      ? led.asked.has(from)
      : led.toldCommit.has(from) || (led.asked.has(from) && led.toldCommit.size > 0);
  if (isAsked) return "allowed";
  if (led.epoch !== step.mind.epoch || led.isPartlySeen) return "not-judged";
  const question = message === "vote" || message === "decided" ? "prepare" : "commit";
  return { found: `${from} was sent no ${question} of it`, allowed: `${message} after ${question}` };
}
