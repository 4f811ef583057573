import type { Floor, NodeId, NodeName, StoreId, TransactionId } from "../schema/ids.ts";
import { beginsWith } from "./begins-with.ts";
import { invariant } from "./errors.ts";
import { interned } from "./interned.ts";

/** What the ids of all transactions of a coordinator's run have in common: one object, as long as few runs are heard of. */
export interface RunOfId {
  /** All before the counter and its dot. */
  readonly text: string;
  readonly coordinatorId: NodeId;
  readonly coordinatorName: NodeName;
  readonly epoch: number;
  /** Null before the first. */
  known: KnownIds | null;
}

/**
 * Ids of a run that were met lately, each in the place that its counter has. Whatever is read, put and asked about one transaction shares
 * one text, and a text is compared with itself at a glance, where with its copy each character counts.
 */
interface KnownIds {
  readonly counters: Float64Array;
  /** None of them has zeros before its counter. */
  readonly ids: TransactionId[];
}

export interface TransactionIdParts {
  readonly coordinatorId: NodeId;
  readonly coordinatorName: NodeName;
  readonly epoch: number;
  readonly counter: number;
}

/** The id of a node: its name and the random identity of its store. */
export function nodeIdOf(name: NodeName, storeId: StoreId): NodeId {
  return `${name}-${storeId}` as NodeId;
}

/** The name in a node id. */
export function nameOf(nodeId: NodeId): NodeName {
  return nodeId.slice(0, nodeId.lastIndexOf("-")) as NodeName;
}

/** The store in a node id. */
export function storeOf(nodeId: NodeId): StoreId {
  return nodeId.slice(nodeId.lastIndexOf("-") + 1) as StoreId;
}

export function makeTransactionId(coordinatorId: NodeId, epoch: number, counter: number): TransactionId {
  if (coordinatorId !== lastMade.coordinatorId || epoch !== lastMade.epoch)
    lastMade = runNamed(`${coordinatorId}.${epoch}`, coordinatorId, epoch);
  const id = idInRun(lastMade, counter);
  keepId(lastMade, counter, id);
  return id;
}

/** The id of a run's transaction. */
export function idInRun(run: RunOfId, counter: number): TransactionId {
  // Joined, it is one flat text, where a template is a rope of its parts: it is copied into a dozen messages and records.
  const id = knownId(run, counter) ?? ([run.text, counter].join(".") as TransactionId);
  // Whoever makes an id asks for its place next.
  note(id, run, counter);
  return id;
}

/** Counters in a row of a run whose ids are known: more than are under way at a time. A power of two. */
const KNOWN_MAX = 2048;

/** The text that is shared of the id with this counter, should there be one. */
export function knownId({ known }: RunOfId, counter: number): TransactionId | undefined {
  if (known === null) return undefined;
  const place = counter & (KNOWN_MAX - 1);
  return known.counters[place] === counter ? known.ids[place] : undefined;
}

/** From now on this text of the id with this counter is shared. It has no zeros before it. */
export function keepId(run: RunOfId, counter: number, id: TransactionId): void {
  run.known ??= {
    counters: new Float64Array(KNOWN_MAX).fill(-1),
    ids: new Array<TransactionId>(KNOWN_MAX).fill("" as TransactionId),
  };
  const place = counter & (KNOWN_MAX - 1);
  run.known.counters[place] = counter;
  run.known.ids[place] = id;
}

/** Of no id. */
export const NO_RUN: RunOfId = {
  text: "",
  coordinatorId: "" as NodeId,
  coordinatorName: "" as NodeName,
  epoch: 0,
  known: null,
};

/** A node makes thousands of ids for the same run. */
let lastMade = NO_RUN;

/** The place of a transaction among all. */
export interface PlaceOfId {
  readonly run: RunOfId;
  readonly counter: number;
  /** Its counter is said with zeros before it: it is another than the one without, and no place tells them apart. */
  readonly isPadded: boolean;
}

/** A step asks many times for the parts of the same id: those of the last one are kept. */
const last = {
  id: null as TransactionId | null,
  run: NO_RUN,
  counter: 0,
  isPadded: false,
};

