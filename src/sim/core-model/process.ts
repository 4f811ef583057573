import type { Timer } from "../../core/effects.ts";
import { invariant } from "../../core/errors.ts";
import { isGuarded } from "../../core/held-requests.ts";
import { nodeIdOf } from "../../core/ids.ts";
import { makeImage } from "../../core/image.ts";
import { makeNodeState, type NodeState } from "../../core/node-state.ts";
import { allRequests } from "../../core/participant-requests.ts";
import { finishRecovery } from "../../core/recovery.ts";
import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { type CheckpointImage, recoverNode } from "../../runtime/recover.ts";
import type { Lsn, NodeName, StoreId } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { LogRecord } from "../../schema/records.ts";
import type { Choose } from "../explore/choices.ts";
import { copyNode } from "./node-copy.ts";
import { createTokenStore, type Tokens } from "./token-store.ts";
import { takeTurn } from "./turn.ts";

/** A record in a log. Where `force` is set the node waits for the word that it is on disk. */
export interface Entry {
  readonly record: LogRecord;
  readonly lsn: Lsn;
  readonly force: boolean;
}

/** A process and its disk, at one moment. */
export interface Process {
  /** Records that the disk says it has before it does; none, unless it is to be seen that this is found out. */
  readonly lies: readonly LogRecord["type"][];
  readonly name: NodeName;
  readonly storeId: StoreId;
  readonly isParticipant: boolean;
  /** Null while the process is down. */
  readonly node: NodeState | null;
  readonly timers: readonly Timer[];
  /** Every record that was appended and not lost, also those that a checkpoint has made superfluous. */
  readonly log: readonly Entry[];
  /** How many entries are on disk; a crash may take any number of the others, from the end. */
  readonly forcedCount: number;
  /** What stands for the first `count` entries at a restart. */
  readonly checkpoint: { readonly image: CheckpointImage; readonly count: number } | null;
  /** What the participant keeps. */
  readonly tokens: Tokens;
  readonly epoch: number;
  readonly begins: number;
  readonly crashes: number;
  readonly checkpoints: number;
  /** Links of this process that were cut by itself, and words of an operator; both ever. */
  readonly cuts: number;
  readonly resolves: number;
  /** What clients were told, ever: outcome and transaction. */
  readonly told: readonly string[];
  /** Alarms raised and errors thrown, ever. */
  readonly alarms: readonly string[];
}

export interface Envelope {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly message: ProtocolMessage;
}

/** Stands where a client was told an outcome that no transaction of its request has. */
export const NO_TRANSACTION = "-";

/** What one turn leaves behind. */
export interface Turn {
  readonly process: Process;
  readonly sent: readonly Envelope[];
}

/** A process with an empty disk that was never started. */
export function makeProcess(options: Pick<Process, "name" | "storeId" | "isParticipant" | "lies">): Process {
  return {
    ...options,
    node: null,
    timers: [],
    log: [],
    forcedCount: 0,
    checkpoint: null,
    tokens: { held: 0, posted: 0 },
    epoch: 0,
    begins: 0,
    crashes: 0,
    checkpoints: 0,
    cuts: 0,
    resolves: 0,
    told: [],
    alarms: [],
  };
}

export function urlOf(name: NodeName): string {
  return `ws://${name}`;
}

/** Starts a process on what its disk holds: the shipped recovery, then its first turn. */
export function restart(process: Process, peers: readonly NodeName[], choose: Choose): Turn {
  const epoch = process.epoch + 1;
  const { name, storeId, isParticipant, checkpoint, log } = process;
  const node = makeNodeState({
    self: { name, url: urlOf(name) },
    storeId,
    epoch,
    settings: DEFAULT_SETTINGS,
    isParticipant,
  });
  const tokens: Tokens = { held: 0, posted: 0 };
  const end = log.at(-1)?.lsn ?? { epoch: 0, seq: 0 };
  const throughSeq = checkpoint?.count ?? 0;
  const recovered = {
    epoch,
    checkpoint: checkpoint ? { image: checkpoint.image, pages: [], throughSeq } : null,
    records: log.slice(throughSeq),
    end,
    summary: "clean",
  };
  const start: Entry = {
    record: { type: "run-start", epoch, startedAtMs: 0 },
    lsn: { epoch, seq: end.seq + 1 },
    force: false, // The log forces it before the node hears of anything.
  };
  const fresh: Process = {
    ...process,
    epoch,
    node,
    tokens,
    log: [...log, start],
    forcedCount: log.length + 1,
  };
  try {
    recoverNode(node, isParticipant ? createTokenStore(tokens, choose) : null, recovered);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { process: { ...process, alarms: [...process.alarms, text] }, sent: [] };
  }
  const learned = peers.map((peer) => ({ type: "peer-learned", name: peer, url: urlOf(peer) }) as const);
  return takeTurn(fresh, learned, choose, finishRecovery);
}

/** Everything appended reaches the disk, and the node is told of what it waits for. */
export function force(process: Process, choose: Choose): Turn {
  const forced = process.log.slice(process.forcedCount).filter((entry) => entry.force);
  const inputs = forced.map(({ record, lsn: { seq } }) => ({ type: "record-forced", record, seq }) as const);
  return takeTurn({ ...process, forcedCount: process.log.length }, inputs, choose);
}

/** True when the node waits for the disk. */
export function isForcing(process: Process): boolean {
  return process.log.some((entry, index) => index >= process.forcedCount && entry.force);
}

export function unforcedCount({ log, forcedCount }: Process): number {
  return log.length - forcedCount;
}

/** What nobody waits for reaches the disk all the same. */
export function writeBack(process: Process): Turn {
  return { process: { ...process, forcedCount: process.log.length }, sent: [] };
}

/** The process is gone, and of the log what is on disk and `kept` more entries are left. */
export function crash(process: Process, kept: number): Process {
  const log = process.log.slice(0, process.forcedCount + kept);
  return {
    ...process,
    node: null,
    timers: [],
    log,
    forcedCount: log.length,
    tokens: { held: 0, posted: 0 },
    crashes: process.crashes + 1,
  };
}

/** The shipped image of the present state, as it comes back from a disk; the log is forced with it. */
export function checkpoint(process: Process, choose: Choose): Turn {
  const { node, log, tokens } = process;
  invariant(node, "a process that is down makes no checkpoint");
  const tables = makeImage(copyNode(node), (id) => {
    const entry = log.find(({ record }) => record.type === "prepared" && record.transactionId === id);
    return entry?.lsn ?? null;
  });
  // Pages are a matter of bytes; equal states shall have equal texts.
  const held = [...allRequests(node)].filter(([, each]) => isGuarded(each));
  const image: CheckpointImage = { node: { ...tables, held }, resource: tokens };
  const kept: CheckpointImage = JSON.parse(JSON.stringify(image));
  const checkpoints = process.checkpoints + 1;
  return force({ ...process, checkpoints, checkpoint: { image: kept, count: log.length } }, choose);
}

export function nodeIdOfProcess({ name, storeId }: Process) {
  return nodeIdOf(name, storeId);
}
