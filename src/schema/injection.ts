import Type from "typebox";
import { Count, NodeName, TransactionId, WallMs } from "./ids.ts";

const closed = { additionalProperties: false };

/** What of a link between two nodes is cut, as the node sees it that is told to cut it. */
export const CutDirection = Type.Union([Type.Literal("both"), Type.Literal("out"), Type.Literal("in")]);
export type CutDirection = Type.Static<typeof CutDirection>;

/** What is injected into a node at the moment. */
export const Injected = Type.Object(
  {
    /** Armed faults, and how often each will fire. */
    faults: Type.Array(Type.Object({ fault: Type.String(), count: Count }, closed)),
    /** Named points of the node's loop at which it will crash, the `count`th time it gets there. */
    points: Type.Array(Type.Object({ point: Type.String(), count: Count }, closed)),
    cuts: Type.Array(Type.Object({ peer: NodeName, direction: CutDirection }, closed)),
    /** Whether protocol messages are held back until they are let go. */
    isHolding: Type.Boolean(),
  },
  closed,
);
export type Injected = Type.Static<typeof Injected>;

/** A protocol message that a node holds back. `id` rises within one run of the node. */
export const HeldMessage = Type.Object(
  {
    id: Count,
    to: NodeName,
    message: Type.String(),
    text: Type.String(),
    transactionId: TransactionId,
    atMs: WallMs,
  },
  closed,
);
export type HeldMessage = Type.Static<typeof HeldMessage>;
