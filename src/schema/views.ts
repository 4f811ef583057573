import Type from "typebox";
import { Count, NodeId, NodeName, PreparedAt, RequestId, StoreId, TransactionId, WallMs } from "./ids.ts";
import { Injected } from "./injection.ts";
import { Deltas, Operations, ReadResult } from "./operations.ts";
import { Reason } from "./reasons.ts";

const closed = { additionalProperties: false };
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Outcome = Type.Union([
  Type.Literal("committed"),
  Type.Literal("aborted"),
  Type.Literal("unknown"),
]);
export type Outcome = Type.Static<typeof Outcome>;

export const NodeKind = Type.Union([
  Type.Literal("coordinator"),
  Type.Literal("warehouse"),
  Type.Literal("ledger"),
]);
export type NodeKind = Type.Static<typeof NodeKind>;

/** What one node spent on one transaction, counted where the writes and sends happen. */
export const Counts = Type.Object(
  { recordsAppended: Count, recordsForced: Count, messagesSent: Count },
  closed,
);
export type Counts = Type.Static<typeof Counts>;

/** A coordinator's view of one participant of one transaction. */
export const BranchView = Type.Object(
  {
    name: NodeName,
    vote: nullable(Type.Union([Type.Literal("yes"), Type.Literal("no"), Type.Literal("read-only")])),
    reason: nullable(Reason),
    preparedAt: nullable(PreparedAt),
    acked: Type.Boolean(),
    /** Why the participant could not perform the commit yet. */
    refusal: nullable(Type.String()),
  },
  closed,
);
export type BranchView = Type.Static<typeof BranchView>;

/** One transaction as its coordinator sees it. */
export const CoordinatorView = Type.Object(
  {
    role: Type.Literal("coordinator"),
    transactionId: TransactionId,
    requestId: RequestId,
    attempt: Count,
    phase: Type.Union([
      Type.Literal("preparing"),
      Type.Literal("one-phase"),
      Type.Literal("deciding"),
      Type.Literal("committing"),
      Type.Literal("forgotten"),
    ]),
    /** The decision, null while there is none. */
    outcome: nullable(Outcome),
    reason: nullable(Reason),
    branches: Type.Array(BranchView),
    operations: nullable(Operations),
    results: Type.Array(ReadResult),
    startedAtMs: WallMs,
    endedAtMs: nullable(WallMs),
    counts: Counts,
  },
  closed,
);
export type CoordinatorView = Type.Static<typeof CoordinatorView>;

/** One transaction as one of its participants sees it. */
export const ParticipantView = Type.Object(
  {
    role: Type.Literal("participant"),
    transactionId: TransactionId,
    requestId: nullable(RequestId),
    coordinator: nullable(NodeName),
    phase: Type.Union([
      Type.Literal("working"),
      Type.Literal("prepared"),
      Type.Literal("performing"),
      Type.Literal("heuristic"),
      Type.Literal("committed"),
      Type.Literal("aborted"),
      Type.Literal("forgotten"),
    ]),
    vote: nullable(Type.Union([Type.Literal("yes"), Type.Literal("no"), Type.Literal("read-only")])),
    reason: nullable(Reason),
    /** Why performing failed last, while it is being tried again. */
    trouble: nullable(Type.String()),
    /** While in doubt: what the coordinator and the peers answered last, by name. */
    answers: Type.Record(Type.String(), Type.String()),
    /** An operator's decision, and how it stands to the coordinator's: `hazard` while that is not known. */
    heuristic: nullable(
      Type.Object(
        {
          decision: Type.Union([Type.Literal("commit"), Type.Literal("abort")]),
          truth: nullable(Type.Union([Type.Literal("commit"), Type.Literal("abort")])),
          ending: Type.Union([Type.Literal("agreed"), Type.Literal("mixed"), Type.Literal("hazard")]),
          by: Type.String(),
          reason: Type.String(),
          atMs: WallMs,
        },
        closed,
      ),
    ),
    /** What committing adds to its rows. */
    redo: Deltas,
    /** What aborting adds to them: the hold is let go. Absent in what was recorded before this was told. */
    undo: Type.Optional(Deltas),
    startedAtMs: WallMs,
    endedAtMs: nullable(WallMs),
    counts: Counts,
  },
  closed,
);
export type ParticipantView = Type.Static<typeof ParticipantView>;

/** A request whose last attempt failed for a reason that may pass, and that its coordinator tries again. */
export const RetryView = Type.Object(
  {
    requestId: RequestId,
    /** The number of the attempt to come. */
    attempt: Count,
    /** It begins no later than this from now, in milliseconds. */
    withinMs: Count,
    /** Why the last one failed. */
    reason: Reason,
  },
  closed,
);
export type RetryView = Type.Static<typeof RetryView>;

