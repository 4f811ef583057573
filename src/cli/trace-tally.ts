import type { NodeName } from "../schema/ids.ts";
import type { TraceLine } from "../schema/trace.ts";
import type { NodeKind } from "../schema/views.ts";

/** What a trace holds, in figures. */
export interface Tally {
  add(line: TraceLine): void;
  summary(): TraceSummary;
}

export interface TraceSummary {
  readonly events: number;
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
  readonly nodes: readonly { readonly name: NodeName; readonly kind: NodeKind; readonly runs: number }[];
  /** As their coordinators told; `unfinished` are those that were begun and not heard to end. */
  readonly transactions: {
    readonly committed: number;
    readonly aborted: number;
    readonly unknown: number;
    readonly unfinished: number;
  };
  readonly messagesSent: number;
  readonly messagesDropped: number;
  readonly recordsForced: number;
  readonly alarms: number;
}

export function createTally(): Tally {
  const nodes = new Map<NodeName, { kind: NodeKind; runs: Set<number> }>();
  const unfinished = new Set<string>();
  const ended = { committed: 0, aborted: 0, unknown: 0 };
  const counts = { "message-sent": 0, "message-dropped": 0, "record-forced": 0, alarm: 0 };
  let events = 0;
  let firstAtMs: number | null = null;
  let lastAtMs: number | null = null;

  return {
    add(line) {
      if (line.type === "snapshot") {
        const { name, kind, epoch } = line.snapshot.node;
        const node = nodes.get(name) ?? { kind, runs: new Set() };
        node.runs.add(epoch);
        nodes.set(name, node);
      }
      if (line.type !== "event") return;
      const { atMs, body } = line.event;
      events += 1;
      firstAtMs ??= atMs;
      lastAtMs = Math.max(lastAtMs ?? 0, atMs);
      if (body.type in counts) counts[body.type as keyof typeof counts] += 1;
      if (body.type !== "transaction-changed" || body.view.role !== "coordinator") return;
      const { transactionId, phase, outcome } = body.view;
      if (phase !== "forgotten") unfinished.add(transactionId);
      else if (unfinished.delete(transactionId)) ended[outcome ?? "unknown"] += 1;
    },
    summary: () => ({
      events,
      firstAtMs,
      lastAtMs,
      nodes: [...nodes].map(([name, { kind, runs }]) => ({ name, kind, runs: runs.size })),
      transactions: { ...ended, unfinished: unfinished.size },
      messagesSent: counts["message-sent"],
      messagesDropped: counts["message-dropped"],
      recordsForced: counts["record-forced"],
      alarms: counts.alarm,
    }),
  };
}
