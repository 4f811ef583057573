import {
  either,
  type Held,
  heldOf,
  isDurable,
  isForThisRun,
  isWritten,
  type Known,
  type Mind,
  partsOf,
} from "./knowledge.ts";
import { all, appending, must, mustNot, type Rule, type Step, sending, type Verdict } from "./rule.ts";

/** What a participant may do. */
export const PARTICIPANT_RULES: readonly Rule[] = [
  { name: "work follows its prepare", from: "R4", on: ["record-appended"], check: workFollowsPrepare },
  {
    name: "a prepare for another run or store is refused",
    from: "R4",
    on: ["record-appended"],
    check: workOfThisRun,
  },
  {
    name: "a prepare below the floor is refused",
    from: "R4",
    on: ["record-appended"],
    check: workAboveFloor,
  },
  {
    name: "an abort before its prepare leaves a tombstone",
    from: "R4",
    on: ["record-appended"],
    check: workAfterTombstone,
  },
  { name: "one request is held by one transaction", from: "R8", on: ["record-appended"], check: oneRequest },
  {
    name: "a yes follows its record",
    from: "presumed abort, vote",
    on: ["message-sent"],
    check: yesFollowsPrepared,
  },
  { name: "who has aborted does not vote yes", from: "R4", on: ["message-sent"], check: yesWhileOpen },
  {
    name: "a refusal for good is on disk before it is said",
    from: "R8",
    on: ["message-sent"],
    check: refusalFollowsRecord,
  },
  {
    name: "a vote read-only writes nothing and never turns",
    from: "R9",
    on: ["message-sent", "record-appended"],
    check: readOnlyWritesNothing,
  },
  {
    name: "a commit is carried out when it is decided",
    from: "presumed abort, decides commit",
    on: ["record-appended"],
    check: committedFollowsWord,
  },
  {
    name: "a participant ends a transaction one way",
    from: "R1",
    on: ["record-appended"],
    check: endsOneWay,
  },
  {
    name: "who has promised aborts only when told",
    from: "R1",
    on: ["record-appended"],
    check: abortFollowsWord,
  },
  { name: "an ack follows its record", from: "R3, R5", on: ["message-sent"], check: ackFollowsRecord },
  {
    name: "a decision of one phase follows its record",
    from: "R12",
    on: ["message-sent"],
    check: decidedFollowsRecord,
  },
  {
    name: "an inquiry is made by who is prepared",
    from: "R1",
    on: ["message-sent"],
    check: inquiryFollowsPrepared,
  },
  {
    name: "a peer is told what is certain, and an own abort when it is on disk",
    from: "cooperative termination",
    on: ["message-sent"],
    check: peerAnswer,
  },
  {
    name: "an operator settles only what is in doubt",
    from: "heuristics",
    on: ["record-appended"],
    check: heuristicInDoubt,
  },
  {
    name: "a heuristic ends as the decision says",
    from: "heuristics",
    on: ["record-appended"],
    check: heuristicEnds,
  },
];

/** The record by which work becomes a promise, or a one-phase commit. */
function beginning(step: Step): { readonly held: Held; readonly onePhase: boolean } | null {
  const written = appending(step, "prepared", "committed");
  if (!written) return null;
  if (written.body.record === "committed" && written.body.facts?.onePhase !== true) return null;
  return { held: heldOf(step.mind, written.id), onePhase: written.body.record === "committed" };
}

function workFollowsPrepare(step: Step): Verdict {
  const begun = beginning(step);
  if (!begun) return null;
  const { held, onePhase } = begun;
  if (!held.prepare)
    return held.isPartlySeen ? "not-judged" : { found: "no prepare was heard", allowed: "nothing" };
  if (held.prepare.onePhase === onePhase) return "allowed";
  return onePhase
    ? { found: "there are other participants", allowed: "prepared, and a vote" }
    : { found: "this is the only participant", allowed: "committed or aborted, and its word" };
}

function workOfThisRun(step: Step): Verdict {
  const prepare = beginning(step)?.held.prepare;
  if (!prepare) return null;
  const { toStore, toEpoch } = prepare;
  const { storeId, epoch } = step.mind;
  if (toStore === null || toEpoch === null) return "not-judged";
  if (isForThisRun(step.mind, prepare)) return "allowed";
  const found = `the prepare was for run ${toEpoch} of store ${toStore}, and this is run ${epoch} of ${storeId}`;
  return { found, allowed: "a vote no" };
}

function workAboveFloor(step: Step): Verdict {
  const prepare = beginning(step)?.held.prepare;
  if (!prepare) return null;
  if (!prepare.isBelowFloor) return "allowed";
  return { found: "its coordinator's floor had passed it when its prepare came", allowed: "a vote no" };
}

function workAfterTombstone(step: Step): Verdict {
  const prepare = beginning(step)?.held.prepare;
  if (!prepare) return null;
  if (!prepare.isAfterAbort) return "allowed";
  return { found: "its abort had come before its prepare", allowed: "a vote no" };
}