/** Requests to be tried again that a node lists at most, those that wait longest. */
export const RETRIES_LISTED_MAX = 1_000;

export const TransactionView = Type.Union([CoordinatorView, ParticipantView]);
export type TransactionView = Type.Static<typeof TransactionView>;

/** A whole number as decimal digits, for sums beyond 2^53. */
const Amount = Type.String({ pattern: "^-?[0-9]{1,45}$" });

/** A stock item. Quantities are whole numbers up to 2^53 − 1 as decimal strings; available = onHand − reserved. */
export const ItemView = Type.Object(
  {
    sku: Type.String(),
    name: Type.String(),
    onHand: Amount,
    reserved: Amount,
    available: Amount,
    /** Minor units of the currency; absent where the item has no price. */
    priceMinor: Type.Optional(Amount),
  },
  closed,
);
export type ItemView = Type.Static<typeof ItemView>;

export const AccountType = Type.Union([
  Type.Literal("asset"),
  Type.Literal("liability"),
  Type.Literal("equity"),
  Type.Literal("revenue"),
  Type.Literal("expense"),
]);
export type AccountType = Type.Static<typeof AccountType>;

/** An account. Amounts are whole minor units as decimal strings; `balance` is on the account's normal side. */
export const AccountView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    type: AccountType,
    debitsPosted: Amount,
    creditsPosted: Amount,
    debitsPending: Amount,
    creditsPending: Amount,
    balance: Amount,
    overdraft: Type.Boolean(),
  },
  closed,
);
export type AccountView = Type.Static<typeof AccountView>;

/** Rows of what a participant keeps: a warehouse's items or a ledger's accounts. */
export const ResourceRows = Type.Union([
  Type.Object({ kind: Type.Literal("warehouse"), items: Type.Array(ItemView) }, closed),
  Type.Object({ kind: Type.Literal("ledger"), accounts: Type.Array(AccountView) }, closed),
]);
export type ResourceRows = Type.Static<typeof ResourceRows>;

export const PeerView = Type.Object(
  {
    name: NodeName,
    kind: NodeKind,
    nodeId: nullable(NodeId),
    url: Type.String(),
    connected: Type.Boolean(),
    epoch: nullable(Count),
    /** The last heartbeat's round trip in milliseconds. */
    roundTripMs: nullable(Type.Number({ minimum: 0 })),
    /** Commits that wait for this participant's ack. */
    awaiting: Count,
  },
  closed,
);
export type PeerView = Type.Static<typeof PeerView>;

/** How long a loop did not turn, in milliseconds. */
export const Stall = Type.Object(
  {
    clockMs: Type.Number({ minimum: 0 }),
    /** The most that the loop's thread computed while it was late to turn: what it waited for a core, or for the disk, is not in it. */
    cpuMs: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type Stall = Type.Static<typeof Stall>;

/** What a node's run has spent so far, counted where records are appended, files are synced and messages are sent. */
export const NodeFigures = Type.Object(
  {
    recordsAppended: Count,
    recordsForced: Count,
    /** Times that a file of the log was forced to disk. */
    syncs: Count,
    /** Bytes of the frames of the log. */
    bytesLogged: Count,
    /** Protocol messages, the frames they went in and the bytes of those: to other nodes, not to clients. */
    messages: Count,
    frames: Count,
    bytesSent: Count,
    cpuMicroseconds: Count,
    /** Memory that the process has now, and the most that it had. */
    memoryMiB: Type.Number({ minimum: 0 }),
    peakMemoryMiB: Type.Number({ minimum: 0 }),
    /** The longest since stalls were asked for last, zeros for the first who asks; null for who does not. */
    stall: nullable(Stall),
  },
  closed,
);
export type NodeFigures = Type.Static<typeof NodeFigures>;

/** A node about itself. */
export const NodeView = Type.Object(
  {
    name: NodeName,
    kind: NodeKind,
    nodeId: NodeId,
    storeId: StoreId,
    epoch: Count,
    pid: Count,
    url: Type.String(),
    startedAtMs: WallMs,
    /** The highest log record on disk. */
    forcedSeq: Count,
    unfinished: Count,
    inDoubt: Count,
    faultInjection: Type.Boolean(),
    /** What is injected now; absent without fault injection. */
    injected: Type.Optional(Injected),
    /** What the node found at its start: "clean", or what was torn and dropped. */
    recovery: Type.String(),
    peers: Type.Array(PeerView),
    /** Broken invariants of what the participant keeps; empty when all hold. */
    violations: Type.Array(Type.String()),
    alarms: Type.Array(Type.String()),
  },
  closed,
);
export type NodeView = Type.Static<typeof NodeView>;
