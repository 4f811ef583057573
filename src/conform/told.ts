import { assertNever } from "../core/errors.ts";
import { SNAPSHOT_TRANSACTIONS_MAX, type Snapshot } from "../schema/events.ts";
import type { CoordinatorView, ParticipantView } from "../schema/views.ts";
import {
  type Held,
  heldOf,
  isDurable,
  type Knowledge,
  type Led,
  ledOf,
  type Mind,
  NONE,
  nameRequest,
  noteCommit,
  partsOf,
  type RecordState,
  TOLD,
  UNKNOWN,
} from "./knowledge.ts";

/** Takes a node's own word for what was not seen. The rules have looked at the snapshot before. */
export function hearSnapshot(knowledge: Knowledge, snapshot: Snapshot): Mind {
  const { node, transactions } = snapshot;
  const before = knowledge.minds.get(node.name);
  const mind = before && before.storeId === node.storeId ? before : newMind(snapshot);
  if (before && mind !== before) knowledge.wiped.add(node.name);
  knowledge.minds.set(node.name, mind);
  const isNewRun = mind !== before || node.epoch !== mind.epoch;
  if (mind === before && isNewRun) beginRun(mind, snapshot);
  mind.lastNumber = snapshot.number;
  mind.forcedSeq = Math.max(mind.forcedSeq, node.forcedSeq);
  mind.appendedSeq = null;
  mind.floorSaid = null;
  mind.floorsHeard.clear();
  mind.isWhole = transactions.length < SNAPSHOT_TRANSACTIONS_MAX;
  mind.seenFromCounter = firstUnlisted(mind, transactions);
  const listed = new Set<Led | Held>();
  for (const view of transactions) {
    if (view.role === "coordinator") listed.add(tellLed(mind, view));
    else listed.add(tellHeld(knowledge, mind, view));
  }
  for (const each of [...mind.led.values(), ...mind.held.values()]) {
    if (!listed.has(each)) forgetUnlisted(each, mind.isWhole);
  }
  return mind;
}

function newMind({ node, number }: Snapshot): Mind {
  const { name, nodeId, storeId, epoch, pid, startedAtMs, forcedSeq } = node;
  return {
    name,
    nodeId,
    storeId,
    keepsNothing: node.kind === "coordinator",
    epoch,
    pid,
    startedAtMs,
    lastNumber: number,
    forcedSeq,
    foundSeq: forcedSeq,
    appendedSeq: null,
    isWhole: false,
    seenFromCounter: 0,
    floorSaid: null,
    floorsHeard: new Map(),
    led: new Map(),
    held: new Map(),
    ledFor: new Map(),
    heldFor: new Map(),
    committedElsewhere: new Map(),
    kept: new Set(),
    forgotten: { led: new Map(), held: new Map() },
  };
}

/** What is on disk stays; what was on its way there may be or may not; what was only in mind is gone. */
function beginRun(mind: Mind, { node }: Snapshot): void {
  const settle = (record: RecordState): RecordState => {
    if (record.is !== "appended" || isDurable(mind, record) === "yes") return record;
    return node.forcedSeq < record.seq ? NONE : UNKNOWN;
  };
  for (const held of mind.held.values()) {
    held.prepared = settle(held.prepared);
    held.committed = settle(held.committed);
    held.aborted = settle(held.aborted);
    held.heuristic = settle(held.heuristic);
    held.heuristicEnd = settle(held.heuristicEnd);
    held.prepare = null;
    held.isTombstone = false;
    held.readOnly = "no";
  }
  for (const led of mind.led.values()) led.commit = settle(led.commit);
  mind.kept.clear();
  mind.epoch = node.epoch;
  mind.pid = node.pid;
  mind.startedAtMs = node.startedAtMs;
  mind.foundSeq = node.forcedSeq;
}

/** Own transactions of this run from this counter on are not older than what the snapshot lists. */
function firstUnlisted(mind: Mind, transactions: Snapshot["transactions"]): number {
  const counters = transactions.flatMap((view) => {
    const { nodeId, epoch, counter } = partsOf(view.transactionId);
    return view.role === "coordinator" && nodeId === mind.nodeId && epoch === mind.epoch ? [counter] : [];
  });
  return counters.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...counters) + 1;
}

