import type { Invariant } from "./mutant.ts";

/** Who guards an invariant, by what; and a mutant that is caught by one of them. */
export interface Guarded {
  readonly words: string;
  /** Invariants of the explorer, by the beginning of their names. */
  readonly explorer: readonly string[];
  /** Rules of conformance. */
  readonly conformance: readonly string[];
  /** What the crash matrix looks at when all is over. */
  readonly matrix: string | null;
  readonly tests: string;
  readonly proof: string;
}

/** In the order in which the simulator numbers them, from I1 on. */
export const GUARDED: Readonly<Record<Invariant, Guarded>> = {
  agreement: {
    words: "no two participants end a transaction differently",
    explorer: ["agreement"],
    conformance: ["no two nodes end a transaction differently"],
    matrix: "stock, money and orders agree",
    tests: "golden traces",
    proof: "remembers an abort that is not certain",
  },
  "commit point": {
    words: "a commit anywhere has every yes, and its own record, on disk",
    explorer: ["commit point"],
    conformance: [
      "the commit record follows the votes of all",
      "a commit is said when its record is on disk",
    ],
    matrix: null,
    tests: "properties of single steps",
    proof: "says commit before it is on disk",
  },
  progress: {
    words: "without faults, all yes gives commit",
    explorer: [],
    conformance: [],
    matrix: "an order after each crash commits",
    tests: "golden traces, scenarios",
    proof: "does not force the commit record",
  },
  "outcomes stand": {
    words: "an outcome that is durable or told never changes; a request commits once",
    explorer: ["outcome"],
    conformance: [
      "a participant ends a transaction one way",
      "a request commits once",
      "recovery turns no outcome",
    ],
    matrix: "every order sent again gets its first outcome",
    tests: "golden traces",
    proof: "aborts what it committed in one phase and forgot",
  },
  "told commits survive": {
    words: "a commit that a client was told of survives crash and power loss",
    explorer: ["outcome: a commit that a client was told of is on disk"],
    conformance: [
      "a client hears of a commit when it is durable",
      "what was on disk is there after a restart",
    ],
    matrix: "told commits are found",
    tests: "power loss at every call of the log",
    proof: "says forced without a sync",
  },
  "yes is durable": {
    words: "a yes is said when its record, with redo and undo, is on disk",
    explorer: ["vote"],
    conformance: ["a yes follows its record"],
    matrix: null,
    tests: "properties of single steps",
    proof: "takes prepared for durable when it is written",
  },
  presumption: {
    words: "abort for want of information only where nothing is known, and never to a client",
    explorer: ["presumption"],
    conformance: ["what is decided is never aborted", "a client hears of an abort only from who knows"],
    matrix: null,
    tests: "golden traces",
    proof: "presumes abort of what it remembers",
  },
  conservation: {
    words: "stock, money and what was sold agree; nothing is sold twice",
    explorer: ["processes"],
    conformance: ["one request is held by one transaction"],
    matrix: "the bank check",
    tests: "golden traces, storm",
    proof: "does not redo what it committed",
  },
  "exact recovery": {
    words: "recovery gives an exact prefix with every acknowledged record",
    explorer: ["processes"],
    conformance: ["what was on disk is there after a restart"],
    matrix: "a crash at every step of log and recovery",
    tests: "power loss and damage of the log",
    proof: "trusts an unclean tail as it is",
  },
  idempotence: {
    words: "any message again, and a crash inside recovery, change nothing",
    explorer: ["agreement", "processes"],
    conformance: ["a prepare below the floor is refused", "an abort before its prepare leaves a tombstone"],
    matrix: "a second crash at every step of recovery",
    tests: "golden traces",
    proof: "leaves no tombstone for an abort that comes first",
  },
  "all ends": {
    words: "when faults end everything finishes, and nothing stays held",
    explorer: [],
    conformance: [],
    matrix: "a cluster at rest",
    tests: "golden traces, storm",
    proof: "hands other input in between a step and its store's answer",
  },
  forgetting: {
    words: "tables and logs return to the size of what is active",
    explorer: [],
    conformance: [],
    matrix: null,
    tests: "tables of the core, size of the log",
    proof: "deletes no segment that a checkpoint covers",
  },
  silence: {
    words: "after an error of the log no further message leaves",
    explorer: [],
    conformance: [],
    matrix: null,
    tests: "a failure at every call of the log",
    proof: "tells of what was forced after the log has failed",
  },
  "bad input": {
    words: "bad or unauthorised input changes nothing; memory stays bounded",
    explorer: [],
    conformance: [],
    matrix: null,
    tests: "hostile input, the fuzzer, guards of the core",
    proof: "lets anybody speak for anybody",
  },
  "one writer": {
    words: "one writer a directory; epochs rise",
    explorer: [],
    conformance: ["one process writes to a store", "epochs rise from run to run"],
    matrix: null,
    tests: "processes on one directory, power loss",
    proof: "lets two processes into one directory",
  },
  conformance: {
    words: "every step that is seen is one that the protocol allows",
    explorer: [],
    conformance: ["all of them"],
    matrix: "its recording is judged",
    tests: "golden traces, scenarios",
    proof: "tells those of an abort that voted no",
  },
};
