import type { Snapshot } from "../schema/events.ts";
import { isDurable, type Mind } from "./knowledge.ts";
import type { Breach, Rule, Step, Verdict } from "./rule.ts";

/** What a log may do. */
export const LOG_RULES: readonly Rule[] = [
  { name: "sequence numbers rise by one", from: "log, frame", on: ["record-appended"], check: seqRises },
  {
    name: "only what was appended is forced",
    from: "log, group commit",
    on: ["record-forced"],
    check: forcedWasAppended,
  },
];

/** A rule about what a node says of itself. */
export interface SnapshotRule {
  readonly name: string;
  readonly from: string;
  readonly check: (mind: Mind, snapshot: Snapshot) => Breach | null;
}

/** What must hold between a store's run and what was seen of it before. */
export const SNAPSHOT_RULES: readonly SnapshotRule[] = [
  { name: "epochs rise from run to run", from: "R2", check: epochsRise },
  { name: "one process writes to a store", from: "log, one writer", check: oneWriter },
  { name: "what was on disk is there after a restart", from: "log, torn or corrupt", check: forcedSurvives },
  { name: "recovery turns no outcome", from: "R1, R10", check: recoveryKeeps },
];

/** Where a segment ends, two frames of the log's own stand between two records. */
const SEGMENT_FRAMES = 2;

function seqRises({ mind, event: { body } }: Step): Verdict {
  if (body.type !== "record-appended") return null;
  if (mind.appendedSeq === null)
    return body.seq > mind.forcedSeq ? "allowed" : below(body.seq, mind.forcedSeq);
  const rise = body.seq - mind.appendedSeq;
  if (rise === 1 || rise === 1 + SEGMENT_FRAMES) return "allowed";
  return { found: `#${body.seq} follows #${mind.appendedSeq}`, allowed: `#${mind.appendedSeq + 1}` };
}

function below(seq: number, forcedSeq: number): Breach {
  return {
    found: `#${forcedSeq} is on disk already`,
    allowed: `a number above ${forcedSeq}, and this is ${seq}`,
  };
}

function forcedWasAppended({ mind, event: { body } }: Step): Verdict {
  if (body.type !== "record-forced") return null;
  if (mind.appendedSeq === null) return "not-judged";
  if (body.seq <= mind.appendedSeq) return "allowed";
  return { found: `the last record appended is #${mind.appendedSeq}`, allowed: "what was appended" };
}

function epochsRise(mind: Mind, { node }: Snapshot): Breach | null {
  if (mind.storeId !== node.storeId || node.epoch >= mind.epoch) return null;
  return { found: `run ${node.epoch} comes after run ${mind.epoch}`, allowed: `a run above ${mind.epoch}` };
}

function oneWriter(mind: Mind, { node }: Snapshot): Breach | null {
  if (mind.storeId !== node.storeId || node.epoch !== mind.epoch) return null;
  if (mind.pid === node.pid && mind.startedAtMs === node.startedAtMs) return null;
  return {
    found: `processes ${mind.pid} and ${node.pid} are both run ${node.epoch}`,
    allowed: "a run of its own for each",
  };
}

function forcedSurvives(mind: Mind, { node }: Snapshot): Breach | null {
  if (mind.storeId !== node.storeId || node.forcedSeq >= mind.forcedSeq) return null;
  return {
    found: `the log ends at #${node.forcedSeq}, and #${mind.forcedSeq} was on disk`,
    allowed: "no start",
  };
}

function recoveryKeeps(mind: Mind, { node, transactions }: Snapshot): Breach | null {
  if (mind.storeId !== node.storeId) return null;
  for (const view of transactions) {
    const { transactionId: id, phase } = view;
    if (view.role === "coordinator") {
      const led = mind.led.get(id);
      const isTurned = view.phase === "forgotten" && view.outcome === "aborted";
      if (led && isTurned && isDurable(mind, led.commit) === "yes")
        return { found: `${id} is aborted, and its commit record was on disk`, allowed: "commit" };
      continue;
    }
    const held = mind.held.get(id);
    if (!held) continue;
    const isTurned = (record: "committed" | "aborted", phases: readonly string[]): boolean =>
      isDurable(mind, held[record]) === "yes" && phases.includes(phase);
    if (isTurned("committed", ["working", "prepared", "aborted"]))
      return { found: `${id} is ${phase}, and its record committed was on disk`, allowed: "committed" };
    if (isTurned("aborted", ["working", "prepared", "performing", "committed"]))
      return { found: `${id} is ${phase}, and its record aborted was on disk`, allowed: "aborted" };
  }
  return null;
}
