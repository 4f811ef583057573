import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";

/** Most requests name the same participants as the one before. */
let lastNames: readonly NodeName[] = [];

/** The participants of a request, in the order in which its operations first name them. */
export function participantsOf(operations: readonly Operation[]): readonly NodeName[] {
  if (!areNamed(lastNames, operations)) {
    const names: NodeName[] = [];
    for (const { participant } of operations) if (!names.includes(participant)) names.push(participant);
    lastNames = names;
  }
  return lastNames;
}

/** Whether the operations name these, all of them, in this order. */
function areNamed(names: readonly NodeName[], operations: readonly Operation[]): boolean {
  let met = 0;
  for (const { participant } of operations) {
    const place = names.indexOf(participant);
    if (place < 0 || place > met) return false;
    if (place === met) met += 1;
  }
  return met === names.length;
}

/** What of a request is for one participant. Mostly that is one operation, or stands together: no list need grow, or be called for. */
export function operationsFor(name: NodeName, operations: readonly Operation[]): Operation[] {
  let start = 0;
  while (start < operations.length && operations[start]?.participant !== name) start += 1;
  let end = start;
  while (end < operations.length && operations[end]?.participant === name) end += 1;
  for (let at = end; at < operations.length; at += 1) {
    if (operations[at]?.participant === name)
      return operations.filter(({ participant }) => participant === name);
  }
  const first = operations[start];
  return first !== undefined && end === start + 1 ? [first] : operations.slice(start, end);
}

/** Every participant answers a `read` without holding or changing anything. */
export function isRead({ op }: Operation): boolean {
  return op === "read";
}
