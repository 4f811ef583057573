/** Times the protocol waits, and what it waits for. A node may be started with others; a simulation has shorter ones. */
export interface Settings {
  /** How long a coordinator waits for votes. */
  readonly voteTimeoutMs: number;
  /** Unanswered prepares and commits are sent again after this, doubling up to the cap. */
  readonly resendFirstMs: number;
  readonly resendCapMs: number;
  /** A prepared participant without a decision asks after this, doubling up to the cap. */
  readonly inquiryFirstMs: number;
  readonly inquiryCapMs: number;
  /** A transient failure is tried again after this, doubling up to the cap. */
  readonly retryFirstMs: number;
  readonly retryCapMs: number;
  /** Work that failed after `committed` was forced is finished again after this. */
  readonly finishRetryMs: number;
  /** How long a request id is remembered, counted from its time of issue. */
  readonly requestWindowMs: number;
  /** Attempts after which a participant that never registered is taken for a misspelt one. */
  readonly unknownParticipantAttempts: number;
  /** While no more requests than these are under way, one that arrives is taken up at once. */
  readonly atOnceMax: number;
  /** Otherwise it is taken up together with others, after this at the latest. */
  readonly togetherMs: number;
}

export const DEFAULT_SETTINGS: Settings = {
  voteTimeoutMs: 3_000,
  resendFirstMs: 500,
  resendCapMs: 2_000,
  inquiryFirstMs: 500,
  inquiryCapMs: 2_000,
  retryFirstMs: 40,
  retryCapMs: 1_000,
  finishRetryMs: 500,
  requestWindowMs: 24 * 60 * 60 * 1_000,
  unknownParticipantAttempts: 5,
  atOnceMax: 8,
  togetherMs: 8,
};

/** Participants that one request may name. */
export const PARTICIPANTS_MAX = 64;
/** Requests a coordinator has in its tables at once, running, waiting and finished; beyond them it is busy. */
export const REQUESTS_MAX = 40_000;
/** Finished requests a coordinator keeps in memory; participants guard those it has dropped. */
export const SETTLED_REQUESTS_MAX = 20_000;
/** Of those that committed, the newest that a checkpoint carries: who asks again after a restart does so soon, and participants know the others. */
export const SETTLED_CHECKPOINTED_MAX = 2_048;
/** Of how many counters of a coordinator's run a participant remembers decisions for its peers, beyond what the coordinator needs; a power of two. */
export const OUTCOMES_OF_RUN_MAX = 32_768;
/** Of how many runs it does. */
export const OUTCOME_RUNS_MAX = 64;
/** Of those, the newest that a checkpoint carries: peers ask about what was under way when their coordinator went. */
export const OUTCOMES_CHECKPOINTED_MAX = 1_024;
/** Floors that a participant remembers of stores that are gone. */
export const FLOORS_MAX = 1_000;
/** Run starts a node remembers, to tell whether a `prepared` of an earlier run has been lost. */
export const RUN_STARTS_MAX = 10_000;

/** The delay before attempt `attempt` + 1 (`attempt` counts from 1): doubling from `firstMs`, never above `capMs`. */
export function backoffMs(attempt: number, firstMs: number, capMs: number): number {
  return Math.min(capMs, firstMs * 2 ** Math.min(attempt - 1, 30));
}
