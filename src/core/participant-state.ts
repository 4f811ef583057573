import type { Address, NodeName, PreparedAt, RequestId, TransactionId } from "../schema/ids.ts";
import type { Delta, ReadResult } from "../schema/operations.ts";
import type { InquiryAnswerWord } from "../schema/protocol.ts";
import type { Reason } from "../schema/reasons.ts";
import type { HeuristicEndRecord, Verdict } from "../schema/records.ts";

/** What a participant knows of a transaction from its prepare. */
export interface Job {
  readonly transactionId: TransactionId;
  readonly requestId: RequestId;
  readonly issuedAtMs: number;
  readonly digest: string;
  readonly coordinator: Address;
  readonly participants: readonly Address[];
  readonly onePhase: boolean;
}

/** Redo and undo as logical deltas, and what reads saw. */
export interface Work {
  readonly redo: readonly Delta[];
  readonly undo: readonly Delta[];
  readonly results: readonly ReadResult[];
}

export interface Working {
  readonly phase: "working";
  readonly job: Job;
  /** Null until planned; afterwards `prepared` is on its way to the disk, or a one-phase commit is being performed. */
  readonly work: Work | null;
}
export interface Prepared {
  readonly phase: "prepared";
  readonly job: Job;
  readonly work: Work;
  readonly preparedAt: PreparedAt;
  /** A commit has arrived and is being performed. */
  readonly isPerforming: boolean;
  /** Why performing failed last. */
  readonly trouble: string | null;
  /** What was answered to its inquiries so far, when it was not the decision. */
  readonly answers: Answers;
}
export interface Performing {
  readonly phase: "performing";
  readonly job: Job;
  readonly work: Work;
  /** `forcing` until `committed` is on disk, then `finishing`; from there the only way is forward. */
  readonly step: "forcing" | "finishing";
  readonly trouble: string | null;
}
export interface Committed {
  readonly phase: "committed";
  readonly job: Job;
  readonly work: Work;
}
export interface Aborting {
  readonly phase: "aborting";
  readonly job: Job | null;
  readonly reason: Reason | null;
  /** What the coordinator is told when the record is on disk. */
  readonly tells: "decided" | "vote-no" | "nothing";
  /** Peers that asked meanwhile. */
  readonly askers: readonly NodeName[];
}
export interface Aborted {
  readonly phase: "aborted";
  readonly job: Job | null;
  readonly reason: Reason | null;
  /** The record is on disk, so that others may be told. */
  readonly isForced: boolean;
  /** The coordinator itself said abort: this may be passed on without being on disk here. */
  readonly isDecided: boolean;
}
/** An operator has settled it without the coordinator's decision, which is still sought. */
export interface Heuristic {
  readonly phase: "heuristic";
  readonly job: Job;
  readonly work: Work;
  readonly preparedAt: PreparedAt;
  readonly decision: Decision;
  readonly verdict: Verdict;
  /** `applying` (a commit's work), `forcing`, `applied` until it is over, `ending` until that is on disk, `ended`. */
  readonly step: "applying" | "forcing" | "applied" | "ending" | "ended";
  /** How it is over, from `ending` on. */
  readonly ending: HeuristicEndRecord["ending"] | null;
  /** The coordinator's decision, once it is known. */
  readonly truth: Decision | null;
  readonly answers: Answers;
}
export type Decision = "commit" | "abort";

/** Voted `read-only`: nothing is held or logged. The vote alone is remembered, until the floor passes, and never turns. */
export interface ReadOnly {
  readonly phase: "read-only";
  readonly job: Job;
  readonly results: readonly ReadResult[];
}

/** One transaction at one of its participants. */
export type ParticipantState =
  | Working
  | Prepared
  | Performing
  | Committed
  | Aborting
  | Aborted
  | Heuristic
  | ReadOnly;

/** What a participant's store said to a prepare. */
export type PlannedWork =
  | ({ readonly verdict: "yes" } & Work)
  | { readonly verdict: "read-only"; readonly results: readonly ReadResult[] }
  | { readonly verdict: "no"; readonly reason: Reason };

/** A participant in doubt has asked its peers; this is one of them, or the one that asked. */
export type PeerEvent =
  | { readonly type: "peer-inquiry-received"; readonly from: NodeName }
  | { readonly type: "answer-received"; readonly from: NodeName; readonly answer: InquiryAnswerWord };

/** An operator's word, and the disk's about it. */
export type HeuristicEvent =
  | { readonly type: "operator-decided"; readonly decision: Decision; readonly verdict: Verdict }
  | { readonly type: "operator-forgot"; readonly verdict: Verdict }
  | { readonly type: "heuristic-forced" }
  | { readonly type: "heuristic-end-forced" };

export type ParticipantEvent =
  | PeerEvent
  | HeuristicEvent
  | { readonly type: "prepare-received"; readonly onePhase: boolean }
  | { readonly type: "work-planned"; readonly plan: PlannedWork }
  | { readonly type: "prepared-forced"; readonly at: PreparedAt }
  | { readonly type: "committed-forced" }
  | { readonly type: "aborted-forced" }
  | { readonly type: "commit-received" }
  | { readonly type: "abort-received" }
  | { readonly type: "decided-inquiry-received" }
  | { readonly type: "work-performed" }
  | { readonly type: "work-failed"; readonly text: string }
  | { readonly type: "work-finished" }
  | { readonly type: "finish-failed"; readonly text: string }
  | { readonly type: "finish-due" };

/** What the new state already says is not said again. */
export type ParticipantEffect =
  | { readonly type: "perform-work" }
  | { readonly type: "undo-work"; readonly undo: readonly Delta[] }
  | { readonly type: "finish-work" }
  | { readonly type: "retry-finish" }
  | { readonly type: "append-prepared" }
  | { readonly type: "append-committed" }
  | { readonly type: "append-aborted"; readonly force: boolean }
  | { readonly type: "vote-yes" }
  | { readonly type: "vote-no"; readonly reason: Reason }
  | { readonly type: "vote-read-only" }
  | { readonly type: "append-heuristic"; readonly decision: Decision; readonly verdict: Verdict }
  | {
      readonly type: "append-heuristic-end";
      readonly ending: HeuristicEndRecord["ending"];
      readonly verdict: Verdict | null;
    }
  /** A commit that an operator's abort stands against: the coordinator is told, and goes on waiting. */
  | { readonly type: "report-mixed"; readonly text: string }
  | { readonly type: "answer-peer"; readonly to: NodeName; readonly answer: InquiryAnswerWord }
  | { readonly type: "send-ack" }
  | { readonly type: "refuse-commit"; readonly text: string }
  | {
      readonly type: "tell-decided";
      readonly outcome: "committed" | "aborted";
      readonly reason: Reason | null;
      readonly results: readonly ReadResult[];
    }
  /** A decision that contradicts what is already durable here. */
  | { readonly type: "contradicted"; readonly text: string };

/** Answers to inquiries, by who gave them. */
export type Answers = Readonly<Record<string, InquiryAnswerWord>>;
/** What is neither a peer's nor an operator's. */
export type OwnEvent = Exclude<ParticipantEvent, PeerEvent | HeuristicEvent>;