function oneRequest(step: Step): Verdict {
  const begun = beginning(step);
  if (!begun) return null;
  const { held } = begun;
  if (!held.requestId) return "not-judged";
  for (const other of step.mind.heldFor.get(held.requestId) ?? []) {
    if (other === held) continue;
    const isReleased = either(
      isWritten(other.aborted),
      other.decision === "abort" ? "yes" : "no",
      other.readOnly,
    );
    if (isReleased !== "no") continue;
    if (isWritten(other.prepared) === "yes" || isWritten(other.committed) === "yes")
      return {
        found: `request ${held.requestId} is held by ${other.id}`,
        allowed: "a vote no: duplicate-request",
      };
  }
  return "allowed";
}

function yesFollowsPrepared(step: Step): Verdict {
  const said = sending(step, "vote");
  if (said?.body.facts?.vote !== "yes") return null;
  const { mind } = step;
  const { prepared } = heldOf(mind, said.id);
  const verdict = must(
    isDurable(mind, prepared),
    "its record prepared is not on disk",
    "to wait for the disk",
  );
  const place = said.body.facts.preparedAt;
  if (verdict !== "allowed" || !place || prepared.is !== "appended") return verdict;
  if (place.storeId === mind.storeId && place.epoch === prepared.epoch && place.seq === prepared.seq)
    return "allowed";
  return {
    found: `it says ${place.storeId} ${place.epoch}:${place.seq}, and the record stands in ${mind.storeId} at ${prepared.epoch}:${prepared.seq}`,
    allowed: "the place of its record",
  };
}

function yesWhileOpen(step: Step): Verdict {
  const said = sending(step, "vote");
  if (said?.body.facts?.vote !== "yes") return null;
  const { aborted, heuristic } = heldOf(step.mind, said.id);
  return all(
    mustNot(isWritten(aborted), "its record aborted is written", "a vote no"),
    mustNot(isWritten(heuristic), "an operator has settled it", "no answer"),
  );
}

/** What makes the request itself invalid: a client is told by it that nothing of it can commit any more. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  "unknown-item",
  "insufficient-stock",
  "unknown-account",
  "insufficient-funds",
  "invalid-operation",
  "amount-overflow",
  "unknown-participant",
  "injected-invalid",
]);

function refusalFollowsRecord(step: Step): Verdict {
  const said = sending(step, "vote");
  const code = said?.body.facts?.code;
  if (!said || !code || !FOR_GOOD.has(code)) return null;
  const { mind } = step;
  if (mind.keepsNothing) return "allowed"; // It refuses by what it is.
  const held = heldOf(mind, said.id);
  // Of another attempt it is said again, and stands in that one's record.
  const others = held.requestId ? (mind.heldFor.get(held.requestId) ?? []) : [];
  const known = either(...[held, ...others].map(({ aborted }) => isDurable(mind, aborted)));
  if (known !== "yes" && isWritten(held.aborted) === "no" && mayHaveRefused(mind, held)) return "not-judged";
  return must(known, "its record aborted is not on disk", "to wait for the disk");
}

/** The record of an earlier attempt may be one that was not seen, or is over. */
function mayHaveRefused({ epoch, forgotten }: Mind, { isPartlySeen }: Held): boolean {
  return isPartlySeen || epoch > 1 || forgotten.held.size > 0;
}

function readOnlyWritesNothing(step: Step): Verdict {
  const written = appending(step, "prepared", "committed", "aborted", "heuristic");
  const said = sending(step, "vote");
  const id = written?.id ?? said?.id;
  if (!id || said?.body.facts?.vote === "read-only" || said?.body.facts?.vote === "no") return null;
  return mustNot(heldOf(step.mind, id).readOnly, "it voted read-only", "no record, and the same vote");
}

function committedFollowsWord(step: Step): Verdict {
  const written = appending(step, "committed");
  if (written?.body.facts?.onePhase !== false) return null;
  const { mind } = step;
  const { heardCommit, prepared } = heldOf(mind, written.id);
  return all(
    must(isDurable(mind, prepared), "its record prepared is not on disk", "nothing before it is"),
    must(heardCommit, "no commit was heard, from its coordinator or a peer", "an inquiry"),
  );
}

function endsOneWay(step: Step): Verdict {
  const written = appending(step, "prepared", "committed", "aborted");
  if (!written) return null;
  const { committed, aborted, heuristic } = heldOf(step.mind, written.id);
  const { record } = written.body;
  const settled = mustNot(
    isWritten(heuristic),
    "an operator has settled it",
    "heuristic-end, by the decision",
  );
  const twice = (known: Known, word: string): Verdict =>
    mustNot(known, `its record ${word} is written`, "nothing that turns it");
  if (record === "aborted") return all(twice(isWritten(committed), "committed"), settled);
  return all(
    twice(isWritten(aborted), "aborted"),
    record === "prepared" ? twice(isWritten(committed), "committed") : null,
    settled,
  );
}

