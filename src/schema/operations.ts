import Type from "typebox";
import { NodeName, RequestId, WallMs } from "./ids.ts";

/** What is to be done, such as `transfer`. */
export const OperationName = Type.String({ minLength: 1, maxLength: 32 });

/**
 * One piece of work for one participant. Only `participant` and `op` mean something to the protocol;
 * the rest is the participant's own (`sku` and `quantity`, or `debit`, `credit` and `amount`).
 */
export const Operation = Type.Unsafe<Operation>(
  Type.Object(
    { participant: NodeName, op: OperationName },
    { additionalProperties: Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()]) },
  ),
);
export interface Operation {
  participant: NodeName;
  op: string;
  [field: string]: string | number | boolean;
}

/** How many operations one request may hold. */
export const OPERATIONS_MAX = 256;
export const Operations = Type.Array(Operation, { minItems: 1, maxItems: OPERATIONS_MAX });

/** What a `read` saw: the operation's participant and op, and the fields of the item or account. */
export const ReadResult = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
);
export type ReadResult = Type.Static<typeof ReadResult>;
export const ReadResults = Type.Unsafe<readonly ReadResult[]>(Type.Array(ReadResult));

/** A file for `submit`: what `begin` needs and what a person writes. */
export const Order = Type.Object(
  {
    requestId: Type.Optional(RequestId),
    issuedAtMs: Type.Optional(WallMs),
    operations: Operations,
  },
  { additionalProperties: false },
);
export type Order = Type.Static<typeof Order>;

/**
 * One logical change to one row of what a participant keeps: what is added to each numeric field.
 * Amounts are decimal strings, so that no unit is lost beyond 2^53.
 */
export const Delta = Type.Object(
  {
    key: Type.String({ maxLength: 128 }),
    add: Type.Record(Type.String(), Type.String({ pattern: "^-?[0-9]{1,40}$" })),
  },
  { additionalProperties: false },
);
export type Delta = Type.Static<typeof Delta>;
/** Read-only, since a record and the state that it was made from share them. */
export const Deltas = Type.Unsafe<readonly Delta[]>(Type.Array(Delta));
