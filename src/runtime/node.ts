import { interned } from "../core/interned.ts";
import { makeNodeState, type NodeState } from "../core/node-state.ts";
import { DEFAULT_SETTINGS, type Settings } from "../core/settings.ts";
import { SNAPSHOT_TRANSACTIONS_MAX, type Snapshot } from "../schema/events.ts";
import type { NodeName, StoreId, TransactionId } from "../schema/ids.ts";
import type { CutDirection, Injected } from "../schema/injection.ts";
import type { ClientMessage, Directory, Query, SessionMessage } from "../schema/session.ts";
import type { NodeFigures, NodeKind, NodeView, RetryView } from "../schema/views.ts";
import { canonicalOperations } from "./canonical.ts";
import { createClients } from "./clients.ts";
import type { LoopPoint, Reach } from "./crash-points.ts";
import { createFaultDesk } from "./fault-desk.ts";
import type { Faults } from "./faults.ts";
import { createHistory } from "./history.ts";
import { createNodeLoop } from "./node-loop.ts";
import { createPeerBook } from "./peer-book.ts";
import type { ClientLink, Clock, Log, Network, Random, Recovered, Resource, WireHandlers } from "./ports.ts";
import { recoverNode } from "./recover.ts";
import { createResolutions } from "./resolutions.ts";
import { createWatchers } from "./watchers.ts";

export interface NodeOptions {
  readonly name: NodeName;
  readonly kind: NodeKind;
  readonly storeId: StoreId;
  readonly pid: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly recovered: Recovered;
  /** Those of a node that has recovered while its log was read; where they are absent, `recovered` holds the log. */
  readonly tables?: NodeTables;
  /** What the node keeps; null for a pure coordinator. It must be as the first checkpoint, or a new directory, has it. */
  readonly resource: Resource | null;
  /** A hash of a text, the same on every node. */
  readonly digest: (text: string) => string;
  readonly faults: Faults | null;
  /** Called at the named points of the loop; null unless a crash is to be tried at one of them. */
  readonly reach: ((point: LoopPoint) => void) | null;
  readonly settings?: Settings;
  /** Holds its protocol messages from the start, for a moment, until a client asks for it; only with fault injection. */
  readonly startsHeld?: boolean;
  /** What this run has spent; where it is absent nobody counts, and who asks is told null. */
  readonly figures?: (withStalls: boolean) => NodeFigures;
  /** Nodes known from earlier runs. */
  readonly knownNodes: Directory["nodes"];
  /** Called when the list of known nodes changes, to keep it. */
  readonly keepNodes: (nodes: Directory["nodes"]) => void;
  /** One line for the node's readable log: connections, alarms, faults. */
  readonly report: (text: string) => void;
}

/** What a node needs of its wire, once that listens. */
export interface NodeWire {
  readonly url: string;
  readonly network: Network;
  dial(url: string): void;
  announce(nodes: Directory["nodes"]): void;
  /** Cuts the link to a peer silently; null heals it. */
  setLinkFault(name: NodeName, cut: CutDirection | null): void;
}

/** What a node knows, and how it is reached once it listens. */
export interface NodeTables {
  readonly self: { readonly name: NodeName; url: string };
  readonly state: NodeState;
}

/** Tables that a log may be taken into. */
export function makeNodeTables(
  options: Pick<NodeOptions, "name" | "storeId" | "settings">,
  isParticipant: boolean,
): NodeTables {
  const { storeId, settings = DEFAULT_SETTINGS } = options;
  const name = interned(options.name);
  const self = { name, url: "" };
  return { self, state: makeNodeState({ self, storeId, epoch: 0, settings, isParticipant }) };
}

/** A node that has recovered. It serves once it is given its wire. */
export interface Node {
  readonly handlers: WireHandlers;
  readonly view: () => NodeView;
  /** Begins to serve: the wire's handlers may be called from here on. */
  start(wire: NodeWire): void;
  /** Writes what the node keeps as a checkpoint; resolves when it is on disk. */
  checkpoint(): Promise<void>;
  /** Takes no new requests. */
  drain(): void;
  /** Requests and transactions that are not finished. */
  unfinished(): number;
  halt(): void;
}

