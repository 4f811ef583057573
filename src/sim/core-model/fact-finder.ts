import { invariant } from "../../core/errors.ts";
import { createInterned } from "../explore/interning.ts";
import { rememberById } from "../explore/remember.ts";
import { factsOf, type MessageFacts, messageFactsOf, type ProcessFacts } from "./core-facts.ts";
import { CORE_INVARIANTS, type WorldFacts } from "./core-invariants.ts";
import type { Member } from "./members.ts";
import type { Moves } from "./moves.ts";

/** Bits of a number that may be or-ed together. */
const TRANSACTIONS_MAX = 31;

/** Finds the facts of a state, and what they break: once for each combination, since few of them differ. */
export interface FactFinder {
  facts(state: readonly number[]): WorldFacts;
  processFacts(process: number): ProcessFacts;
  brokenIn(state: readonly number[]): readonly string[];
}

export function createFactFinder(options: {
  readonly members: readonly Member[];
  readonly moves: Pick<Moves, "processes" | "envelopes">;
  readonly messages: (set: number) => readonly number[];
}): FactFinder {
  const { members, messages } = options;
  const { processes, envelopes } = options.moves;
  const transactions = createInterned<string>((id) => id);
  const bitOf = (transactionId: string): number => {
    const place = transactions.idOf(transactionId);
    invariant(place < TRANSACTIONS_MAX, `more than ${TRANSACTIONS_MAX} transactions in one exploration`);
    return 1 << place;
  };
  const processFacts = createInterned<ProcessFacts>((facts) => JSON.stringify(facts));
  const sentFacts = createInterned<MessageFacts>((facts) => JSON.stringify(facts));
  const factsAt = rememberById((id) => processFacts.idOf(factsOf(processes.at(id), bitOf)));
  const sentAt = rememberById((set) =>
    sentFacts.idOf(messageFactsOf(messages(set).map(envelopes.at), bitOf)),
  );

  const facts = (state: readonly number[]): WorldFacts => {
    const known = members.map((member, at) => {
      return { ...member, facts: processFacts.at(factsAt(state[at] ?? 0)) };
    });
    return {
      coordinators: known.filter(({ isCoordinator }) => isCoordinator).map((member) => member.facts),
      participants: known
        .filter(({ isParticipant }) => isParticipant)
        .map((member) => [member.name, member.facts]),
      sent: sentFacts.at(sentAt(state[members.length] ?? 0)),
    };
  };

  const broken = new Map<string, readonly string[]>();
  let last: { readonly state: readonly number[]; readonly broken: readonly string[] } | null = null;
  const brokenBy = (state: readonly number[]): readonly string[] => {
    let key = "";
    for (let at = 0; at < members.length; at += 1) key += String.fromCharCode(factsAt(state[at] ?? 0));
    key += String.fromCharCode(sentAt(state[members.length] ?? 0));
    const known = broken.get(key);
    if (known) return known;
    const world = facts(state);
    const found = Object.entries(CORE_INVARIANTS).flatMap(([name, { holds }]) =>
      holds(world) ? [] : [name],
    );
    broken.set(key, found);
    return found;
  };
  return {
    facts,
    processFacts: (process) => processFacts.at(factsAt(process)),
    brokenIn(state) {
      if (last?.state !== state) last = { state, broken: brokenBy(state) };
      return last.broken;
    },
  };
}
