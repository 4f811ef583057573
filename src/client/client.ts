import { isAnything, isNodeView, isResourceRows, isTransactionViews } from "../codec/answers.ts";
import { decodeFrame, type WireMessage } from "../codec/wire.ts";
import { ERROR_CODES, type ErrorCode, TpcError } from "../core/errors.ts";
import type { Clock } from "../drivers/clock.ts";
import { CLIENT_FRAME_BYTES_MAX, CLOSE } from "../drivers/wire/limits.ts";
import type { Link, LinkHandlers } from "../drivers/wire/link.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { ArmFault, Begin, Fault, HelloNode, OutcomeMessage, Query, Reply } from "../schema/session.ts";
import type { NodeView, ResourceRows, TransactionView } from "../schema/views.ts";

/** What a subscription brings: one snapshot for each `subscribe`, and events from then on. */
export interface Subscriber {
  snapshot(snapshot: Snapshot): void;
  events(events: readonly NodeEvent[]): void;
}

/**
 * A connection to one node. What was asked and not answered when the connection is lost rejects with
 * TPC_UNREACHABLE; `sent` on the error is false only if the request certainly never left.
 */
export interface Client {
  /** The node at the other end. */
  readonly node: HelloNode;
  /** Resolves with the outcome. Sending the same request again, here or to another node, never performs it twice. */
  begin(request: Omit<Begin, "type">): Promise<OutcomeMessage>;
  nodeView(): Promise<NodeView>;
  /** The newest first, all where `limit` is absent. */
  transactions(limit?: number): Promise<readonly TransactionView[]>;
  /** What the node knows of it in each of its roles; empty if nothing. */
  transaction(id: TransactionId): Promise<readonly TransactionView[]>;
  /** Null where the node keeps nothing. */
  rows(): Promise<ResourceRows | null>;
  /** Rejects with TPC_FORBIDDEN where the node was started without fault injection. */
  armFault(fault: Fault, count: number): Promise<void>;
  /** Asks for a snapshot and events from then on; asking again brings a new snapshot. */
  subscribe(subscriber: Subscriber): void;
  /** Calls `listener` once when the connection has ended, with one line that says why. */
  onClose(listener: (why: string) => void): void;
  close(): void;
}

export interface ClientParts {
  readonly link: Link;
  readonly node: HelloNode;
  readonly url: string;
  readonly clock: Clock;
  /** Bounds the answer to a query, in milliseconds. */
  readonly timeoutMs: number;
}

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: TpcError): void;
}

/** The client, and what hears its link. */
export function createClient(parts: ClientParts): { client: Client; handlers: LinkHandlers } {
  const { link, node, url, clock, timeoutMs } = parts;
  const replies = new Map<number, Waiting<unknown>>();
  const outcomes = new Map<string, Waiting<OutcomeMessage>[]>();
  const closeListeners: ((why: string) => void)[] = [];
  let subscriber: Subscriber | null = null;
  let ended: string | null = null;
  let isClosing = false;
  let queryCount = 0;

  const lost = (sent: boolean) =>
    new TpcError("TPC_UNREACHABLE", `${url}: the connection is lost: ${ended ?? "closed"}`, { sent });

  const send = (message: WireMessage): TpcError | null => {
    const { problem } = { problem: undefined, ...decodeFrame(JSON.stringify([message])) };
    if (problem !== undefined) return new TpcError("TPC_BAD_INPUT", problem.message, { sent: false });
    if (ended !== null || isClosing) return lost(false);
    if (link.send([message], CLIENT_FRAME_BYTES_MAX).length === 0) return null;
    const text = `a ${message.type} of more than ${CLIENT_FRAME_BYTES_MAX} bytes`;
    return new TpcError("TPC_BAD_INPUT", text, { sent: false });
  };

  const ask = async <Value>(
    question: Omit<Query, "queryId"> | Omit<ArmFault, "queryId">,
    isValue: (value: unknown) => value is Value,
  ): Promise<Value> => {
    queryCount += 1;
    const queryId = queryCount;
    let cancel = () => {};
    const value = await new Promise<unknown>((resolve, reject) => {
      const problem = send({ ...question, queryId });
      if (problem !== null) return reject(problem);
      replies.set(queryId, { resolve, reject });
      cancel = clock.schedule(timeoutMs, () => {
        const text = `${url} did not answer a query within ${timeoutMs} ms`;
        reject(new TpcError("TPC_UNREACHABLE", text, { sent: true }));
      });
    }).finally(() => {
      cancel();
      replies.delete(queryId);
    });
    if (!isValue(value))
      throw new TpcError("TPC_PROTOCOL", `${url} answered with something else than was asked`);
    return value;
  };

  const client: Client = {
    node,
    begin: (request) =>
      new Promise((resolve, reject) => {
        const problem = send({ type: "begin", ...request });
        if (problem !== null) return reject(problem);
        const waiting = outcomes.get(request.requestId) ?? [];
        outcomes.set(request.requestId, [...waiting, { resolve, reject }]);
      }),
    nodeView: () => ask({ type: "query", what: "node" }, isNodeView),
    transactions: (limit) =>
      ask(
        { type: "query", what: "transactions", ...(limit === undefined ? {} : { limit }) },
        isTransactionViews,
      ),
    transaction: (transactionId) =>
      ask({ type: "query", what: "transaction", transactionId }, isTransactionViews),
    rows: () => ask({ type: "query", what: "rows" }, isResourceRows),
    armFault: async (fault, count) => {
      await ask({ type: "arm-fault", fault, count }, isAnything);
    },
    subscribe(given) {
      subscriber = given;
      send({ type: "subscribe" });
    },
    onClose(listener) {
      if (ended === null) closeListeners.push(listener);
      else listener(ended);
    },
    close: () => {
      isClosing = true;
      link.close(CLOSE.normal, "the client is done");
    },
  };

  const take = (message: WireMessage) => {
    switch (message.type) {
      case "reply":
        settle(replies.get(message.queryId), message);
        break;
      case "outcome": {
        const waiting = outcomes.get(message.requestId) ?? [];
        outcomes.delete(message.requestId);
        for (const { resolve } of waiting) resolve(message);
        break;
      }
      case "snapshot":
        subscriber?.snapshot(message.snapshot);
        break;
      case "events":
        subscriber?.events(message.events);
        break;
      default:
        link.refuse({ closeCode: CLOSE.forbidden, code: "not-for-clients", message: message.type });
    }
  };

  const end = (why: string) => {
    ended = why;
    for (const { reject } of [...replies.values(), ...[...outcomes.values()].flat()]) reject(lost(true));
    outcomes.clear();
    for (const listener of closeListeners.splice(0)) listener(why);
  };

  const handlers: LinkHandlers = {
    frame: (messages) => messages.forEach(take),
    roundTrip: () => {},
    closed: (linkEnd) => end(linkEnd.error?.message ?? linkEnd.why),
  };
  return { client, handlers };
}

function settle(waiting: Waiting<unknown> | undefined, reply: Reply): void {
  if (waiting === undefined) return; // Answered after its time-out.
  if (reply.error === null) waiting.resolve(reply.value);
  else waiting.reject(new TpcError(knownCode(reply.error.code), reply.error.message, { sent: true }));
}

function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : "TPC_NODE_FAILED";
}

/** Whether a code that came over the wire is one of ours. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
