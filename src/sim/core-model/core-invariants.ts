import type { MessageFacts, ProcessFacts } from "./core-facts.ts";

/** What is known of one state of the whole: the coordinator, the participants by name, and what was sent. */
export interface WorldFacts {
  readonly coordinator: ProcessFacts;
  readonly participants: readonly (readonly [name: string, facts: ProcessFacts])[];
  readonly sent: MessageFacts;
}

/** What must hold of every state of the shipped core, by name. */
export const CORE_INVARIANTS: Readonly<Record<string, (world: WorldFacts) => boolean>> = {
  "agreement: no two participants end a transaction differently": ({ participants, sent }) => {
    const committed = participants.reduce((all, [, facts]) => all | facts.committed, 0);
    // Who voted read-only has no end: a refusal of the same prepare, when it comes again, changes nothing.
    return participants.every(([name, facts]) =>
      isWithin(facts.aborted & committed, sent.readOnly[name] ?? 0),
    );
  },

  "commit point: a commit is said or carried out only where its record is on disk": ({
    coordinator,
    participants,
    sent,
  }) =>
    isWithin(sent.commits, coordinator.decided) &&
    participants.every(([, facts]) =>
      isWithin(facts.committed, coordinator.decided | facts.committedOnePhase),
    ),

  "commit point: everybody has voted for it, and every yes is on disk": ({
    coordinator,
    participants,
    sent,
  }) =>
    participants.every(
      ([name, facts]) =>
        isWithin(coordinator.decidedWith[name] ?? 0, facts.prepared) &&
        isWithin(coordinator.decided, (sent.yes[name] ?? 0) | (sent.readOnly[name] ?? 0)),
    ),

  "outcome: what is decided is never aborted": ({ coordinator, participants }) =>
    (coordinator.decided & coordinator.toldAborted) === 0 &&
    participants.every(
      ([name, facts]) =>
        (facts.aborted & (coordinator.decidedWith[name] ?? 0)) === 0 &&
        (facts.committed & coordinator.toldAborted) === 0,
    ),

  // A vote that comes once more after the end is answered by presumption; by then nobody can be misled.
  "presumption: abort is said of what is decided only when all have committed": ({
    coordinator,
    participants,
    sent,
  }) =>
    participants.every(([name, facts]) =>
      isWithin(sent.aborts & (coordinator.decidedWith[name] ?? 0), facts.committed),
    ),

  "outcome: a request commits at most once": ({ coordinator }) => coordinator.requestCommits <= 1,

  "outcome: a commit that a client was told of is on disk": ({ coordinator, participants, sent }) => {
    const allReadOnly = participants.reduce((all, [name]) => all & (sent.readOnly[name] ?? 0), -1);
    const onePhase = participants.reduce((all, [, facts]) => all | facts.committedOnePhase, 0);
    return isWithin(coordinator.toldCommitted, coordinator.decided | allReadOnly | onePhase);
  },

  "vote: a yes is said only where its record is on disk": ({ participants, sent }) =>
    participants.every(([name, facts]) => isWithin(sent.yes[name] ?? 0, facts.prepared)),

  "ack: it is said only where the commit is on disk": ({ participants, sent }) =>
    participants.every(([name, facts]) => isWithin(sent.acks[name] ?? 0, facts.committed)),

  "processes: none raises an alarm, throws, or holds what it should not": ({ coordinator, participants }) =>
    coordinator.faults.length === 0 && participants.every(([, facts]) => facts.faults.length === 0),
};

function isWithin(some: number, all: number): boolean {
  return (some & ~all) === 0;
}
