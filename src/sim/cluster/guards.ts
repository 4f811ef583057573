import type { InvariantName } from "./violations.ts";

/** Who guards an invariant in the simulator, and how; null where it is not the simulator's to guard. */
export const GUARDS = {
  I1: "check-outcomes: no two participants end differently; check-sums: the sums name the same requests everywhere",
  I2: "check-outcomes: each commit record and message, and each committed record, rests on what is on disk",
  I3: "simulate, liveness: where nothing befell anybody, and after faults have ended, what can commit commits",
  I4: "check-outcomes, check-sums: what was said or is on disk stays, and a request commits once",
  I5: "check-outcomes: acks and answers come after the disk; check-sums: what a client was told is so at the end",
  I6: "check-outcomes: a yes comes after its prepared record with redo and undo",
  I7: "check-outcomes: no abort is said while a commit record stands that somebody has not performed",
  I8: "check-sums: stock and books agree, every amount moved was asked for once; the nodes' own violations",
  I9: "check-log, check-silence: a start finds an exact prefix with all that was acknowledged, and the state that it makes",
  I10: "check-silence: nothing that is doubled, late or crashes in recovery makes a node throw; all others judge the end",
  I11: "liveness: everything finishes within a bound when faults have ended, and holds nothing",
  I12: "liveness: checkpoints and logs are the size of what is active and the windows",
  I13: "check-silence: nothing leaves a process after a call on its log's files has failed",
  I14: null,
  I15: "check-log: the epochs of a store rise; one writer is the lock's, which is not simulated",
  I16: "check-steps: what each node tells of every step is held against the rules of the protocol",
} as const satisfies Partial<Record<InvariantName, string | null>>;
