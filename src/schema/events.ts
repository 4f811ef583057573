import Type from "typebox";
import { Count, Floor, NodeName, PreparedAt, RequestId, StoreId, TransactionId, WallMs } from "./ids.ts";
import { HeldMessage, Injected } from "./injection.ts";
import { CommitRefused, Decided, InquiryAnswerWord, Vote } from "./protocol.ts";
import { Duplicate, Reason } from "./reasons.ts";
import { HeuristicEndRecord, HeuristicRecord } from "./records.ts";
import { NodeView, Outcome, PeerView, ResourceRows, RetryView, TransactionView } from "./views.ts";

const closed = { additionalProperties: false };
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What of a message the rules of the protocol depend on, beyond its type and its transaction: those that it carries. */
export const MessageFacts = Type.Object(
  {
    requestId: Type.Optional(RequestId),
    onePhase: Type.Optional(Type.Boolean()),
    participants: Type.Optional(Type.Array(NodeName)),
    toStore: Type.Optional(StoreId),
    toEpoch: Type.Optional(Count),
    floor: Type.Optional(Floor),
    vote: Type.Optional(Vote.properties.vote),
    preparedAt: Type.Optional(PreparedAt),
    /** With a refusal: why. */
    code: Type.Optional(Reason.properties.code),
    /** With a refusal: the transaction that holds the request, and whether it has committed. */
    duplicateOf: Type.Optional(Duplicate),
    outcome: Type.Optional(Decided.properties.outcome),
    answer: Type.Optional(InquiryAnswerWord),
    refusal: Type.Optional(CommitRefused.properties.code),
  },
  closed,
);
export type MessageFacts = Type.Static<typeof MessageFacts>;

/** What of a record the rules of the protocol depend on, beyond its type and its transaction. */
export const RecordFacts = Type.Object(
  {
    requestId: Type.Optional(RequestId),
    voters: Type.Optional(Type.Array(NodeName)),
    onePhase: Type.Optional(Type.Boolean()),
    decision: Type.Optional(HeuristicRecord.properties.decision),
    ending: Type.Optional(HeuristicEndRecord.properties.ending),
    participant: Type.Optional(NodeName),
  },
  closed,
);
export type RecordFacts = Type.Static<typeof RecordFacts>;

const said = {
  message: Type.String(),
  text: Type.String(),
  facts: Type.Optional(MessageFacts),
};

/** What happened, told by the node it happened to. */
export const EventBody = Type.Union([
  /** `heldId` where it was held until now. */
  Type.Object(
    { type: Type.Literal("message-sent"), to: NodeName, ...said, heldId: Type.Optional(Count) },
    closed,
  ),
  Type.Object({ type: Type.Literal("message-received"), from: NodeName, ...said }, closed),
  /** A message that fault injection or a missing connection kept from leaving. */
  Type.Object(
    {
      type: Type.Literal("message-dropped"),
      to: NodeName,
      message: Type.String(),
      why: Type.String(),
      heldId: Type.Optional(Count),
    },
    closed,
  ),
  /** A message that waits in the node until it is let go. The node has said it now: what of it can be judged is told here. */
  Type.Object(
    { type: Type.Literal("message-held"), held: HeldMessage, facts: Type.Optional(MessageFacts) },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal("record-appended"),
      record: Type.String(),
      seq: Count,
      force: Type.Boolean(),
      facts: Type.Optional(RecordFacts),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal("record-forced"), record: Type.String(), seq: Count }, closed),
  /** A client that waited was told how its request ended. */
  Type.Object({ type: Type.Literal("client-answered"), requestId: RequestId, outcome: Outcome }, closed),
  Type.Object({ type: Type.Literal("transaction-changed"), view: TransactionView }, closed),
  /** Only the rows that changed. */
  Type.Object({ type: Type.Literal("rows-changed"), rows: ResourceRows }, closed),
  Type.Object({ type: Type.Literal("peer-changed"), peer: PeerView }, closed),
  Type.Object({ type: Type.Literal("fault-armed"), fault: Type.String() }, closed),
  Type.Object({ type: Type.Literal("fault-fired"), fault: Type.String() }, closed),
  /** Messages are held back from now on, or no longer. */
  Type.Object({ type: Type.Literal("hold-changed"), isHolding: Type.Boolean() }, closed),
  /** Faults, cuts and the hold as they stand now. */
  Type.Object({ type: Type.Literal("injected-changed"), injected: Injected }, closed),
  Type.Object(
    {
      type: Type.Literal("retry-scheduled"),
      requestId: Type.String(),
      attempt: Count,
      delayMs: Count,
      /** Why the last attempt failed. */
      reason: Type.Optional(Reason),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal("alarm"), text: Type.String() }, closed),
  /** What the alarm with this text was about is over. */
  Type.Object({ type: Type.Literal("alarm-cleared"), text: Type.String() }, closed),
  Type.Object({ type: Type.Literal("note"), text: Type.String() }, closed),
]);
export type EventBody = Type.Static<typeof EventBody>;

/** One event of a node's stream. `number` rises by one a node and run; a gap means that a snapshot is needed. */
export const NodeEvent = Type.Object(
  {
    node: NodeName,
    epoch: Count,
    number: Count,
    atMs: WallMs,
    transactionId: nullable(TransactionId),
    body: EventBody,
  },
  closed,
);
export type NodeEvent = Type.Static<typeof NodeEvent>;

/** So many transactions a snapshot lists, the newest, and beside them all that are not finished; one with fewer lists all that the node knows. */
export const SNAPSHOT_TRANSACTIONS_MAX = 200;

/** A node's whole visible state: what a watcher starts from and returns to after a gap. */
export const Snapshot = Type.Object(
  {
    /** The number of the last event that the snapshot includes. */
    number: Count,
    node: NodeView,
    transactions: Type.Array(TransactionView),
    rows: nullable(ResourceRows),
    /** Absent where nothing is held. */
    held: Type.Optional(Type.Array(HeldMessage)),
    /** Absent where nothing waits to be tried again. */
    retries: Type.Optional(Type.Array(RetryView)),
  },
  closed,
);
export type Snapshot = Type.Static<typeof Snapshot>;
