import Type from "typebox";
import { NodeEvent, Snapshot } from "./events.ts";
import { FAULT_NAMES, type FaultName } from "./faults.ts";
import { Count, NodeId, NodeName, RequestId, StoreId, TransactionId, WallMs } from "./ids.ts";
import { CutDirection } from "./injection.ts";
import { Operations, ReadResults } from "./operations.ts";
import { Reason } from "./reasons.ts";
import { OneIn, Tally } from "./tally.ts";
import { NodeKind, Outcome } from "./views.ts";

const closed = { additionalProperties: false };
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The version of the wire; a peer with another is refused. */
export const PROTOCOL_VERSION = 1;
/** The WebSocket subprotocol. */
export const SUBPROTOCOL = "2pc.v1";

/** The first message in both directions of every connection. */
export const Hello = Type.Object(
  {
    type: Type.Literal("hello"),
    version: Count,
    token: Type.String({ maxLength: 256 }),
    /** Null for a client. */
    node: nullable(
      Type.Object(
        {
          name: NodeName,
          kind: NodeKind,
          nodeId: NodeId,
          storeId: StoreId,
          epoch: Count,
          /** Where the node listens. */
          url: Type.String({ maxLength: 256 }),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Hello = Type.Static<typeof Hello>;
export type HelloNode = NonNullable<Hello["node"]>;

/** The last message before the sender closes the connection. */
export const WireError = Type.Object(
  {
    type: Type.Literal("error"),
    code: Type.String({ maxLength: 64 }),
    message: Type.String({ maxLength: 512 }),
  },
  closed,
);
export type WireError = Type.Static<typeof WireError>;

/** A coordinator tells a node which nodes there are. */
export const Directory = Type.Object(
  {
    type: Type.Literal("directory"),
    nodes: Type.Array(
      Type.Object({ name: NodeName, kind: NodeKind, url: Type.String({ maxLength: 256 }) }, closed),
      {
        maxItems: 256,
      },
    ),
  },
  closed,
);
export type Directory = Type.Static<typeof Directory>;

/** A client asks for one transaction. Sending it again never performs it twice. */
export const Begin = Type.Object(
  {
    type: Type.Literal("begin"),
    requestId: RequestId,
    issuedAtMs: WallMs,
    operations: Operations,
    /** Bounds all attempts together. */
    timeoutMs: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    /**
     * True the first time that the request is sent to any node, by a sender that sends it to no other until this one has
     * answered: a node that gives up can then say `aborted`. Without it, it can only say `unknown`.
     */
    isFirstSend: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type Begin = Type.Static<typeof Begin>;

/** The answer to `begin`, after the decision is durable. */
export const OutcomeMessage = Type.Object(
  {
    type: Type.Literal("outcome"),
    requestId: RequestId,
    transactionId: nullable(TransactionId),
    outcome: Outcome,
    attempts: Count,
    reason: nullable(Reason),
    /** By participant: the last attempt's vote, null where none arrived. */
    votes: Type.Unsafe<Readonly<Record<string, string | null>>>(
      Type.Record(Type.String(), nullable(Type.String())),
    ),
    results: ReadResults,
    durationMs: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type OutcomeMessage = Type.Static<typeof OutcomeMessage>;

/** A client asks what a node knows. */
export const Query = Type.Object(
  {
    type: Type.Literal("query"),
    queryId: Count,
    what: Type.Union([
      Type.Literal("node"),
      Type.Literal("transactions"),
      Type.Literal("transaction"),
      Type.Literal("rows"),
      Type.Literal("retries"),
      Type.Literal("figures"),
    ]),
    transactionId: Type.Optional(TransactionId),
    limit: Type.Optional(Count),
    /** With `figures`: how long the loop stood still as well. A node that was never asked for it does not look. */
    stalls: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type Query = Type.Static<typeof Query>;

export const Reply = Type.Object(
  {
    type: Type.Literal("reply"),
    queryId: Count,
    /** What was asked for; null with an error. */
    value: Type.Unknown(),
    error: nullable(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
  },
  closed,
);
export type Reply = Type.Static<typeof Reply>;

/**
 * A client wants a snapshot now and events from then on: all of them, or, with `oneIn`, those of a share of the transactions
 * and of every transaction that is out of the ordinary. Rows then come with tallies, a few times a second.
 */
export const Subscribe = Type.Object(
  { type: Type.Literal("subscribe"), oneIn: Type.Optional(OneIn) },
  closed,
);
export type Subscribe = Type.Static<typeof Subscribe>;

/** A client that subscribed with a share wants another one from now on. */
export const Sample = Type.Object({ type: Type.Literal("sample"), oneIn: OneIn }, closed);
export type Sample = Type.Static<typeof Sample>;

export const SnapshotMessage = Type.Object({ type: Type.Literal("snapshot"), snapshot: Snapshot }, closed);
export const EventsMessage = Type.Object(
  {
    type: Type.Literal("events"),
    events: Type.Array(NodeEvent),
    /** To a client that is told a share: the number of the last event it was told before. What lies between was left out. */
    after: Type.Optional(Count),
  },
  closed,
);
export type EventsMessage = Type.Static<typeof EventsMessage>;

/** Only to clients that subscribed with a share. */
export const TallyMessage = Type.Object({ type: Type.Literal("tally"), tally: Tally }, closed);

export const Fault = Type.Unsafe<FaultName>(Type.String({ enum: FAULT_NAMES }));
export type Fault = FaultName;

/** A client arms a fault, `count` times; answered by `reply`. */
export const ArmFault = Type.Object(
  {
    type: Type.Literal("arm-fault"),
    queryId: Count,
    fault: Fault,
    count: Type.Integer({ minimum: 0, maximum: 1000 }),
  },
  closed,
);
export type ArmFault = Type.Static<typeof ArmFault>;

/** A client lets a node crash at the `count`th time that its loop gets to a named point; 0 disarms. Answered by `reply`. */
export const ArmCrash = Type.Object(
  {
    type: Type.Literal("arm-crash"),
    queryId: Count,
    point: Type.String({ maxLength: 64 }),
    count: Type.Integer({ minimum: 0, maximum: 1000 }),
  },
  closed,
);
export type ArmCrash = Type.Static<typeof ArmCrash>;

/**
 * A client makes a node hold back its protocol messages, or lets it go on; answered by `reply`. A node holds for as long as
 * a client that asked for it is connected: when the last of them is gone, everything held goes on its way.
 */
export const Hold = Type.Object({ type: Type.Literal("hold"), queryId: Count, hold: Type.Boolean() }, closed);
export type Hold = Type.Static<typeof Hold>;

/** A client lets held messages go, or drops them; answered by `reply` with how many there were. */
export const ReleaseHeld = Type.Object(
  {
    type: Type.Literal("release-held"),
    queryId: Count,
    ids: Type.Array(Count, { minItems: 1, maxItems: 1000 }),
    /** They are lost rather than sent. */
    drop: Type.Boolean(),
  },
  closed,
);
export type ReleaseHeld = Type.Static<typeof ReleaseHeld>;

/** A client cuts a node's link to a peer, or heals it; answered by `reply`. The last word about a peer counts. */
export const CutLink = Type.Object(
  {
    type: Type.Literal("cut-link"),
    queryId: Count,
    peer: NodeName,
    /** `out`: what the node sends to the peer is lost; `in`: what the peer sends to it. Neither is told. */
    direction: CutDirection,
    /** False heals the link, whatever the direction. */
    cut: Type.Boolean(),
  },
  closed,
);
export type CutLink = Type.Static<typeof CutLink>;

/** An operator's word about one transaction at one node: shown only with `preview`, otherwise carried out. Answered by `reply`. */
export const Resolve = Type.Object(
  {
    type: Type.Literal("resolve"),
    queryId: Count,
    transactionId: TransactionId,
    action: Type.Union([Type.Literal("commit"), Type.Literal("abort"), Type.Literal("forget")]),
    by: Type.String({ minLength: 1, maxLength: 64 }),
    reason: Type.String({ minLength: 1, maxLength: 256 }),
    /** `forget` although nobody knows the coordinator's decision: that is recorded as a hazard. */
    acceptHazard: Type.Boolean(),
    preview: Type.Boolean(),
  },
  closed,
);
export type Resolve = Type.Static<typeof Resolve>;

/** What a node would do, or has done, at an operator's word. */
export const Resolution = Type.Object(
  {
    transactionId: TransactionId,
    node: NodeName,
    /** True when the node would do it, or has begun to. */
    accepted: Type.Boolean(),
    /** What it would do, or why it will not. */
    text: Type.String(),
    /** It may end differently here than elsewhere. */
    mayBreakAtomicity: Type.Boolean(),
  },
  closed,
);
export type Resolution = Type.Static<typeof Resolution>;

/** What a client may send after its hello. */
export type ClientMessage = Begin | Query | Subscribe | Sample | InjectionMessage | Resolve;

/** What only a node with fault injection does. */
export type InjectionMessage = ArmFault | ArmCrash | CutLink | Hold | ReleaseHeld;

export const SESSION_MESSAGES = {
  hello: Hello,
  error: WireError,
  directory: Directory,
  begin: Begin,
  outcome: OutcomeMessage,
  query: Query,
  reply: Reply,
  subscribe: Subscribe,
  snapshot: SnapshotMessage,
  sample: Sample,
  events: EventsMessage,
  tally: TallyMessage,
  "arm-fault": ArmFault,
  "arm-crash": ArmCrash,
  "cut-link": CutLink,
  hold: Hold,
  "release-held": ReleaseHeld,
  resolve: Resolve,
} as const;

export type SessionMessage =
  | Hello
  | WireError
  | Directory
  | Begin
  | OutcomeMessage
  | Query
  | Reply
  | Subscribe
  | Sample
  | Type.Static<typeof SnapshotMessage>
  | EventsMessage
  | Type.Static<typeof TallyMessage>
  | InjectionMessage
  | Resolve;