/** Splits an id that has passed the schema. */
export function parseTransactionId(transactionId: TransactionId): TransactionIdParts {
  const { run, counter } = placeOfId(transactionId);
  const { coordinatorId, coordinatorName, epoch } = run;
  return { coordinatorId, coordinatorName, epoch, counter };
}

/** The run that an id is of; the same object as long as ids of the same run come. */
export function runOf(transactionId: TransactionId): RunOfId {
  return placeOfId(transactionId).run;
}

export function counterOf(transactionId: TransactionId): number {
  return placeOfId(transactionId).counter;
}

/** All of it, to be read at once: the next id that is asked for has the same object. */
export function placeOfId(transactionId: TransactionId): PlaceOfId {
  if (transactionId !== last.id) split(transactionId);
  return last;
}

/** Most ids that a node meets are of the same few runs: what stands before the counter is not cut out of each of them anew. */
function split(transactionId: TransactionId): void {
  const counter = counterAfter(last.run, transactionId);
  if (counter >= 0) return note(transactionId, last.run, counter);
  const run = splitRun(transactionId);
  note(transactionId, run, readDigits(transactionId, run.text.length + 1, transactionId.length));
}

function note(transactionId: TransactionId, run: RunOfId, counter: number): void {
  last.run = run;
  last.counter = counter;
  last.isPadded = transactionId.charCodeAt(run.text.length + 1) === ZERO;
  last.id = transactionId;
}

/** The counter of an id of this run; less than nothing where it is of another. */
function counterAfter(run: RunOfId, transactionId: TransactionId): number {
  const { length } = transactionId;
  const dot = run.text.length;
  if (dot === 0 || length <= dot + 1 || transactionId.charCodeAt(dot) !== DOT) return -1;
  let counter = 0;
  for (let at = dot + 1; at < length; at += 1) {
    const digit = transactionId.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    counter = counter * 10 + digit;
  }
  return knownId(run, counter) === transactionId || beginsWith(transactionId, run.text) ? counter : -1;
}

/** The run of an id that is of another than the last one. */
function splitRun(transactionId: TransactionId): RunOfId {
  const counterDot = dotBefore(transactionId, transactionId.length);
  const epochDot = dotBefore(transactionId, counterDot);
  const isWhole = epochDot > 0 && counterDot > epochDot + 1 && transactionId.length > counterDot + 1;
  invariant(isWhole, `malformed transaction id ${transactionId}`);
  const epoch = readDigits(transactionId, epochDot + 1, counterDot);
  return runNamed(transactionId.slice(0, counterDot), transactionId.slice(0, epochDot) as NodeId, epoch);
}

/** The runs that were met last, the newest first. */
let runs: readonly RunOfId[] = [];
const RUNS_MAX = 16;

/** The run whose ids begin with this text, which is of a coordinator's id and an epoch. */
function runNamed(text: string, nodeId: NodeId, epoch: number): RunOfId {
  const known = runs.find((run) => run.text === text);
  if (known) return known;
  const coordinatorId = interned(nodeId);
  const run = {
    text: interned(text),
    coordinatorId,
    coordinatorName: interned(nameOf(nodeId)),
    epoch,
    known: null,
  };
  runs = [run, ...runs.slice(0, RUNS_MAX - 1)];
  return run;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** The last dot before `end`, -1 without one. `lastIndexOf` is no part of the compiled code, and takes longer than all the rest. */
function dotBefore(text: string, end: number): number {
  let at = end - 1;
  while (at >= 0 && text.charCodeAt(at) !== DOT) at -= 1;
  return at;
}

function readDigits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

/** True when (epoch, counter) lies below the floor: the coordinator no longer prepares it. */
export function isBelow(place: { readonly epoch: number; readonly counter: number }, floor: Floor): boolean {
  return place.epoch < floor.epoch || (place.epoch === floor.epoch && place.counter < floor.counter);
}

/** The same of a transaction of the floor's store. */
export function isIdBelow(transactionId: TransactionId, floor: Floor): boolean {
  const { epoch } = runOf(transactionId);
  if (epoch !== floor.epoch) return epoch < floor.epoch;
  return counterOf(transactionId) < floor.counter;
}
