/** The SDK: what a program needs to run transactions on a cluster and to watch it. */

export type { Client } from "./client/client.ts";
export { connect } from "./client/connect.ts";
export { createOperator } from "./client/operator.ts";
export { watchCluster } from "./client/watcher.ts";
export { jsonSchema } from "./codec/wire.ts";
export { ERROR_CODES, type ErrorCode, TpcError } from "./core/errors.ts";
export { findToken } from "./drivers/token.ts";
export type { Operator, Watcher, WatchUpdate } from "./observe/ports.ts";
export type { NodeEvent, Snapshot } from "./schema/events.ts";
export type { NodeName, RequestId, TransactionId } from "./schema/ids.ts";
export type { Operation, Order } from "./schema/operations.ts";
export type { Reason } from "./schema/reasons.ts";
export type { Begin, OutcomeMessage } from "./schema/session.ts";
export type { AccountView, ItemView, NodeView, TransactionView } from "./schema/views.ts";
