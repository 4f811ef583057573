import type {
  Floor,
  NodeId,
  NodeName,
  PreparedAt,
  RequestId,
  StoreId,
  TransactionId,
} from "../schema/ids.ts";

/** Whether something has happened, as far as was seen. What was not seen is never guessed. */
export type Known = "yes" | "no" | "maybe";

/** A record of one transaction at one node. `told`: the node has said that it stands, without saying where. */
export type RecordState =
  | { readonly is: "none" | "unknown" | "told" }
  | { readonly is: "appended"; readonly epoch: number; readonly seq: number };

/** What is known of a transaction at its coordinator. */
export interface Led {
  readonly id: TransactionId;
  readonly epoch: number;
  readonly counter: number;
  requestId: RequestId | null;
  onePhase: boolean | null;
  participants: readonly NodeName[] | null;
  /** Who was asked for a vote or for a decision, and who was told to commit. */
  readonly asked: Set<NodeName>;
  readonly toldCommit: Set<NodeName>;
  readonly votes: Map<NodeName, { readonly vote: string; readonly preparedAt: PreparedAt | null }>;
  /** Who has asked for the decision. */
  readonly inquired: Set<NodeName>;
  commit: RecordState;
  voters: readonly NodeName[] | null;
  /** Who has acked, or was released by an operator. */
  readonly acked: Set<NodeName>;
  /** The only participant's word. */
  decided: "committed" | "aborted" | null;
  abortSaid: Known;
  /** Things may have happened that were not seen. */
  isPartlySeen: boolean;
}

/** What is known of a transaction at one of its participants. */
export interface Held {
  readonly id: TransactionId;
  requestId: RequestId | null;
  participants: readonly NodeName[] | null;
  /** The first prepare that this run has heard, and what stood against it then. */
  prepare: {
    readonly onePhase: boolean;
    readonly toStore: StoreId | null;
    readonly toEpoch: number | null;
    readonly isBelowFloor: boolean;
    readonly isAfterAbort: boolean;
  } | null;
  prepared: RecordState;
  committed: RecordState;
  aborted: RecordState;
  heuristic: RecordState;
  heuristicEnd: RecordState;
  decision: "commit" | "abort" | null;
  /** Has promised: voted yes in this run, or was prepared when it began. */
  promised: Known;
  readOnly: Known;
  /** The coordinator has said so, or a peer that knew. */
  heardCommit: Known;
  heardAbort: Known;
  heardAbortFromPeer: Known;
  /** The last commit that was heard, and where it says that `prepared` stands. */
  commitAt: PreparedAt | null;
  /** An abort was heard in this run. */
  isTombstone: boolean;
  isPartlySeen: boolean;
}

/** One node and store, as far as it was seen. What a run forgets is reset when the next one begins. */
export interface Mind {
  readonly name: NodeName;
  readonly nodeId: NodeId;
  readonly storeId: StoreId;
  readonly keepsNothing: boolean;
  epoch: number;
  pid: number;
  startedAtMs: number;
  lastNumber: number;
  /** The highest record known to be on disk. */
  forcedSeq: number;
  /** Where the log ended when the first snapshot of this run was heard. */
  foundSeq: number;
  appendedSeq: number | null;
  /** The last snapshot listed everything that the node knows. */
  isWhole: boolean;
  /** Own transactions of this run from this counter on began in sight. */
  seenFromCounter: number;
  floorSaid: Floor | null;
  readonly floorsHeard: Map<NodeId, Floor>;
  readonly led: Map<TransactionId, Led>;
  readonly held: Map<TransactionId, Held>;
  readonly ledFor: Map<RequestId, Led[]>;
  readonly heldFor: Map<RequestId, Held[]>;
  /** By request: transactions that a participant has named as the one that committed it. */
  readonly committedElsewhere: Map<RequestId, Set<TransactionId>>;
  /** Messages of this run, by their ids, that wait in the node and were judged when they were kept. */
  readonly kept: Set<number>;
  /** Below these, of each coordinator, finished transactions may have been forgotten here: what is not in the tables is unknown. */
  readonly forgotten: { readonly led: Map<NodeId, Floor>; readonly held: Map<NodeId, Floor> };
}

/** How a transaction has ended, by all that was seen. */
export interface Ending {
  committedBy: NodeName | null;
  readonly abortedBy: Map<NodeName, Known>;
  toldAborted: boolean;
  voters: readonly NodeName[] | null;
}

/** Everything that was seen so far. */
export interface Knowledge {
  readonly minds: Map<NodeName, Mind>;
  readonly endings: Map<TransactionId, Ending>;
  readonly commitsOf: Map<RequestId, TransactionId>;
  /** Nodes that have come back with another store: what they did before is lost, and contradicts nothing. */
  readonly wiped: Set<NodeName>;
}

export const NONE: RecordState = { is: "none" };
export const UNKNOWN: RecordState = { is: "unknown" };
export const TOLD: RecordState = { is: "told" };

/** Whether the record is on the node's disk. */
export function isDurable(mind: Mind, record: RecordState): Known {
  switch (record.is) {
    case "none":
      return "no";
    case "unknown":
      return "maybe";
    case "told":
      return "yes";
    case "appended":
      return record.seq <= mind.forcedSeq ? "yes" : "no";
  }
}

