import type { PromiseNumber } from "../promises.ts";
import type { MessageFacts, ProcessFacts } from "./core-facts.ts";

/** What is known of one state of the whole: coordinators, participants by name (a node may be both), what was sent. */
export interface WorldFacts {
  readonly coordinators: readonly ProcessFacts[];
  readonly participants: readonly (readonly [name: string, facts: ProcessFacts])[];
  readonly sent: MessageFacts;
}

/** What must hold in every state, which promises it guards, and in what words. */
export interface CoreInvariant {
  readonly guards: readonly PromiseNumber[];
  holds(world: WorldFacts): boolean;
}

/** What must hold of every state of the shipped core, by name. */
export const CORE_INVARIANTS: Readonly<Record<string, CoreInvariant>> = {
  "agreement: no two participants end a transaction differently": {
    guards: ["I1"],
    holds: ({ participants, sent }) => {
      const committed = allOf(participants, ({ committed, heuristic }) => committed & ~heuristic);
      // Who voted read-only has no end: a refusal of the same prepare, when it comes again, changes nothing.
      return participants.every(([name, { aborted, heuristic }]) =>
        isWithin(aborted & ~heuristic & committed, sent.readOnly[name] ?? 0),
      );
    },
  },

  "commit point: a commit is said or carried out only where its record is on disk": {
    guards: ["I2"],
    holds: ({ coordinators, participants, sent }) => {
      const decided = union(coordinators, (facts) => facts.decided);
      return (
        isWithin(sent.commits, decided) &&
        participants.every(([, facts]) => isWithin(facts.committed, decided | facts.committedOnePhase))
      );
    },
  },

  "commit point: everybody has voted for it, and every yes is on disk": {
    guards: ["I2", "I6"],
    holds: ({ coordinators, participants, sent }) =>
      participants.every(([name, facts]) =>
        coordinators.every((coordinator) => {
          const { decided, decidedWith } = coordinator;
          // What a node says to itself crosses no network.
          const own = coordinator.name === name ? facts.prepared : 0;
          const voted = (sent.yes[name] ?? 0) | (sent.readOnly[name] ?? 0) | own;
          return isWithin(decidedWith[name] ?? 0, facts.prepared) && isWithin(decided, voted);
        }),
      ),
  },

  "outcome: what is decided is never aborted": {
    guards: ["I1", "I4"],
    holds: ({ coordinators, participants }) => {
      const toldAborted = union(coordinators, (facts) => facts.toldAborted);
      return coordinators.every(
        ({ decided, decidedWith }) =>
          (decided & toldAborted) === 0 &&
          participants.every(
            ([name, facts]) =>
              (facts.aborted & (decidedWith[name] ?? 0)) === 0 && (facts.committed & toldAborted) === 0,
          ),
      );
    },
  },

  "outcome: what is on disk never turns": {
    guards: ["I4"],
    holds: ({ participants }) =>
      participants.every(([, { committedOnDisk, abortedOnDisk }]) => (committedOnDisk & abortedOnDisk) === 0),
  },

  "outcome: a request commits at most once, at whichever coordinator": {
    guards: ["I4"],
    holds: (world) => countBits(commitsOf(world)) <= 1,
  },

  "outcome: a client told of an abort finds no commit, wherever else it asked": {
    guards: ["I4", "I7"],
    holds: (world) =>
      !world.coordinators.some(({ hasToldAborted }) => hasToldAborted) ||
      (commitsOf(world) === 0 && !world.coordinators.some(({ hasToldCommitted }) => hasToldCommitted)),
  },

  "outcome: a commit that a client was told of is on disk": {
    guards: ["I5"],
    holds: (world) => {
      const { coordinators, participants, sent } = world;
      const allReadOnly = participants.reduce((all, [name]) => all & (sent.readOnly[name] ?? 0), -1);
      const told = union(coordinators, (facts) => facts.toldCommitted);
      return isWithin(told, commitsOf(world) | allReadOnly);
    },
  },

  "vote: a yes is said only where its record, with redo and undo, is on disk": {
    guards: ["I6"],
    holds: ({ participants, sent }) =>
      participants.every(([name, facts]) => isWithin(sent.yes[name] ?? 0, facts.prepared)),
  },

  // A vote that comes once more after the end is answered by presumption; by then nobody can be misled.
  "presumption: abort is said of what is decided only when all have committed": {
    guards: ["I7"],
    holds: ({ coordinators, participants, sent }) =>
      participants.every(([name, facts]) =>
        coordinators.every(({ decidedWith }) =>
          isWithin(sent.aborts & (decidedWith[name] ?? 0), facts.committed | facts.heuristic),
        ),
      ),
  },

  "presumption: abort is not said while the votes are collected or the commit is on its way to the disk": {
    guards: ["I7"],
    holds: ({ coordinators, sent }) => coordinators.every(({ open }) => (sent.aborts & open) === 0),
  },

  "ack: it is said only where the commit is on disk, or an operator has taken note": {
    guards: ["I4", "I5"],
    holds: ({ participants, sent }) =>
      participants.every(([name, facts]) =>
        isWithin(sent.acks[name] ?? 0, facts.committedOnDisk | facts.noted),
      ),
  },

  "processes: none raises an alarm, throws, or holds what it should not": {
    guards: ["I8", "I9"],
    holds: ({ coordinators, participants }) =>
      coordinators.every(({ faults }) => faults.length === 0) &&
      participants.every(([, { faults }]) => faults.length === 0),
  },
};

/** All transactions that are committed for good: by their coordinator's record, or by their only participant's. */
function commitsOf({ coordinators, participants }: WorldFacts): number {
  return (
    union(coordinators, (facts) => facts.decided) | allOf(participants, (facts) => facts.committedOnePhase)
  );
}

function allOf(participants: WorldFacts["participants"], bits: (facts: ProcessFacts) => number): number {
  return union(
    participants.map(([, facts]) => facts),
    bits,
  );
}

function union(processes: readonly ProcessFacts[], bits: (facts: ProcessFacts) => number): number {
  return processes.reduce((all, facts) => all | bits(facts), 0);
}

function isWithin(some: number, all: number): boolean {
  return (some & ~all) === 0;
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}
