import { COORDINATOR_MUTANTS } from "./coordinator-mutants.ts";
import { LOG_MUTANTS } from "./log-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { PARTICIPANT_MUTANTS } from "./participant-mutants.ts";
import { PEER_MUTANTS } from "./peer-mutants.ts";
import { RECOVERY_MUTANTS } from "./recovery-mutants.ts";

export const MUTANTS: readonly Mutant[] = [
  ...COORDINATOR_MUTANTS,
  ...PARTICIPANT_MUTANTS,
  ...PEER_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...LOG_MUTANTS,
];
