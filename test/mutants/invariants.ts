import type { PromiseNumber } from "../../src/sim/promises.ts";
import type { Invariant } from "./mutant.ts";

/** Who shows by a mutant that it guards: each catches the mutant that is named, as a breach of that very promise. */
export const PROVERS = ["explorer", "simulator", "conformance", "tests"] as const;
export type Prover = (typeof PROVERS)[number];

/** Who guards an invariant, by what, and the mutants that prove it. Explorer and simulator say themselves by what. */
export interface Guarded {
  readonly promise: PromiseNumber;
  readonly words: string;
  /** Rules of conformance. */
  readonly conformance: readonly string[];
  /** What the crash matrix looks at when all is over. */
  readonly matrix: string | null;
  readonly tests: string;
  readonly proofs: Readonly<Partial<Record<Prover, string>>>;
}

export const GUARDED: Readonly<Record<Invariant, Guarded>> = {
  agreement: {
    promise: "I1",
    words: "no two participants end a transaction differently",
    conformance: ["no two nodes end a transaction differently", "a commit is forgotten when all have acked"],
    matrix: "all nodes agree",
    tests: "golden traces",
    proofs: {
      explorer: "forgets with the first ack",
      simulator: "forgets with the first ack",
      conformance: "forgets with the first ack",
      tests: "remembers an abort that is not certain",
    },
  },
  "commit point": {
    promise: "I2",
    words: "a commit anywhere has every yes, and its own record, on disk",
    conformance: [
      "the commit record follows the votes of all",
      "a commit is said when its record is on disk",
    ],
    matrix: "every commit stands on its records",
    tests: "properties of single steps",
    proofs: {
      explorer: "says commit before it is on disk",
      simulator: "says commit before it is on disk",
      conformance: "says commit before it is on disk",
      tests: "counts a yes that does not say where its record stands",
    },
  },
  progress: {
    promise: "I3",
    words: "without faults, all yes gives commit",
    conformance: [],
    matrix: "an order after each crash commits",
    tests: "golden traces, scenarios",
    proofs: {
      explorer: "lets the floor pass what still collects votes",
      simulator: "lets the floor pass what still collects votes",
      tests: "does not force the commit record",
    },
  },
  "outcomes stand": {
    promise: "I4",
    words: "an outcome that is durable or told never changes; a request commits once",
    conformance: [
      "a participant ends a transaction one way",
      "a refusal for good is on disk before it is said",
      "a request commits once",
      "recovery turns no outcome",
    ],
    matrix: "every order sent again gets its first outcome",
    tests: "golden traces, guards of the core",
    proofs: {
      explorer: "takes a one-phase time-out for an abort",
      simulator: "prepares one request for two transactions",
      conformance: "aborts what it committed in one phase and forgot",
      tests: "repeats a request that it may have forgotten",
    },
  },
  "told commits survive": {
    promise: "I5",
    words: "a commit that a client was told of survives crash and power loss",
    conformance: [
      "a client hears of a commit when it is durable",
      "what was on disk is there after a restart",
    ],
    matrix: "told commits are found",
    tests: "power loss at every call of the log",
    proofs: {
      explorer: "tells the client before the commit is on disk",
      simulator: "tells the client before the commit is on disk",
      conformance: "tells the client before the commit is on disk",
      tests: "says forced without a sync",
    },
  },
  "yes is durable": {
    promise: "I6",
    words: "a yes is said when its record, with redo and undo, is on disk",
    conformance: ["a yes follows its record"],
    matrix: null,
    tests: "properties of single steps, golden traces",
    proofs: {
      explorer: "votes yes before its record is on disk",
      simulator: "takes prepared for durable when it is written",
      conformance: "votes yes before its record is on disk",
      tests: "does not force the prepared record",
    },
  },
  presumption: {
    promise: "I7",
    words: "abort for want of information only where nothing is known, and never to a client",
    conformance: ["what is decided is never aborted", "a client hears of an abort only from who knows"],
    matrix: null,
    tests: "golden traces, guards of the core",
    proofs: {
      explorer: "presumes abort of what it remembers",
      simulator: "presumes abort of what it remembers",
      conformance: "presumes abort of what it remembers",
      tests: "presumes abort of what its log has lost",
    },
  },
  conservation: {
    promise: "I8",
    words: "stock, money and what was sold agree; nothing is sold twice",
    conformance: ["one request is held by one transaction"],
    matrix: "the bank check",
    tests: "golden traces, storm",
    proofs: {
      explorer: "keeps what an abort should release",
      simulator: "decides before all have voted",
      conformance: "prepares one request for two transactions",
      tests: "does not redo what it committed",
    },
  },
  "exact recovery": {
    promise: "I9",
    words: "recovery gives an exact prefix with every acknowledged record",
    conformance: ["what was on disk is there after a restart", "an ack follows its record"],
    matrix: "logs are sound, and end what they promise",
    tests: "power loss and damage of the log",
    proofs: {
      explorer: "does not hold again what it promised",
      simulator: "does not hold again what it promised",
      conformance: "takes committed for durable when it is written",
      tests: "trusts an unclean tail as it is",
    },
  },
  idempotence: {
    promise: "I10",
    words: "any message again, and a crash inside recovery, change nothing",
    conformance: ["a prepare below the floor is refused", "an abort before its prepare leaves a tombstone"],
    matrix: "a second crash at every step of recovery",
    tests: "golden traces, guards of the core",
    proofs: {
      explorer: "expects no commit while it performs one",
      simulator: "expects no commit while it performs one",
      conformance: "leaves no tombstone for an abort that comes first",
      tests: "takes up a prepare for an earlier run of its own",
    },
  },
  "all ends": {
    promise: "I11",
    words: "when faults end everything finishes, and nothing stays held",
    conformance: [],
    matrix: "a cluster at rest",
    tests: "golden traces, storm",
    proofs: {
      explorer: "does not force committed",
      simulator: "does not force committed",
      tests: "does not ask after a crash",
    },
  },
  forgetting: {
    promise: "I12",
    words: "tables and logs return to the size of what is active",
    conformance: [],
    matrix: null,
    tests: "tables of the core, size of the log",
    proofs: {
      explorer: "keeps what the floor has passed",
      simulator: "keeps what the floor has passed",
      tests: "deletes no segment that a checkpoint covers",
    },
  },
  silence: {
    promise: "I13",
    words: "after an error of the log no further message leaves",
    conformance: [],
    matrix: null,
    tests: "a failure at every call of the log",
    proofs: {
      simulator: "goes on after a failed write",
      tests: "tells of what was forced after the log has failed",
    },
  },
  "bad input": {
    promise: "I14",
    words: "bad or unauthorised input changes nothing; memory stays bounded",
    conformance: [],
    matrix: null,
    tests: "hostile input, the fuzzer, guards of the core",
    proofs: { tests: "lets anybody speak for anybody" },
  },
  "one writer": {
    promise: "I15",
    words: "one writer a directory; epochs rise",
    conformance: ["one process writes to a store", "epochs rise from run to run"],
    matrix: "every start is a run of its own",
    tests: "processes on one directory, power loss",
    proofs: {
      simulator: "uses an epoch twice",
      conformance: "uses an epoch twice",
      tests: "lets two processes into one directory",
    },
  },
  conformance: {
    promise: "I16",
    words: "every step that is seen is one that the protocol allows",
    conformance: ["all of them"],
    matrix: "its recording is judged",
    tests: "golden traces, scenarios",
    proofs: {
      explorer: "decides before all have voted",
      // Only a message from an earlier link gets there.
      simulator: "takes up a prepare for an earlier run of its own",
      conformance: "tells those of an abort that voted no",
      tests: "tells those of an abort that voted no",
    },
  },
};