const TRANSACTIONS_LISTED = 1_000;
const ALARMS_KEPT = 100;

/** Recovers from the log; throws TPC_LOG_CORRUPT when its records contradict each other. */
export function createNode(options: NodeOptions): Node {
  const { name, kind, storeId, clock, resource, recovered, faults } = options;
  const { self, state } = options.tables ?? makeNodeTables(options, resource !== null);
  if (options.tables === undefined) recoverNode(state, resource, recovered);
  const startedAtMs = clock.wallMs();
  const alarms = new Map<string, TransactionId | null>();
  const history = createHistory(
    () => clock.wallMs(),
    (ended) => {
      // What an alarm was about is over: settled, or taken note of.
      for (const [text, transactionId] of alarms) if (transactionId === ended) alarms.delete(text);
    },
    (transactionId, isAborted) => watchers.shows(transactionId, isAborted),
  );
  const clients = createClients(clock);
  let wire: NodeWire | null = null;

  const view = (): NodeView => ({
    name,
    kind,
    nodeId: state.nodeId,
    storeId,
    epoch: state.epoch,
    pid: options.pid,
    url: self.url,
    startedAtMs,
    forcedSeq: loop.forcedSeq(),
    unfinished: countUnfinished(state, loop.waitingCount()),
    inDoubt: countInDoubt(state),
    faultInjection: faults !== null,
    ...injectedOf(faultDesk.injected()),
    recovery: recovered.summary,
    peers: peers.views(),
    violations: [...(resource?.violations() ?? [])],
    alarms: [...alarms.keys()],
  });
  const snapshot = (number: number): Snapshot => ({
    number,
    node: view(),
    transactions: history.list(SNAPSHOT_TRANSACTIONS_MAX),
    rows: resource?.rows() ?? null,
    ...(loop.holding.isHolding() ? { held: loop.holding.held() } : {}),
    ...presentRetries(loop.retries()),
  });
  const watchers = createWatchers({
    node: name,
    epoch: state.epoch,
    clock,
    snapshot,
    history: () => history,
    tally: () => ({
      ...history.totals(),
      unfinished: countUnfinished(state, loop.waitingCount()),
      inDoubt: countInDoubt(state),
      forcedSeq: loop.forcedSeq(),
    }),
    takeRows: () => loop.work.takeRows(),
    hasRows: () => loop.work.hasRows(),
  });
  const raiseAlarm = (transactionId: TransactionId | null, text: string) => {
    if (alarms.has(text) || alarms.size >= ALARMS_KEPT) return;
    alarms.set(text, transactionId);
    options.report(`ALARM ${text}`);
    if (transactionId !== null) watchers.attend(transactionId);
    watchers.emit(transactionId, { type: "alarm", text });
  };
  const clearAlarm = (text: string) => {
    if (!alarms.delete(text)) return;
    options.report(`over: ${text}`);
    watchers.emit(null, { type: "alarm-cleared", text });
  };
  const loop = createNodeLoop({
    ...options,
    foundSeq: recovered.end.seq,
    state,
    history,
    watchers,
    clients,
    reach: reachOf(options),
    startsHeld: faults !== null && options.startsHeld === true,
    onForced: (record) => resolutions.forced(record),
    holdChanged(isHolding) {
      options.report(isHolding ? "holds its messages back" : "holds its messages back no longer");
      watchers.emit(null, { type: "hold-changed", isHolding });
      faultDesk.show();
    },
    raiseAlarm,
    clearAlarm,
    network: {
      send: (to, url, message) => wire?.network.send(to, url, message),
      flush: () => wire?.network.flush(),
    },
    dial: (url) => wire?.dial(url),
  });
  const peers = createPeerBook({
    state,
    kind,
    loop,
    watchers,
    knownNodes: options.knownNodes,
    keepNodes: options.keepNodes,
    report: options.report,
    announce: (nodes) => wire?.announce(nodes),
    dial: (url) => wire?.dial(url),
  });

  const faultDesk = createFaultDesk({
    name,
    faults,
    holding: loop.holding,
    watchers,
    report: options.report,
    setLinkFault: (peer, cut) => wire?.setLinkFault(peer, cut),
    flush: () => loop.flush(),
  });
  const resolutions = createResolutions({
    state,
    wallMs: () => clock.wallMs(),
    push: loop.push,
    attend: (transactionId) => watchers.attend(transactionId),
    report: options.report,
    alarmsAbout: (id) => [...alarms].flatMap(([text, transactionId]) => (transactionId === id ? [text] : [])),
    clearAlarm(text) {
      clearAlarm(text);
      loop.flush();
    },
  });

  const receive = (link: ClientLink, message: ClientMessage): void => {
    switch (message.type) {
      case "begin": {
        const { requestId, issuedAtMs, operations, timeoutMs, isFirstSend = false } = message;
        const digest = options.digest(canonicalOperations(operations));
        const request = { requestId, issuedAtMs, operations, timeoutMs, digest, isFirstSend };
        clients.ask(link, request);
        return loop.push({ type: "begin-received", request });
      }
      case "subscribe":
        return watchers.subscribe(link, message.oneIn);
      case "sample":
        return watchers.sample(link, message.oneIn);
      case "query":
        return link.send(reply(message.queryId, answerQuery(message)));
      case "arm-fault":
      case "arm-crash":
      case "cut-link":
      case "hold":
      case "release-held":
        return faultDesk.receive(link, message);
      case "resolve":
        return resolutions.receive(link, message);
    }
  };

  const answerQuery = (query: Query): unknown => {
    switch (query.what) {
      case "node":
        return view();
      case "transactions":
        return history.list(Math.min(query.limit ?? SNAPSHOT_TRANSACTIONS_MAX, TRANSACTIONS_LISTED));
      case "transaction":
        return query.transactionId ? history.find(query.transactionId) : [];
      case "rows":
        return resource?.rows() ?? null;
      case "retries":
        return loop.retries();
      case "figures":
        return options.figures?.(query.stalls ?? false) ?? null;
    }
  };

  return {
    view,
    handlers: {
      peerUp: peers.up,
      peerDown: peers.down,
      roundTrip: peers.roundTrip,
      directory: peers.learn,
      protocol(from, messages) {
        for (const message of messages) loop.push({ type: "message-received", from, message });
      },
      client: receive,
      clientGone(link) {
        watchers.unsubscribe(link);
        clients.gone(link);
        loop.holding.leave(link);
        loop.flush();
      },
    },
    start(given) {
      wire = given;
      self.url = given.url;
      peers.start();
      loop.start();
      options.log.onSpace(({ isLow, freeBytes, reserveBytes }) =>
        loop.push(isLow ? { type: "space-low", freeBytes, reserveBytes } : { type: "space-back" }),
      );
    },
    checkpoint: loop.checkpoint,
    drain() {
      loop.holding.end();
      loop.push({ type: "drain-started" });
    },
    unfinished: () => countUnfinished(state, loop.waitingCount()),
    halt: loop.halt,
  };
}

function injectedOf(injected: Injected | null): { injected?: Injected } {
  return injected === null ? {} : { injected };
}

function presentRetries(retries: readonly RetryView[]): Pick<Snapshot, "retries"> {
  return retries.length === 0 ? {} : { retries: [...retries] };
}

/** Where a crash may be tried: from the start, or while one is armed. */
function reachOf({ reach, faults }: NodeOptions): Reach {
  if (faults === null) return () => reach;
  const both = (point: LoopPoint) => {
    reach?.(point);
    faults.reach(point);
  };
  return () => (reach !== null || faults.hasPoints() ? both : null);
}

function reply(queryId: number, value: unknown): SessionMessage {
  return { type: "reply", queryId, value, error: null };
}

function countInDoubt(state: NodeState): number {
  let count = 0;
  for (const entry of state.participant.transactions.values()) if (entry.phase === "prepared") count += 1;
  return count;
}

function countUnfinished(state: NodeState, waiting: number): number {
  let count = state.coordinator.transactions.size + waiting;
  for (const entry of state.participant.transactions.values()) {
    if (entry.phase === "working" || entry.phase === "prepared" || entry.phase === "performing") count += 1;
  }
  return count;
}
