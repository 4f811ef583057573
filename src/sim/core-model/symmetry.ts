import { rememberById } from "../explore/remember.ts";
import type { CoreState } from "./core-model.ts";
import type { FactFinder } from "./fact-finder.ts";
import type { Member } from "./members.ts";
import type { MessageSets } from "./message-sets.ts";
import type { Moves } from "./moves.ts";
import { renameIn } from "./rename.ts";

/*
 * Nodes of one kind do the same: who swaps their names in a state and in all that follows has a run of the same
 * program. So of states that differ in names alone one stands for all. That the core is so, in spite of the lists
 * in which nodes stand in some order, is tested step by step.
 */

export interface Symmetry {
  /** The same list for states that differ in names alone. */
  representative(state: CoreState): CoreState;
}

/** How the names are swapped: for the place of each member the place of the one whose name it takes. */
export type Swap = readonly number[];

export function createSymmetry(options: {
  readonly members: readonly Member[];
  readonly moves: Pick<Moves, "processes" | "envelopes">;
  readonly sets: MessageSets;
  readonly finder: Pick<FactFinder, "renameSent">;
  readonly readers: number;
}): Symmetry {
  const { members, sets, finder, readers } = options;
  const setAt = members.length;
  const swaps = swapsOf(members, readers).map((swap) => {
    const { process, envelope, text } = renamed(members, options.moves, swap);
    const set = rememberById((id) =>
      sets.messagesOf(id).reduce((all, each) => sets.plus(all, envelope(each)), 0),
    );
    const sent = rememberById((id) => finder.renameSent(id, text));
    return { swap, process, set, sent };
  });
  return {
    representative(state) {
      let least = state;
      for (const { swap, process, set, sent } of swaps) {
        const other = state.slice();
        for (let at = 0; at < setAt; at += 1) other[swap[at] ?? at] = process(state[at] ?? 0);
        other[setAt] = set(state[setAt] ?? 0);
        other[setAt + 1] = sent(state[setAt + 1] ?? 0);
        if (isLess(other, least)) least = other;
      }
      return least;
    },
  };
}

/** What a swap of names makes of processes, messages and texts. */
export function renamed(
  members: readonly Member[],
  { processes, envelopes }: Pick<Moves, "processes" | "envelopes">,
  swap: Swap,
): { process(id: number): number; envelope(id: number): number; text(text: string): string } {
  const names = new Map(
    members.flatMap(({ name, storeId }, at) => {
      const other = members[swap[at] ?? at];
      return other
        ? [[name as string, other.name as string] as const, [storeId, other.storeId] as const]
        : [];
    }),
  );
  const words = new RegExp(`\\b(?:${[...names.keys()].join("|")})\\b`, "g");
  const text = (old: string): string => old.replace(words, (word) => names.get(word) ?? word);
  return {
    process: rememberById((id) => processes.idOf(renameIn(processes.at(id), text))),
    envelope: rememberById((id) => envelopes.idOf(renameIn(envelopes.at(id), text))),
    text,
  };
}

/** Every swap of nodes of one kind, without the one that changes nothing. */
export function swapsOf(members: readonly Member[], readers: number): readonly Swap[] {
  const kindOf = ({ isParticipant, isCoordinator }: Member, at: number) =>
    [isParticipant, isCoordinator, at >= members.length - readers].join();
  const kinds = members.map(kindOf);
  let swaps: number[][] = [[]];
  for (const kind of kinds) {
    swaps = swaps.flatMap((swap) =>
      kinds.flatMap((other, at) => (other === kind && !swap.includes(at) ? [[...swap, at]] : [])),
    );
  }
  return swaps.filter((swap) => swap.some((to, at) => to !== at));
}

function isLess(one: CoreState, other: CoreState): boolean {
  for (let at = 0; at < one.length; at += 1) {
    const [first = 0, second = 0] = [one[at], other[at]];
    if (first !== second) return first < second;
  }
  return false;
}
