import Type from "typebox";
import { Count, NodeName, TransactionId, WallMs } from "./ids.ts";
import { NodeView, PeerView, ResourceRows, TransactionView } from "./views.ts";

const closed = { additionalProperties: false };
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What happened, told by the node it happened to. */
export const EventBody = Type.Union([
  Type.Object(
    { type: Type.Literal("message-sent"), to: NodeName, message: Type.String(), text: Type.String() },
    closed,
  ),
  Type.Object(
    { type: Type.Literal("message-received"), from: NodeName, message: Type.String(), text: Type.String() },
    closed,
  ),
  /** A message that fault injection or a missing connection kept from leaving. */
  Type.Object(
    { type: Type.Literal("message-dropped"), to: NodeName, message: Type.String(), why: Type.String() },
    closed,
  ),
  Type.Object(
    { type: Type.Literal("record-appended"), record: Type.String(), seq: Count, force: Type.Boolean() },
    closed,
  ),
  Type.Object({ type: Type.Literal("record-forced"), record: Type.String(), seq: Count }, closed),
  Type.Object({ type: Type.Literal("transaction-changed"), view: TransactionView }, closed),
  /** Only the rows that changed. */
  Type.Object({ type: Type.Literal("rows-changed"), rows: ResourceRows }, closed),
  Type.Object({ type: Type.Literal("peer-changed"), peer: PeerView }, closed),
  Type.Object({ type: Type.Literal("fault-armed"), fault: Type.String() }, closed),
  Type.Object({ type: Type.Literal("fault-fired"), fault: Type.String() }, closed),
  Type.Object(
    { type: Type.Literal("retry-scheduled"), requestId: Type.String(), attempt: Count, delayMs: Count },
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

/** A node's whole visible state: what a watcher starts from and returns to after a gap. */
export const Snapshot = Type.Object(
  {
    /** The number of the last event that the snapshot includes. */
    number: Count,
    node: NodeView,
    transactions: Type.Array(TransactionView),
    rows: nullable(ResourceRows),
  },
  closed,
);
export type Snapshot = Type.Static<typeof Snapshot>;
