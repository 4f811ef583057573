import { invariant } from "../../core/errors.ts";
import { createInterned } from "../explore/interning.ts";
import { rememberById, rememberByTwo } from "../explore/remember.ts";
import {
  factsOf,
  type MessageFacts,
  noMessages,
  type ProcessFacts,
  renameMessages,
  withMessage,
} from "./core-facts.ts";
import { CORE_INVARIANTS, type WorldFacts } from "./core-invariants.ts";
import type { Member } from "./members.ts";
import type { Moves } from "./moves.ts";

/** Bits of a number that may be or-ed together. */
const TRANSACTIONS_MAX = 31;

/** Finds the facts of a state, and what they break: once for each combination, since few of them differ. */
export interface FactFinder {
  facts(state: readonly number[]): WorldFacts;
  /** Equal facts are one object. */
  processFacts(process: number): ProcessFacts;
  /** The number of what was sent when nothing was, and with one message more. */
  readonly nothingSent: number;
  sentAlso(sent: number, envelope: number): number;
  /** The number of the same in other names. */
  renameSent(sent: number, rename: (text: string) => string): number;
  brokenIn(state: readonly number[]): readonly string[];
}

/** In a state the number of what was sent follows those of the processes and of the set of messages. */
export function createFactFinder(options: {
  readonly members: readonly Member[];
  readonly moves: Pick<Moves, "processes" | "envelopes">;
}): FactFinder {
  const { members } = options;
  const sentAt = members.length + 1;
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
  const sentAlso = rememberByTwo((sent, envelope) =>
    sentFacts.idOf(withMessage(sentFacts.at(sent), envelopes.at(envelope), bitOf)),
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
      sent: sentFacts.at(state[sentAt] ?? 0),
    };
  };

  const broken = new Map<string, readonly string[]>();
  const brokenBy = (state: readonly number[]): readonly string[] => {
    let key = String.fromCodePoint(state[sentAt] ?? 0);
    for (let at = 0; at < members.length; at += 1) key += String.fromCodePoint(factsAt(state[at] ?? 0));
    const known = broken.get(key);
    if (known) return known;
    const world = facts(state);
    const found = Object.entries(CORE_INVARIANTS).flatMap(([name, { holds }]) =>
      holds(world) ? [] : [name],
    );
    broken.set(key, found);
    return found;
  };
  let last: { readonly state: readonly number[]; readonly broken: readonly string[] } | null = null;
  return {
    facts,
    processFacts: (process) => processFacts.at(factsAt(process)),
    nothingSent: sentFacts.idOf(noMessages(members.map(({ name }) => name))),
    sentAlso,
    renameSent(sent, rename) {
      const bits = (old: number): number => {
        let all = 0;
        for (let left = old; left !== 0; left &= left - 1)
          all |= bitOf(rename(transactions.at(31 - Math.clz32(left & -left))));
        return all;
      };
      return sentFacts.idOf(renameMessages(sentFacts.at(sent), rename, bits));
    },
    brokenIn(state) {
      if (last?.state !== state) last = { state, broken: brokenBy(state) };
      return last.broken;
    },
  };
}
