import Type from "typebox";

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** `NAME-STORE.EPOCH.COUNTER`: names the coordinator's store, its run, and the transaction within the run. Never reused. */
export type TransactionId = Brand<string, "TransactionId">;
/** `NAME-STORE`: a node's name and the random identity of its store. A wiped node is another node. */
export type NodeId = Brand<string, "NodeId">;
/** A node's name, unique in its cluster; a participant is addressed by it. */
export type NodeName = Brand<string, "NodeName">;
/** Twelve hexadecimal digits, drawn when a data directory is made. */
export type StoreId = Brand<string, "StoreId">;
/** Chosen by the client; the same wherever and however often the request is sent. */
export type RequestId = Brand<string, "RequestId">;

const namePattern = "[a-z][a-z0-9-]{0,31}";
const storePattern = "[0-9a-f]{12}";

export const TransactionId = Type.Unsafe<TransactionId>(
  Type.String({ pattern: `^${namePattern}-${storePattern}\\.[0-9]{1,15}\\.[0-9]{1,15}$`, maxLength: 80 }),
);
export const NodeId = Type.Unsafe<NodeId>(
  Type.String({ pattern: `^${namePattern}-${storePattern}$`, maxLength: 48 }),
);
export const NodeName = Type.Unsafe<NodeName>(Type.String({ pattern: `^${namePattern}$`, maxLength: 32 }));
export const StoreId = Type.Unsafe<StoreId>(Type.String({ pattern: `^${storePattern}$` }));
/** Printable ASCII without blanks, 1 to 64 characters. */
export const RequestId = Type.Unsafe<RequestId>(Type.String({ pattern: "^[!-~]{1,64}$", maxLength: 64 }));

/** A whole number from 0 to 2^53 − 1. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Milliseconds since 1970 by a wall clock. Only for people and for the request window, never for timers. */
export const WallMs = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });

/** A place in a node's log. */
export const Lsn = Type.Object({ epoch: Count, seq: Count }, { additionalProperties: false });
export type Lsn = Type.Static<typeof Lsn>;

/** Where a `prepared` record stands: which store, and where in its log. */
export const PreparedAt = Type.Object(
  { storeId: StoreId, epoch: Count, seq: Count },
  { additionalProperties: false },
);
export type PreparedAt = Type.Static<typeof PreparedAt>;

/** How to reach a node. */
export const Address = Type.Object(
  { name: NodeName, url: Type.String({ maxLength: 256 }) },
  { additionalProperties: false },
);
export type Address = Type.Static<typeof Address>;

/** A coordinator's run, and the lowest counter of it that may still be preparing. */
export const Floor = Type.Object({ epoch: Count, counter: Count }, { additionalProperties: false });
export type Floor = Type.Static<typeof Floor>;
