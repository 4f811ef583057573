import Type from "typebox";
import { Address, Count, Floor, NodeName, PreparedAt, RequestId, TransactionId, WallMs } from "./ids.ts";
import { Deltas } from "./operations.ts";
import { Reason } from "./reasons.ts";

const closed = { additionalProperties: false };

/** The first record of every run, forced before the run's first transaction. */
export const RunStart = Type.Object(
  { type: Type.Literal("run-start"), epoch: Count, startedAtMs: WallMs },
  closed,
);

/** Coordinator, forced: the commit point. Carries what a restart needs to tell every `yes` voter. */
export const CommitRecord = Type.Object(
  {
    type: Type.Literal("commit"),
    transactionId: TransactionId,
    requestId: RequestId,
    issuedAtMs: WallMs,
    digest: Type.String(),
    attempt: Count,
    voters: Type.Array(Type.Object({ name: NodeName, url: Type.String(), preparedAt: PreparedAt }, closed)),
  },
  closed,
);
export type CommitRecord = Type.Static<typeof CommitRecord>;

/** Coordinator, not forced: every ack is in. Losing it re-sends commit after a restart. */
export const EndRecord = Type.Object({ type: Type.Literal("end"), transactionId: TransactionId }, closed);
export type EndRecord = Type.Static<typeof EndRecord>;

/** Participant, forced before the vote `yes`: complete redo and undo, and whom to ask. */
export const PreparedRecord = Type.Object(
  {
    type: Type.Literal("prepared"),
    transactionId: TransactionId,
    requestId: RequestId,
    issuedAtMs: WallMs,
    digest: Type.String(),
    coordinator: Address,
    participants: Type.Unsafe<readonly Address[]>(Type.Array(Address)),
    redo: Deltas,
    undo: Deltas,
    /** The coordinator's floor as the participant knew it when it wrote the record; earlier versions did not write it. */
    floor: Type.Optional(Floor),
  },
  closed,
);
export type PreparedRecord = Type.Static<typeof PreparedRecord>;

/**
 * Participant, forced before the ack. With `onePhase` it is the only record of its transaction
 * and carries the redo itself.
 */
export const CommittedRecord = Type.Object(
  {
    type: Type.Literal("committed"),
    transactionId: TransactionId,
    onePhase: Type.Union([
      Type.Null(),
      Type.Object({ requestId: RequestId, issuedAtMs: WallMs, digest: Type.String(), redo: Deltas }, closed),
    ]),
  },
  closed,
);
export type CommittedRecord = Type.Static<typeof CommittedRecord>;

/** Participant: the work is undone. Not forced after a coordinator's abort; forced where the participant itself answers by it, or refuses for good. */
export const AbortedRecord = Type.Object(
  {
    type: Type.Literal("aborted"),
    transactionId: TransactionId,
    /** The participant has refused the request as invalid, and refuses it again whoever sends it. */
    refusal: Type.Optional(
      Type.Object(
        { requestId: RequestId, issuedAtMs: WallMs, digest: Type.String(), reason: Reason },
        closed,
      ),
    ),
  },
  closed,
);
export type AbortedRecord = Type.Static<typeof AbortedRecord>;

/** Who decided by hand, why, and when. */
export const Verdict = Type.Object(
  {
    by: Type.String({ minLength: 1, maxLength: 64 }),
    reason: Type.String({ minLength: 1, maxLength: 256 }),
    atMs: WallMs,
  },
  closed,
);
export type Verdict = Type.Static<typeof Verdict>;

/** Participant, forced: an operator has settled an in-doubt transaction without the coordinator's decision. */
export const HeuristicRecord = Type.Object(
  {
    type: Type.Literal("heuristic"),
    transactionId: TransactionId,
    decision: Type.Union([Type.Literal("commit"), Type.Literal("abort")]),
    verdict: Verdict,
  },
  closed,
);
export type HeuristicRecord = Type.Static<typeof HeuristicRecord>;

/**
 * Participant, forced: a heuristic decision is over. It agreed with the coordinator's, or an operator has taken note that
 * it did not (`mixed`) or that nobody will ever know (`hazard`).
 */
export const HeuristicEndRecord = Type.Object(
  {
    type: Type.Literal("heuristic-end"),
    transactionId: TransactionId,
    ending: Type.Union([Type.Literal("agreed"), Type.Literal("mixed"), Type.Literal("hazard")]),
    verdict: Type.Union([Verdict, Type.Null()]),
  },
  closed,
);
export type HeuristicEndRecord = Type.Static<typeof HeuristicEndRecord>;

/** Coordinator, forced: an operator has settled that a participant which cannot perform the commit is not waited for. */
export const ReleasedRecord = Type.Object(
  { type: Type.Literal("released"), transactionId: TransactionId, participant: NodeName, verdict: Verdict },
  closed,
);
export type ReleasedRecord = Type.Static<typeof ReleasedRecord>;

/** What a node writes to its log, one JSON document a frame. */
export type LogRecord =
  | Type.Static<typeof RunStart>
  | CommitRecord
  | EndRecord
  | PreparedRecord
  | CommittedRecord
  | AbortedRecord
  | HeuristicRecord
  | HeuristicEndRecord
  | ReleasedRecord;

export const LOG_RECORDS = {
  "run-start": RunStart,
  commit: CommitRecord,
  end: EndRecord,
  prepared: PreparedRecord,
  committed: CommittedRecord,
  aborted: AbortedRecord,
  heuristic: HeuristicRecord,
  "heuristic-end": HeuristicEndRecord,
  released: ReleasedRecord,
} as const;