function abortFollowsWord(step: Step): Verdict {
  const written = appending(step, "aborted");
  if (!written) return null;
  const { promised, heardAbort, heardAbortFromPeer } = heldOf(step.mind, written.id);
  if (promised === "no") return "allowed";
  const verdict = must(
    either(heardAbort, heardAbortFromPeer),
    "it has voted yes, and no abort was heard",
    "an inquiry, and to wait",
  );
  return promised === "yes" || verdict === "allowed" ? verdict : "not-judged";
}

function ackFollowsRecord(step: Step): Verdict {
  const said = sending(step, "ack");
  if (!said) return null;
  const { mind } = step;
  const held = heldOf(mind, said.id);
  const isOnDisk = either(isDurable(mind, held.committed), isDurable(mind, held.heuristicEnd));
  if (isOnDisk === "yes") return "allowed";
  const isOpen = either(isWritten(held.prepared), held.promised);
  if (isOpen !== "no" || isOnDisk === "maybe") {
    if (held.isPartlySeen && isWritten(held.committed) !== "yes")
      return ackOfForgotten(mind, held) ?? "not-judged";
    return must(isOnDisk, "its record committed is not on disk", "to perform it, and wait for the disk");
  }
  return ackOfForgotten(mind, held) ?? "allowed";
}

/** What is not remembered was committed and forgotten, unless the store is another, or its log has lost the record. */
function ackOfForgotten(mind: Mind, { commitAt }: Held): Verdict {
  if (!commitAt) return null;
  const allowed = "commit-refused, and an alarm";
  if (commitAt.storeId !== mind.storeId)
    return { found: `it was prepared in store ${commitAt.storeId}, and this is ${mind.storeId}`, allowed };
  const isLost = commitAt.epoch < mind.epoch && commitAt.seq > mind.foundSeq;
  if (!isLost) return null;
  return {
    found: `it was prepared at ${commitAt.epoch}:${commitAt.seq}, and the log ended at ${mind.foundSeq}`,
    allowed,
  };
}

function decidedFollowsRecord(step: Step): Verdict {
  const said = sending(step, "decided");
  const outcome = said?.body.facts?.outcome;
  if (!said || !outcome) return null;
  const { mind } = step;
  if (mind.keepsNothing && outcome === "aborted") return "allowed"; // It can never have done anything else.
  const held = heldOf(mind, said.id);
  const record = outcome === "committed" ? held.committed : held.aborted;
  return must(isDurable(mind, record), `its record ${outcome} is not on disk`, "to wait for the disk");
}

function inquiryFollowsPrepared(step: Step): Verdict {
  const said = sending(step, "inquiry");
  if (!said) return null;
  const { prepared } = heldOf(step.mind, said.id);
  return must(isDurable(step.mind, prepared), "its record prepared is not on disk", "nothing to ask");
}

function peerAnswer(step: Step): Verdict {
  const said = sending(step, "inquiry-answer");
  if (!said || partsOf(said.id).name === step.mind.name) return null;
  const { mind } = step;
  const held = heldOf(mind, said.id);
  switch (said.body.facts?.answer) {
    case "commit":
      return must(
        either(held.heardCommit, isWritten(held.committed)),
        "no commit was heard",
        "in-doubt, or unknown: an operator's decision, a yes or a guess is no evidence",
      );
    case "abort": {
      const byPeer = isWritten(held.heuristic) === "no" ? "no" : held.heardAbortFromPeer;
      return must(
        either(held.heardAbort, isDurable(mind, held.aborted), byPeer),
        "its coordinator has not said so, and no own abort is on disk",
        "in-doubt or unknown, or to force an abort first if it has not voted",
      );
    }
    case "in-doubt":
    case "unknown":
      return "allowed";
    case undefined:
      return "not-judged";
    default:
      return { found: "only its coordinator can say that", allowed: "commit, abort, in-doubt or unknown" };
  }
}

function heuristicInDoubt(step: Step): Verdict {
  const written = appending(step, "heuristic");
  if (!written) return null;
  const { mind } = step;
  const held = heldOf(mind, written.id);
  return all(
    must(isDurable(mind, held.prepared), "it is not prepared", "nothing to settle"),
    mustNot(either(isWritten(held.committed), isWritten(held.aborted)), "it has ended", "nothing to settle"),
    mustNot(isWritten(held.heuristic), "it was settled before", "heuristic-end"),
  );
}

function heuristicEnds(step: Step): Verdict {
  const written = appending(step, "heuristic-end");
  const ending = written?.body.facts?.ending;
  if (!written || !ending) return null;
  const { mind } = step;
  const held = heldOf(mind, written.id);
  if (!held.decision) return "not-judged";
  const heardAbort = either(held.heardAbort, held.heardAbortFromPeer);
  const isAgreed = held.decision === "commit" ? held.heardCommit : heardAbort;
  const isMixed = held.decision === "commit" ? heardAbort : held.heardCommit;
  const onDisk = must(
    isDurable(mind, held.heuristic),
    "the operator's decision is not on disk",
    "to wait for the disk",
  );
  if (ending === "hazard") return onDisk;
  const heard = ending === "agreed" ? isAgreed : isMixed;
  return all(onDisk, must(heard, `no decision was heard by which it would be ${ending}`, "to go on asking"));
}
