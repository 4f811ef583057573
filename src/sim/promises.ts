/** What this project promises of every run, by number. The checks that guard them name these. */
export const PROMISES = {
  I1: "agreement: no two participants of a transaction end differently, heuristics excepted and recorded",
  I2: "commit point: a commit anywhere implies a durable `prepared` at every update participant and a durable `commit` at the coordinator before any commit message, one-phase and heuristics excepted",
  I3: "no faults: all `yes` gives commit",
  I4: "one outcome: what is durable, or was told to anyone, never changes; a request commits at most once",
  I5: "durability: a commit the client was told of survives any crash and power loss",
  I6: "vote: a `yes` sent implies that the record with complete redo and undo is durable",
  I7: "presumption: an abort by no information is said only where it is true, and never to a client",
  I8: "conservation: stock and books add up at every quiet point; nothing is sold twice",
  I9: "recovery: the state is that of an exact prefix of the log that holds every acknowledged record",
  I10: "repetition: delivering any message again, or crashing inside recovery, changes nothing",
  I11: "settling: when faults end, every transaction finishes within a bound; no lock, no in-doubt stays",
  I12: "tidiness: tables and logs return to the size of what is active, and the windows",
  I13: "fail-stop: after a log error no further message leaves the process",
  I14: "input: bad or unauthorised input changes no durable state and no other's transaction; memory stays bounded",
  I15: "one writer: a directory has one at a time; epochs strictly rise",
  I16: "conformance: every observed step is one that the model allows",
} as const satisfies Record<`I${number}`, string>;
export type PromiseNumber = keyof typeof PROMISES;
