import Type from "typebox";
import { Compile } from "typebox/compile";
import { RequestId } from "../schema/ids.ts";
import { Resolution } from "../schema/session.ts";
import { NodeFigures, NodeView, ResourceRows, RetryView, TransactionView } from "../schema/views.ts";

const nodeView = Compile(NodeView);
const nodeFigures = Compile(NodeFigures);
const transactionViews = Compile(Type.Array(TransactionView));
const retryViews = Compile(Type.Array(RetryView));
const resourceRows = Compile(Type.Union([ResourceRows, Type.Null()]));
const requestId = Compile(RequestId);
const resolution = Compile(Resolution);

// A reply carries any value; these tell whether it is what was asked for.

export function isNodeView(value: unknown): value is NodeView {
  return nodeView.Check(value);
}

export function isNodeFigures(value: unknown): value is NodeFigures {
  return nodeFigures.Check(value);
}

export function isTransactionViews(value: unknown): value is TransactionView[] {
  return transactionViews.Check(value);
}

export function isRetryViews(value: unknown): value is RetryView[] {
  return retryViews.Check(value);
}

export function isResourceRows(value: unknown): value is ResourceRows | null {
  return resourceRows.Check(value);
}

export function isResolution(value: unknown): value is Resolution {
  return resolution.Check(value);
}

/** For an answer that only says that it was done. */
export function isAnything(_value: unknown): _value is unknown {
  return true;
}

export function isRequestId(value: unknown): value is RequestId {
  return requestId.Check(value);
}