/** A node that lists all it knows has forgotten the rest, or never knew it; else anything may have happened to it. */
function forgetUnlisted(each: Led | Held, isWhole: boolean): void {
  each.isPartlySeen = true;
  if ("commit" in each) {
    if (each.commit.is === "none" && !isWhole) each.commit = UNKNOWN;
    return;
  }
  const weaken = (record: RecordState): RecordState => (record.is === "none" && !isWhole ? UNKNOWN : record);
  each.prepared = weaken(each.prepared);
  each.committed = weaken(each.committed);
  each.aborted = weaken(each.aborted);
}

function tellLed(mind: Mind, view: CoordinatorView): Led {
  const led = ledOf(mind, view.transactionId);
  led.isPartlySeen = true;
  nameRequest(mind.ledFor, led, view.requestId);
  led.participants ??= view.branches.map(({ name }) => name);
  led.onePhase ??= view.phase === "one-phase" ? true : view.phase === "preparing" ? false : null;
  for (const { name, vote, preparedAt, acked } of view.branches) {
    led.asked.add(name);
    if (vote && !led.votes.has(name)) led.votes.set(name, { vote, preparedAt });
    if (acked) led.acked.add(name);
  }
  const yes = view.branches.filter(({ vote }) => vote === "yes").map(({ name }) => name);
  switch (view.phase) {
    case "preparing":
    case "one-phase":
      led.commit = NONE;
      return led;
    case "deciding":
      if (led.commit.is !== "appended") led.commit = UNKNOWN;
      led.voters = yes;
      return led;
    case "committing":
      if (led.commit.is !== "appended") led.commit = TOLD;
      led.voters = yes;
      for (const name of yes) led.toldCommit.add(name);
      return led;
    case "forgotten":
      if (view.outcome === "aborted") led.abortSaid = "yes";
      else if (led.commit.is === "none") led.commit = UNKNOWN;
      return led;
    default:
      return assertNever(view.phase, "phase");
  }
}

function tellHeld(knowledge: Knowledge, mind: Mind, view: ParticipantView): Held {
  const held = heldOf(mind, view.transactionId);
  held.isPartlySeen = true;
  nameRequest(mind.heldFor, held, view.requestId);
  const keep = (record: RecordState, told: RecordState): RecordState =>
    record.is === "appended" ? record : told;
  switch (view.phase) {
    case "working":
      held.prepared = keep(held.prepared, UNKNOWN);
      held.committed = keep(held.committed, UNKNOWN);
      return held;
    case "prepared":
      held.prepared = keep(held.prepared, TOLD);
      held.promised = "yes";
      held.committed = NONE;
      held.aborted = NONE;
      return held;
    case "performing":
      held.committed = keep(held.committed, UNKNOWN);
      held.heardCommit = "yes";
      return held;
    case "committed":
      held.committed = keep(held.committed, TOLD);
      noteCommit(knowledge, held.id, mind.name, held.requestId);
      held.heardCommit = "yes";
      return held;
    case "heuristic": {
      const { decision, truth } = view.heuristic ?? { decision: null, truth: null };
      held.prepared = keep(held.prepared, TOLD);
      held.heuristic = keep(held.heuristic, UNKNOWN);
      held.heuristicEnd = keep(held.heuristicEnd, UNKNOWN);
      held.decision = decision;
      if (truth === "commit") held.heardCommit = "yes";
      if (truth === "abort") held.heardAbort = "yes";
      return held;
    }
    case "aborted":
      held.aborted = keep(held.aborted, UNKNOWN);
      if (held.heardAbort === "no") held.heardAbort = "maybe";
      if (held.promised === "no") held.promised = "maybe";
      return held;
    case "forgotten":
      held.readOnly = view.vote === "read-only" ? "yes" : held.readOnly;
      return held;
    default:
      return assertNever(view.phase, "phase");
  }
}