/** Whether the record was written at all, on disk or not yet. */
export function isWritten(record: RecordState): Known {
  return record.is === "none" ? "no" : record.is === "unknown" ? "maybe" : "yes";
}

/** Yes if one of them is, no if all are not. */
export function either(...known: readonly Known[]): Known {
  if (known.includes("yes")) return "yes";
  return known.includes("maybe") ? "maybe" : "no";
}

/**
 * True when an abort that is not on disk stands all the same, for it is somebody else's decision. A participant's own may be
 * lost in a crash, and if nobody has heard it, its next run may vote yes.
 */
export function isToldToAbort({ heardAbort, heardAbortFromPeer }: Held): boolean {
  return either(heardAbort, heardAbortFromPeer) === "yes";
}

/** The parts of an id that has passed the schema. */
export function partsOf(id: TransactionId): {
  nodeId: NodeId;
  name: NodeName;
  epoch: number;
  counter: number;
} {
  const [nodeId = "", epoch, counter] = id.split(".");
  const name = nodeId.slice(0, nodeId.lastIndexOf("-")) as NodeName;
  return { nodeId: nodeId as NodeId, name, epoch: Number(epoch), counter: Number(counter) };
}

/** True when (epoch, counter) lies below the floor. */
export function isBelow(place: { readonly epoch: number; readonly counter: number }, floor: Floor): boolean {
  return place.epoch < floor.epoch || (place.epoch === floor.epoch && place.counter < floor.counter);
}

/** False when a prepare says that it is for another run of the node that has heard it, or for another store under its name. */
export function isForThisRun(
  { storeId, epoch }: Mind,
  { toStore, toEpoch }: NonNullable<Held["prepare"]>,
): boolean {
  return (toStore ?? storeId) === storeId && (toEpoch ?? epoch) === epoch;
}

/** The coordinator's side of a transaction, made when it is first met. */
export function ledOf(mind: Mind, id: TransactionId): Led {
  const before = mind.led.get(id);
  if (before) return before;
  const { epoch, counter } = partsOf(id);
  const isFollowed = epoch === mind.epoch && (mind.isWhole || counter >= mind.seenFromCounter);
  const isSeen = isFollowed && !mayBeForgotten(mind.forgotten.led, id);
  const led: Led = {
    id,
    epoch,
    counter,
    requestId: null,
    onePhase: null,
    participants: null,
    asked: new Set(),
    toldCommit: new Set(),
    votes: new Map(),
    inquired: new Set(),
    commit: isSeen ? NONE : UNKNOWN,
    voters: null,
    acked: new Set(),
    decided: null,
    abortSaid: isSeen ? "no" : "maybe",
    isPartlySeen: !isSeen,
  };
  mind.led.set(id, led);
  return led;
}

/** A participant's side of a transaction, made when it is first met. */
export function heldOf(mind: Mind, id: TransactionId): Held {
  const before = mind.held.get(id);
  if (before) return before;
  const isSeen = mind.isWhole && !mayBeForgotten(mind.forgotten.held, id);
  const record = isSeen ? NONE : UNKNOWN;
  const known = isSeen ? "no" : "maybe";
  const held: Held = {
    id,
    requestId: null,
    participants: null,
    prepare: null,
    prepared: record,
    committed: record,
    aborted: record,
    heuristic: record,
    heuristicEnd: record,
    decision: null,
    promised: known,
    readOnly: known,
    heardCommit: known,
    heardAbort: known,
    heardAbortFromPeer: known,
    commitAt: null,
    isTombstone: false,
    isPartlySeen: !isSeen,
  };
  mind.held.set(id, held);
  return held;
}

function mayBeForgotten(floors: ReadonlyMap<NodeId, Floor>, id: TransactionId): boolean {
  const { nodeId, epoch, counter } = partsOf(id);
  const floor = floors.get(nodeId);
  return floor !== undefined && isBelow({ epoch, counter }, floor);
}

/** Nothing was written anywhere: it may be answered as often as it is asked. */
export function isAllReadOnly({ participants, votes }: Led): boolean {
  return participants?.every((name) => votes.get(name)?.vote === "read-only") === true;
}

export function endingOf(knowledge: Knowledge, id: TransactionId): Ending {
  let ending = knowledge.endings.get(id);
  if (!ending) {
    ending = { committedBy: null, abortedBy: new Map(), toldAborted: false, voters: null };
    knowledge.endings.set(id, ending);
  }
  return ending;
}

/** Notes which request a transaction belongs to. */
export function nameRequest<Case extends Led | Held>(
  table: Map<RequestId, Case[]>,
  each: Case,
  requestId: RequestId | null | undefined,
): void {
  if (!requestId || each.requestId) return;
  each.requestId = requestId;
  table.set(requestId, [...(table.get(requestId) ?? []), each]);
}

/** It is committed, whatever happens. */
export function noteCommit(
  knowledge: Knowledge,
  id: TransactionId,
  by: NodeName,
  requestId: RequestId | null,
): void {
  endingOf(knowledge, id).committedBy ??= by;
  if (requestId && !knowledge.commitsOf.has(requestId)) knowledge.commitsOf.set(requestId, id);
}
