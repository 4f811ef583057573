import type { NodeName } from "../schema/ids.ts";
import type { Effect } from "./effects.ts";
import { isReachable, type NodeState, tableOf } from "./node-state.ts";
import { backoffMs } from "./settings.ts";

/** Starts the inquiry rounds of one coordinator unless they are running. */
export function armInquiry(node: NodeState, coordinator: NodeName): Effect[] {
  if (node.participant.inquiryRounds.has(coordinator)) return [];
  node.participant.inquiryRounds.set(coordinator, 1);
  const delayMs = node.settings.inquiryFirstMs;
  return [{ type: "start-timer", timer: { kind: "inquire", id: coordinator }, delayMs, jitter: true }];
}

/** A round: who has been in doubt since the last one asks. Ends when nobody is. */
export function inquire(node: NodeState, coordinator: NodeName): Effect[] {
  const tables = node.participant;
  const inDoubt = tableOf(tables.inDoubt, coordinator);
  if (inDoubt.size === 0) {
    tables.inquiryRounds.delete(coordinator);
    return [];
  }
  const effects = inquireAll(node, coordinator, 1);
  const round = (tables.inquiryRounds.get(coordinator) ?? 0) + 1;
  tables.inquiryRounds.set(coordinator, round);
  const { inquiryFirstMs, inquiryCapMs } = node.settings;
  const delayMs = backoffMs(round, inquiryFirstMs, inquiryCapMs);
  effects.push({ type: "start-timer", timer: { kind: "inquire", id: coordinator }, delayMs, jitter: true });
  return effects;
}

/** Asks for every transaction in doubt that has seen at least `roundsMin` rounds; a coordinator that is away is dialled. */
export function inquireAll(node: NodeState, coordinator: NodeName, roundsMin: number): Effect[] {
  const inDoubt = tableOf(node.participant.inDoubt, coordinator);
  const effects: Effect[] = [];
  const isAway = !isReachable(node, coordinator);
  for (const [transactionId, rounds] of inDoubt) {
    inDoubt.set(transactionId, rounds + 1);
    if (rounds < roundsMin) continue;
    if (isAway) {
      const state = node.participant.transactions.get(transactionId);
      const url = node.peers.get(coordinator)?.url ?? state?.job?.coordinator.url;
      if (url) effects.push({ type: "connect", to: coordinator, url });
      break; // One dial serves all of them.
    }
    const message = { type: "inquiry", transactionId, from: node.self.name } as const;
    effects.push({ type: "send", to: coordinator, url: node.peers.get(coordinator)?.url ?? null, message });
  }
  return effects;
}
