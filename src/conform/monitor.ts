import { describeEvent } from "../observe/describe.ts";
import type { WatchUpdate } from "../observe/ports.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName } from "../schema/ids.ts";
import { createForgetting } from "./forgetting.ts";
import type { Knowledge, Mind } from "./knowledge.ts";
import { learn } from "./learn.ts";
import { SNAPSHOT_RULES } from "./log-rules.ts";
import type { Breach } from "./rule.ts";
import { rulesOn } from "./rules.ts";
import { hearSnapshot } from "./told.ts";
import { whenSaid } from "./waiting.ts";

/** The first step that the protocol does not allow. */
export interface Violation extends Breach {
  readonly node: NodeName;
  readonly epoch: number;
  /** Of the event, or of the last one before the snapshot. */
  readonly number: number;
  readonly atMs: number;
  /** The line as the console's log shows it. */
  readonly line: string;
  readonly rule: string;
  readonly from: string;
}

/** What a trace came to. */
export interface Conformance {
  readonly violation: Violation | null;
  readonly events: number;
  readonly snapshots: number;
  /** How often a rule was held against a step. */
  readonly judged: number;
  /** How often it could not be, since something before was not seen; by rule. */
  readonly notJudged: Readonly<Record<string, number>>;
}

/** What is heard does not hang together: events are missing, or come from a node that was never introduced. */
export interface Hole {
  readonly problem: string;
}

/** Holds what is heard of a cluster, in the order in which it is heard, against the rules of the protocol. */
export interface Monitor {
  /** Takes in the next thing heard; after a violation everything is ignored. */
  hear(heard: { readonly snapshot: Snapshot } | { readonly event: NodeEvent }): Hole | null;
  result(): Conformance;
  /** How many transactions it remembers: each node's part, and what is known of the whole. */
  remembered(): number;
}

/** Transactions of which each node's part is remembered once it is over. */
const TRANSACTIONS_MAX = 100_000;

export function createMonitor({ transactionsMax = TRANSACTIONS_MAX } = {}): Monitor {
  const knowledge: Knowledge = {
    minds: new Map(),
    endings: new Map(),
    commitsOf: new Map(),
    wiped: new Set(),
  };
  const forgetting = createForgetting(knowledge, transactionsMax);
  let violation: Violation | null = null;
  let events = 0;
  let snapshots = 0;
  let judged = 0;
  const notJudged: Record<string, number> = {};

  const hearNode = (snapshot: Snapshot): void => {
    snapshots += 1;
    const mind = knowledge.minds.get(snapshot.node.name);
    for (const { name, from, check } of mind ? SNAPSHOT_RULES : []) {
      judged += 1;
      const breach = mind ? check(mind, snapshot) : null;
      if (!breach) continue;
      const { node, number } = snapshot;
      const line = `${node.name} = run ${node.epoch} of store ${node.storeId}, process ${node.pid}`;
      violation = {
        ...breach,
        node: node.name,
        epoch: node.epoch,
        number,
        atMs: node.startedAtMs,
        line,
        rule: name,
        from,
      };
      return;
    }
    hearSnapshot(knowledge, snapshot);
  };

  const hearEvent = (mind: Mind, event: NodeEvent): void => {
    events += 1;
    mind.lastNumber = event.number;
    const said = whenSaid(mind, event);
    if (said === null) return;
    const step = { knowledge, mind, event: said.event };
    for (const { name, from, check } of said.isJudged ? rulesOn(said.event.body.type) : []) {
      const verdict = check(step);
      if (verdict === null) continue;
      if (verdict === "not-judged") {
        notJudged[name] = (notJudged[name] ?? 0) + 1;
        continue;
      }
      judged += 1;
      if (verdict === "allowed") continue;
      const { node, epoch, number, atMs } = event;
      violation = {
        ...verdict,
        node,
        epoch,
        number,
        atMs,
        line: describeEvent(event, true),
        rule: name,
        from,
      };
      return;
    }
    learn(knowledge, mind, said.event);
    forgetting.tidy(mind);
  };

  return {
    hear(heard) {
      if (violation) return null;
      if ("snapshot" in heard) {
        hearNode(heard.snapshot);
        return null;
      }
      const { event } = heard;
      const mind = knowledge.minds.get(event.node);
      if (!mind || mind.epoch !== event.epoch)
        return {
          problem: `event ${event.number} of ${event.node}, run ${event.epoch}, comes without a snapshot of it`,
        };
      if (event.number !== mind.lastNumber + 1)
        return { problem: `event ${event.number} of ${event.node} follows event ${mind.lastNumber}` };
      hearEvent(mind, event);
      return null;
    },
    result: () => ({ violation, events, snapshots, judged, notJudged }),
    remembered: () =>
      [...knowledge.minds.values()].reduce(
        (sum, { led, held }) => sum + led.size + held.size,
        knowledge.endings.size + knowledge.commitsOf.size,
      ),
  };
}

/** Takes in an update of a watcher. */
export function hearUpdate(monitor: Monitor, update: WatchUpdate): Hole | null {
  if (update.type === "snapshot") return monitor.hear({ snapshot: update.snapshot });
  if (update.type !== "events") return null;
  for (const event of update.events) {
    const hole = monitor.hear({ event });
    if (hole) return hole;
  }
  return null;
}
