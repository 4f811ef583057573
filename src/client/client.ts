import {
  isAnything,
  isNodeFigures,
  isNodeView,
  isResolution,
  isResourceRows,
  isRetryViews,
  isTransactionViews,
} from "../codec/answers.ts";
import { type Added, createFrameDraft } from "../codec/frame-draft.ts";
import { decodeFrame, isMessage, type WireMessage } from "../codec/wire.ts";
import { TpcError } from "../core/errors.ts";
import type { Clock } from "../drivers/clock.ts";
import { CLIENT_FRAME_BYTES_MAX, CLOSE } from "../drivers/wire/limits.ts";
import type { Link, LinkHandlers } from "../drivers/wire/link.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { CutDirection } from "../schema/injection.ts";
import type {
  Begin,
  ClientMessage,
  Fault,
  HelloNode,
  OutcomeMessage,
  Resolution,
  Resolve,
} from "../schema/session.ts";
import type { Tally } from "../schema/tally.ts";
import type { NodeFigures, NodeView, ResourceRows, RetryView, TransactionView } from "../schema/views.ts";
import { createOutcomes, createReplies } from "./waiting.ts";

/** What a subscription brings: one snapshot for each `subscribe`, and events from then on. */
export interface Subscriber {
  snapshot(snapshot: Snapshot): void;
  /** `after` where a share is told: the number of the last event before these that was. */
  events(events: readonly NodeEvent[], after?: number): void;
  /** What the node has done in figures; only where a share is told. */
  tally?(tally: Tally): void;
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
  /** What the node's run has spent so far, and the longest stall of its loop where that is wanted. */
  figures(withStalls: boolean): Promise<NodeFigures>;
  /** The newest first, all where `limit` is absent. */
  transactions(limit?: number): Promise<readonly TransactionView[]>;
  /** What the node knows of it in each of its roles; empty if nothing. */
  transaction(id: TransactionId): Promise<readonly TransactionView[]>;
  /** Requests that the node will try again, those that have waited longest first, at most `RETRIES_LISTED_MAX`. */
  retries(): Promise<readonly RetryView[]>;
  /** Null where the node keeps nothing. */
  rows(): Promise<ResourceRows | null>;
  /** Rejects with TPC_FORBIDDEN where the node was started without fault injection. */
  armFault(fault: Fault, count: number): Promise<void>;
  /** Cuts this node's link to a peer, silently; null heals it. Rejects as `armFault` does. */
  cutLink(peer: NodeName, direction: CutDirection | null): Promise<void>;
  /** Lets this node crash at the `count`th time that it gets to a named point; 0 disarms. Rejects as `armFault` does, or with TPC_USAGE. */
  armCrash(point: string, count: number): Promise<void>;
  /** Makes this node hold back its protocol messages for as long as this connection lasts, or lets it go on. */
  hold(hold: boolean): Promise<void>;
  /** Lets held messages go, or drops them. */
  releaseHeld(ids: readonly number[], drop: boolean): Promise<void>;
  /** An operator's word about a transaction at this node; resolves when it is on disk there, or with why it is not done. */
  resolve(request: Omit<Resolve, "type" | "queryId">): Promise<Resolution>;
  /**
   * Asks for a snapshot and events from then on; asking again brings a new snapshot. With `oneIn`, a power of two, only for
   * the events of a share of the transactions, and of those that are out of the ordinary, with tallies of them all.
   */
  subscribe(subscriber: Subscriber, oneIn?: number): void;
  /** Asks for another share. */
  sample(oneIn: number): void;
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

/** The client, and what hears its link. */
export function createClient(parts: ClientParts): { client: Client; handlers: LinkHandlers } {
  const { link, node, url } = parts;
  const replies = createReplies(parts);
  const outcomes = createOutcomes();
  const closeListeners: ((why: string) => void)[] = [];
  let subscriber: Subscriber | null = null;
  let ended: string | null = null;
  let isClosing = false;

  const lost = (sent: boolean) =>
    new TpcError("TPC_UNREACHABLE", `${url}: the connection is lost: ${ended ?? "closed"}`, { sent });

  /** What one turn of the loop asks goes in one frame. */
  const asked = createFrameDraft(Buffer.allocUnsafe, DRAFT_BYTES);
  let isAsking = false;
  const flush = () => {
    isAsking = false;
    const frames = asked.take();
    if (ended === null) link.sendFrames(frames);
  };
  const send = (message: ClientMessage): TpcError | null => {
    if (ended !== null || isClosing) return lost(false);
    let added: Added = asked.addCanonical(message, CLIENT_FRAME_BYTES_MAX);
    if (added === "not-canonical") {
      const text = JSON.stringify(message);
      const problem = findProblem(message, text);
      if (problem !== null) return problem;
      added = asked.addText(text, CLIENT_FRAME_BYTES_MAX);
    }
    if (added === "too-large") return tooLarge(message);
    if (!isAsking) parts.clock.defer(flush);
    isAsking = true;
    return null;
  };

  const client: Client = {
    node,
    begin(request) {
      const message = beginOf(request);
      return outcomes.wait(request.requestId, () => send(message));
    },
    nodeView: () => replies.ask((queryId) => send({ type: "query", queryId, what: "node" }), isNodeView),
    figures(stalls) {
      const ask = (queryId: number) => send({ type: "query", queryId, what: "figures", stalls });
      return replies.ask(ask, isNodeFigures);
    },
    transactions(limit) {
      const bound = limit === undefined ? {} : { limit };
      const ask = (queryId: number) => send({ type: "query", queryId, what: "transactions", ...bound });
      return replies.ask(ask, isTransactionViews);
    },
    transaction(transactionId) {
      const ask = (queryId: number) => send({ type: "query", queryId, what: "transaction", transactionId });
      return replies.ask(ask, isTransactionViews);
    },
    retries: () => replies.ask((queryId) => send({ type: "query", queryId, what: "retries" }), isRetryViews),
    rows: () => replies.ask((queryId) => send({ type: "query", queryId, what: "rows" }), isResourceRows),
    async armFault(fault, count) {
      await replies.ask((queryId) => send({ type: "arm-fault", queryId, fault, count }), isAnything);
    },
    async cutLink(peer, direction) {
      const words = { peer, direction: direction ?? "both", cut: direction !== null };
      await replies.ask((queryId) => send({ type: "cut-link", queryId, ...words }), isAnything);
    },
    async armCrash(point, count) {
      await replies.ask((queryId) => send({ type: "arm-crash", queryId, point, count }), isAnything);
    },
    async hold(hold) {
      await replies.ask((queryId) => send({ type: "hold", queryId, hold }), isAnything);
    },
    async releaseHeld(ids, drop) {
      const words = { ids: [...ids], drop };
      await replies.ask((queryId) => send({ type: "release-held", queryId, ...words }), isAnything);
    },
    resolve: (request) =>
      replies.ask((queryId) => send({ type: "resolve", queryId, ...request }), isResolution),
    subscribe(given, oneIn) {
      subscriber = given;
      send({ type: "subscribe", ...(oneIn !== undefined && { oneIn }) });
    },
    sample: (oneIn) => void send({ type: "sample", oneIn }),
    onClose(listener) {
      if (ended === null) closeListeners.push(listener);
      else listener(ended);
    },
    close() {
      flush();
      isClosing = true;
      link.close(CLOSE.normal, "the client is done");
    },
  };

  const take = (message: WireMessage) => {
    if (message.type === "reply") replies.settle(message);
    else if (message.type === "outcome") outcomes.settle(message);
    else if (message.type === "snapshot") subscriber?.snapshot(message.snapshot);
    else if (message.type === "events") subscriber?.events(message.events, message.after);
    else if (message.type === "tally") subscriber?.tally?.(message.tally);
    else link.refuse({ closeCode: CLOSE.forbidden, code: "not-for-clients", message: message.type });
  };

  const handlers: LinkHandlers = {
    frame: (messages) => {
      for (const message of messages) take(message);
    },
    roundTrip: () => {},
    closed(end) {
      const why = end.error?.message ?? end.why;
      ended = why;
      replies.fail(lost(true));
      outcomes.fail(lost(true));
      for (const listener of closeListeners.splice(0)) listener(why);
    },
  };
  return { client, handlers };
}

/** Written out: to copy the request as it stands took a client under load 10 % more. One with other fields is copied, and so refused. */
function beginOf(request: Omit<Begin, "type">): Begin {
  const { requestId, issuedAtMs, operations, timeoutMs, isFirstSend } = request;
  let fields = 0;
  for (const _ in request) fields += 1;
  if (fields !== (isFirstSend === undefined ? 4 : 5)) return { ...request, type: "begin" };
  const begin = { type: "begin", requestId, issuedAtMs, operations, timeoutMs } as const;
  return isFirstSend === undefined ? begin : { ...begin, isFirstSend };
}

/** Grows with what is asked in one turn. */
const DRAFT_BYTES = 1024;

/** What a node would close the connection for, said before anything is sent; null for what it would accept. */
function findProblem(message: ClientMessage, text: string): TpcError | null {
  // What is valid as it stands is valid as it is read; what is not may become so, for JSON leaves out what is undefined.
  const isValid = isMessage(message) || isMessage(JSON.parse(text));
  const refused = isValid ? null : decodeFrame(`[${text}]`);
  if (refused === null || !("problem" in refused)) return null;
  return new TpcError("TPC_BAD_INPUT", refused.problem.message, { sent: false });
}

function tooLarge({ type }: ClientMessage): TpcError {
  const text = `a ${type} of more than ${CLIENT_FRAME_BYTES_MAX} bytes`;
  return new TpcError("TPC_BAD_INPUT", text, { sent: false });
}
