import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";

/** The participants of a request, in the order in which its operations first name them. */
export function participantsOf(operations: readonly Operation[]): NodeName[] {
  const names: NodeName[] = [];
  for (const { participant } of operations) if (!names.includes(participant)) names.push(participant);
  return names;
}

/** Every participant answers a `read` without holding or changing anything. */
export function isRead({ op }: Operation): boolean {
  return op === "read";
}
