import type { EventBody, NodeEvent } from "../schema/events.ts";
import type { Floor, NodeName, TransactionId } from "../schema/ids.ts";
import type { Duplicate } from "../schema/reasons.ts";
import {
  endingOf,
  type Held,
  heldOf,
  isAllReadOnly,
  isBelow,
  isForThisRun,
  isToldToAbort,
  type Knowledge,
  type Led,
  ledOf,
  type Mind,
  nameRequest,
  noteCommit,
  partsOf,
  type RecordState,
} from "./knowledge.ts";

type Said = Extract<EventBody, { type: "message-sent" | "message-received" }>;
type Appended = Extract<EventBody, { type: "record-appended" }>;

/** Takes in what a step has done, after the rules have looked at it. */
export function learn(knowledge: Knowledge, mind: Mind, event: NodeEvent): void {
  const { body, transactionId: id } = event;
  switch (body.type) {
    case "record-appended":
      mind.appendedSeq = body.seq;
      if (id) learnRecord(knowledge, mind, id, body);
      return;
    case "record-forced":
      mind.forcedSeq = Math.max(mind.forcedSeq, body.seq);
      if (id && body.record === "committed") noteCommit(knowledge, id, mind.name, heldOf(mind, id).requestId);
      if (id && body.record === "aborted") noteAbort(knowledge, mind, heldOf(mind, id));
      return;
    case "message-sent":
      if (body.facts?.floor) mind.floorSaid = body.facts.floor;
      if (id) learnSent(knowledge, mind, id, body.to, body);
      return;
    case "message-received":
      if (id) learnReceived(mind, id, body.from, body);
      return;
    case "client-answered":
      if (!id) return;
      if (body.outcome === "aborted") endingOf(knowledge, id).toldAborted = true;
      if (body.outcome === "committed" && !hasOnlyRead(mind, id))
        noteCommit(knowledge, id, event.node, body.requestId);
      return;
    default: // The rest is for people.
      return;
  }
}

function hasOnlyRead(mind: Mind, id: TransactionId): boolean {
  const led = mind.led.get(id);
  return led !== undefined && isAllReadOnly(led);
}

function learnRecord(knowledge: Knowledge, mind: Mind, id: TransactionId, body: Appended): void {
  const { record, seq, facts } = body;
  const state: RecordState = { is: "appended", epoch: mind.epoch, seq };
  if (record === "commit" || record === "end" || record === "released") {
    const led = ledOf(mind, id);
    nameRequest(mind.ledFor, led, facts?.requestId);
    if (record === "commit") {
      led.commit = state;
      led.voters = facts?.voters ?? null;
      endingOf(knowledge, id).voters = led.voters;
    }
    if (record === "released" && facts?.participant) led.acked.add(facts.participant);
    return;
  }
  const held = heldOf(mind, id);
  nameRequest(mind.heldFor, held, facts?.requestId);
  switch (record) {
    case "prepared":
      held.prepared = state;
      return;
    case "committed":
      held.committed = state;
      return;
    case "aborted":
      held.aborted = state;
      if (!body.force && isToldToAbort(held)) noteAbort(knowledge, mind, held);
      return;
    case "heuristic":
      held.heuristic = state;
      held.decision = facts?.decision ?? null;
      return;
    case "heuristic-end":
      held.heuristicEnd = state;
      return;
  }
}

function noteAbort(knowledge: Knowledge, { name }: Mind, { id, readOnly }: Held): void {
  endingOf(knowledge, id).abortedBy.set(name, readOnly === "no" ? "yes" : "maybe");
}

function learnSent(knowledge: Knowledge, mind: Mind, id: TransactionId, to: NodeName, said: Said): void {
  const { facts } = said;
  switch (said.message) {
    case "prepare": {
      const led = ledOf(mind, id);
      led.asked.add(to);
      nameRequest(mind.ledFor, led, facts?.requestId);
      led.onePhase ??= facts?.onePhase ?? null;
      led.participants ??= facts?.participants ?? null;
      return;
    }
    case "decided-inquiry":
      ledOf(mind, id).asked.add(to);
      return;
    case "commit":
      ledOf(mind, id).toldCommit.add(to);
      noteCommit(knowledge, id, mind.name, ledOf(mind, id).requestId);
      return;
    case "abort":
      // To a latecomer, of what is forgotten, it is no decision.
      if (mind.led.get(id)?.commit.is === "none") ledOf(mind, id).abortSaid = "yes";
      return;
    case "vote": {
      const held = heldOf(mind, id);
      if (facts?.vote === "yes") held.promised = "yes";
      if (facts?.vote === "read-only") held.readOnly = "yes";
      return;
    }
  }
}

