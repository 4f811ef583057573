import Type from "typebox";
import {
  Address,
  Count,
  Floor,
  NodeName,
  PreparedAt,
  RequestId,
  StoreId,
  TransactionId,
  WallMs,
} from "./ids.ts";
import { Operations, ReadResults } from "./operations.ts";
import { Reason } from "./reasons.ts";

const closed = { additionalProperties: false };

/** Phase one: the coordinator hands a participant its work and asks for a vote. */
export const Prepare = Type.Object(
  {
    type: Type.Literal("prepare"),
    transactionId: TransactionId,
    requestId: RequestId,
    issuedAtMs: WallMs,
    /** Of all operations of the request, not only of those below. */
    digest: Type.String({ maxLength: 64 }),
    operations: Operations,
    /** True when this is the only participant: it decides, forces and answers `decided`. */
    onePhase: Type.Boolean(),
    coordinator: Address,
    participants: Type.Unsafe<readonly Address[]>(Type.Array(Address, { maxItems: 64 })),
    floor: Floor,
    /** The store of the participant this prepare is for: one of the same name that was made since votes `no`. */
    toStore: StoreId,
    /** The run of that store it is for: one that has restarted since votes `no`. */
    toEpoch: Count,
  },
  closed,
);
export type Prepare = Type.Static<typeof Prepare>;

/** A participant's answer to `prepare`. `yes` is sent only after its `prepared` record is on disk. */
export const Vote = Type.Object(
  {
    type: Type.Literal("vote"),
    transactionId: TransactionId,
    from: NodeName,
    vote: Type.Union([Type.Literal("yes"), Type.Literal("no"), Type.Literal("read-only")]),
    reason: Type.Union([Reason, Type.Null()]),
    results: ReadResults,
    /** Present exactly when the vote is `yes`. */
    preparedAt: Type.Union([PreparedAt, Type.Null()]),
  },
  closed,
);
export type Vote = Type.Static<typeof Vote>;

/** Phase two: the decision to commit, sent again until acked. */
export const Commit = Type.Object(
  {
    type: Type.Literal("commit"),
    transactionId: TransactionId,
    runEpoch: Count,
    floor: Floor,
    preparedAt: PreparedAt,
  },
  closed,
);
export type Commit = Type.Static<typeof Commit>;

/** Phase two: the decision to abort. Needs no ack. */
export const Abort = Type.Object(
  { type: Type.Literal("abort"), transactionId: TransactionId, runEpoch: Count, floor: Floor },
  closed,
);
export type Abort = Type.Static<typeof Abort>;

/** A participant's word that its `committed` record is on disk. */
export const Ack = Type.Object(
  { type: Type.Literal("ack"), transactionId: TransactionId, from: NodeName },
  closed,
);
export type Ack = Type.Static<typeof Ack>;

/** A participant could not perform a commit yet, or must not; the coordinator keeps it and asks again. */
export const CommitRefused = Type.Object(
  {
    type: Type.Literal("commit-refused"),
    transactionId: TransactionId,
    from: NodeName,
    code: Type.Union([
      Type.Literal("perform-failed"),
      Type.Literal("other-store"),
      Type.Literal("log-lost"),
      Type.Literal("heuristic"),
    ]),
    message: Type.String({ maxLength: 512 }),
  },
  closed,
);
export type CommitRefused = Type.Static<typeof CommitRefused>;

/** An in-doubt participant asks its coordinator for the decision. */
export const Inquiry = Type.Object(
  { type: Type.Literal("inquiry"), transactionId: TransactionId, from: NodeName },
  closed,
);
export type Inquiry = Type.Static<typeof Inquiry>;

export const InquiryAnswerWord = Type.Union([
  Type.Literal("pending"),
  Type.Literal("try-later"),
  Type.Literal("not-mine"),
  Type.Literal("commit"),
  Type.Literal("abort"),
  Type.Literal("in-doubt"),
  Type.Literal("unknown"),
]);
export type InquiryAnswerWord = Type.Static<typeof InquiryAnswerWord>;

/**
 * A coordinator's answer when it is neither `commit` nor `abort`: `pending`, `try-later`, or `not-mine` (another store's
 * transaction, nothing can be concluded). Or a peer's: `commit` or `abort` when the decision, or its own abort, is certain;
 * `in-doubt`; or `unknown`, which is no abort: it may have committed and forgotten, or voted read-only.
 */
export const InquiryAnswer = Type.Object(
  {
    type: Type.Literal("inquiry-answer"),
    transactionId: TransactionId,
    from: NodeName,
    answer: InquiryAnswerWord,
  },
  closed,
);
export type InquiryAnswer = Type.Static<typeof InquiryAnswer>;

/** The only participant of a one-phase transaction has decided, and the decision is on disk. */
export const Decided = Type.Object(
  {
    type: Type.Literal("decided"),
    transactionId: TransactionId,
    from: NodeName,
    outcome: Type.Union([Type.Literal("committed"), Type.Literal("aborted")]),
    reason: Type.Union([Reason, Type.Null()]),
    results: ReadResults,
  },
  closed,
);
export type Decided = Type.Static<typeof Decided>;

/** A coordinator asks the only participant of a one-phase transaction what it decided. */
export const DecidedInquiry = Type.Object(
  { type: Type.Literal("decided-inquiry"), transactionId: TransactionId, floor: Floor },
  closed,
);
export type DecidedInquiry = Type.Static<typeof DecidedInquiry>;

export const PROTOCOL_MESSAGES = {
  prepare: Prepare,
  vote: Vote,
  commit: Commit,
  abort: Abort,
  ack: Ack,
  "commit-refused": CommitRefused,
  inquiry: Inquiry,
  "inquiry-answer": InquiryAnswer,
  decided: Decided,
  "decided-inquiry": DecidedInquiry,
} as const;

/** What coordinators and participants say to each other. */
export type ProtocolMessage =
  | Prepare
  | Vote
  | Commit
  | Abort
  | Ack
  | CommitRefused
  | Inquiry
  | InquiryAnswer
  | Decided
  | DecidedInquiry;
