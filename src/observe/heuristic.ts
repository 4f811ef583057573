import type { NodeName } from "../schema/ids.ts";
import type { ParticipantView } from "../schema/views.ts";
import { timeOfDay } from "./figures.ts";
import type { Transaction } from "./model.ts";

/** What an operator has decided at one participant, and how that stands to the coordinator's decision. */
export type HeuristicFact = NonNullable<ParticipantView["heuristic"]> & {
  readonly node: NodeName;
  /** An operator has taken note of it; nothing is left to be done. */
  readonly isOver: boolean;
};

const NONE: readonly HeuristicFact[] = [];

/** Every decision made by hand, over or not, by participant. */
export function heuristicFacts(transaction: Transaction): readonly HeuristicFact[] {
  // A frame asks this of thousands, of which hardly one was decided by hand.
  let facts: HeuristicFact[] | null = null;
  for (const [node, view] of transaction.participants) {
    if (view.heuristic === null) continue;
    facts ??= [];
    facts.push({ ...view.heuristic, node, isOver: view.endedAtMs !== null });
  }
  return facts ?? NONE;
}

/** Those that still have to be compared, or of which nobody has taken note. */
export function openHeuristics(transaction: Transaction): readonly HeuristicFact[] {
  const facts = heuristicFacts(transaction);
  return facts === NONE ? NONE : facts.filter((fact) => !fact.isOver);
}

/** `heuristic abort by ann, 21:04:11 (goods left)`. */
export function verdictText({ decision, by, atMs, reason }: HeuristicFact): string {
  return `heuristic ${decision} by ${by}, ${timeOfDay(atMs)} (${reason})`;
}

/** How it stands to the coordinator's decision, in a sentence. */
export function endingText({ ending, truth, decision, isOver }: HeuristicFact): string {
  switch (ending) {
    case "hazard":
      return isOver
        ? "hazard: closed without the coordinator's decision"
        : "hazard: the coordinator's decision is not known here";
    case "mixed":
      return `mixed: the coordinator decided ${truth}, not ${decision}${isOver ? "; taken note of" : ""}`;
    case "agreed":
      return `agreed: the coordinator decided ${truth} as well`;
  }
}

/**
 * `hazard: ledger abort by ann, coordinator's decision unknown`; null where nothing was decided by hand. Operators who have
 * decided differently have broken atomicity whatever the coordinator says.
 */
export function heuristicLine(transaction: Transaction): string | null {
  const facts = heuristicFacts(transaction).filter((fact) => fact.ending !== "agreed");
  const mixed = facts.filter((fact) => fact.ending === "mixed");
  const [first] = mixed;
  if (first !== undefined)
    return `mixed: ${decidersText(mixed)}, coordinator ${first.truth}${notedText(mixed)}`;
  if (facts.length === 0) return null;
  const word = new Set(facts.map(({ decision }) => decision)).size > 1 ? "mixed already" : "hazard";
  return `${word}: ${decidersText(facts)}, coordinator's decision unknown${notedText(facts)}`;
}

/** `warehouse and ledger abort by ann`; `warehouse abort by ann, ledger commit by ben`. */
function decidersText(facts: readonly HeuristicFact[]): string {
  const nodes = new Map<string, NodeName[]>();
  for (const { node, decision, by } of facts) {
    const what = `${decision} by ${by}`;
    nodes.set(what, [...(nodes.get(what) ?? []), node]);
  }
  return [...nodes].map(([what, names]) => `${names.join(" and ")} ${what}`).join(", ");
}

function notedText(facts: readonly HeuristicFact[]): string {
  return facts.every((fact) => fact.isOver) ? ", taken note of" : "";
}