function learnReceived(mind: Mind, id: TransactionId, from: NodeName, said: Said): void {
  const { nodeId, name } = partsOf(id);
  if (nodeId === mind.nodeId) learnAsCoordinator(mind, ledOf(mind, id), from, said);
  if (from === name) learnFromCoordinator(mind, id, said);
  else if (said.message === "inquiry-answer") learnFromPeer(heldOf(mind, id), from, said);
}

function learnAsCoordinator(mind: Mind, led: Led, from: NodeName, { message, facts }: Said): void {
  switch (message) {
    case "vote": {
      const { vote, preparedAt = null } = facts ?? {};
      // The first one counts; a yes that does not say where its record stands says nothing.
      if (vote && !led.votes.has(from) && (vote !== "yes" || preparedAt))
        led.votes.set(from, { vote, preparedAt });
      if (vote === "yes") led.inquired.add(from);
      noteDuplicate(mind, led, from, facts?.duplicateOf);
      return;
    }
    case "ack":
      led.acked.add(from);
      return;
    case "inquiry":
      led.inquired.add(from);
      return;
    case "decided":
      if (led.participants === null || led.participants.includes(from))
        led.decided ??= facts?.outcome ?? null;
      noteDuplicate(mind, led, from, facts?.duplicateOf);
      return;
  }
}

/** Who names an own transaction as the one that holds the request asks, in effect, what became of it. */
function noteDuplicate(
  mind: Mind,
  { requestId }: Led,
  from: NodeName,
  duplicate: Duplicate | undefined,
): void {
  if (!duplicate || !requestId) return;
  const { transactionId, committed } = duplicate;
  if (partsOf(transactionId).nodeId === mind.nodeId) ledOf(mind, transactionId).inquired.add(from);
  if (!committed) return;
  const named = mind.committedElsewhere.get(requestId) ?? new Set();
  mind.committedElsewhere.set(requestId, named.add(transactionId));
}

function learnFromCoordinator(mind: Mind, id: TransactionId, { message, facts }: Said): void {
  const { nodeId } = partsOf(id);
  switch (message) {
    case "prepare": {
      const held = heldOf(mind, id);
      raiseFloor(mind, id, facts?.floor);
      const floor = mind.floorsHeard.get(nodeId);
      held.participants ??= facts?.participants ?? null;
      nameRequest(mind.heldFor, held, facts?.requestId);
      // One for another run, or another store, is refused, and stands in no other's way.
      if (held.prepare && !isForThisRun(mind, held.prepare)) held.prepare = null;
      held.prepare ??= {
        onePhase: facts?.onePhase ?? false,
        toStore: facts?.toStore ?? null,
        toEpoch: facts?.toEpoch ?? null,
        isBelowFloor: floor !== undefined && isBelow(partsOf(id), floor),
        isAfterAbort: held.isTombstone,
      };
      return;
    }
    case "commit": {
      const held = heldOf(mind, id);
      held.heardCommit = "yes";
      held.commitAt = facts?.preparedAt ?? null;
      raiseFloor(mind, id, facts?.floor);
      return;
    }
    case "abort": {
      const held = heldOf(mind, id);
      held.heardAbort = "yes";
      held.isTombstone = true;
      raiseFloor(mind, id, facts?.floor);
      return;
    }
    case "decided-inquiry":
      raiseFloor(mind, id, facts?.floor);
      return;
  }
}

function learnFromPeer(held: Held, from: NodeName, { facts }: Said): void {
  // Who did not take part decides nothing.
  if (held.participants !== null && !held.participants.includes(from)) return;
  if (facts?.answer === "commit") held.heardCommit = "yes";
  if (facts?.answer === "abort") held.heardAbortFromPeer = "yes";
}

function raiseFloor(mind: Mind, id: TransactionId, floor: Floor | undefined): void {
  const { nodeId } = partsOf(id);
  const before = mind.floorsHeard.get(nodeId);
  if (floor && (!before || isBelow(before, floor))) mind.floorsHeard.set(nodeId, floor);
}
