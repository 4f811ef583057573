import type { EventBody } from "../schema/events.ts";
import { CLIENT_RULES } from "./client-rules.ts";
import { CLUSTER_RULES } from "./cluster-rules.ts";
import { COORDINATOR_RULES } from "./coordinator-rules.ts";
import { LOG_RULES } from "./log-rules.ts";
import { PARTICIPANT_RULES } from "./participant-rules.ts";
import type { Rule } from "./rule.ts";

/** Every rule that a step is held against; the first breach in this order is the one reported. */
export const RULES: readonly Rule[] = [
  ...LOG_RULES,
  ...PARTICIPANT_RULES,
  ...COORDINATOR_RULES,
  ...CLIENT_RULES,
  ...CLUSTER_RULES,
];

const BY_EVENT: ReadonlyMap<EventBody["type"], readonly Rule[]> = new Map(
  RULES.flatMap(({ on }) => on).map((type) => [type, RULES.filter(({ on }) => on.includes(type))]),
);

/** Those that can say something about such an event, in their order. */
export function rulesOn(type: EventBody["type"]): readonly Rule[] {
  return BY_EVENT.get(type) ?? [];
}
