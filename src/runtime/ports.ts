import type { Timer } from "../core/effects.ts";
import type { StoredPage } from "../core/packed-requests.ts";
import type { Lsn, NodeName } from "../schema/ids.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { LogRecord } from "../schema/records.ts";
import type { ClientMessage, Directory, HelloNode, SessionMessage } from "../schema/session.ts";

export type { Plan, Resource } from "../resources/resource.ts";

/** One of the core's timers, set on a clock. */
export interface Alarm {
  readonly what: Timer;
  /** When it is due, by the clock's `nowMs`. */
  readonly dueMs: number;
}

/** Monotonic time and timers. */
export interface Clock {
  /** Milliseconds since some fixed point; never goes back; means nothing after a restart. */
  nowMs(): number;
  /** Milliseconds since 1970, for people and the request window only; may jump. */
  wallMs(): number;
  /** Calls `fire` once, no earlier than `delayMs` from now. Returns the cancel function. */
  schedule(delayMs: number, fire: () => void): () => void;
  /**
   * The same for the core's timers, of which there are thousands, and hardly one is ever due: calls `ring` with the timer, no earlier
   * than `delayMs` from `fromMs`, which `nowMs` has said in this turn. What is returned is given to `cancelAlarm` of this clock.
   */
  setAlarm(delayMs: number, ring: (timer: Timer) => void, timer: Timer, fromMs: number): Alarm;
  cancelAlarm(alarm: Alarm): void;
  /** Calls `run` after what has already arrived was taken in, before anything is waited for. */
  defer(run: () => void): void;
}

/** Chance, so that a simulation can replay it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** What a log found when it was opened. */
export interface Recovered {
  /** This run's epoch, greater than every one before. */
  readonly epoch: number;
  /** The newest checkpoint's image and pages, or null. `throughSeq` is the last record it includes. */
  readonly checkpoint: {
    readonly image: unknown;
    readonly pages: readonly StoredPage[];
    readonly throughSeq: number;
  } | null;
  /** The records after the checkpoint, in order; none where a reader has taken them in. */
  readonly records: Iterable<{ readonly record: LogRecord; readonly lsn: Lsn }>;
  /** The last record on disk before this run. */
  readonly end: Lsn;
  /** One line for people: "clean", or what was torn and how many bytes were dropped. */
  readonly summary: string;
}

/** Takes in what a log holds while it is read, so that nobody has to keep all of it. Nothing was changed on the disk yet. */
export interface LogReader {
  /** Called once, before the first record. */
  begin(checkpoint: Recovered["checkpoint"]): Promise<void>;
  record(record: LogRecord, lsn: Lsn): void;
}

/** How full the log's disk is, in bytes; `isLow` where less than the reserve is free. */
export interface LogSpace {
  readonly isLow: boolean;
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

/** A durable, append-only sequence of records with group commit. */
export interface Log {
  /** Buffers a record and returns its sequence number. Nothing is on disk yet. */
  append(record: LogRecord, force: boolean): number;
  /**
   * End of a turn: starts writing what was appended, and syncs if any of it was to be forced. Where nothing that was appended
   * `isAwaited`, all of it may stay for a moment, to go along with what is.
   */
  flush(isAwaited: boolean): void;
  /** Calls `listener` with the highest sequence number known to be on disk, each time it rises because of a force. */
  onForced(listener: (throughSeq: number) => void): void;
  /** Calls `listener` each time the disk runs low, or has room again; at once where it is low now. */
  onSpace(listener: (space: LogSpace) => void): void;
  /** True when enough was written since the last checkpoint that one is worth its price. */
  wantsCheckpoint(): boolean;
  /**
   * Makes `image` and `pages` the state after every record up to `throughSeq`, which must be the last one appended. They are
   * written bit by bit and must not change meanwhile; a list in the image may be any iterable. Of the pages only those are
   * written that the last checkpoint did not have: their number and length say which they are. The log forces through the
   * last record, writes, and only then deletes what is covered. Resolves when all is on disk.
   */
  checkpoint(image: unknown, pages: readonly StoredPage[], throughSeq: number): Promise<void>;
  /** Forces everything, writes a shutdown record, and closes. Resolves when it is on disk. */
  close(): Promise<void>;
}

/** Sends protocol messages by node name. Delivery is at least once at best: unordered, perhaps lost, perhaps doubled. */
export interface Network {
  send(to: NodeName, url: string | null, message: ProtocolMessage): void;
  /** End of a turn: one frame to each peer, and each client, that has something. */
  flush(): void;
}

/** A connected client, as the node sees it. */
export interface ClientLink {
  send(message: SessionMessage): void;
  /** Bytes handed to `send` that the client has not taken yet; a slow watcher is recognised by it. */
  bufferedBytes(): number;
  close(code: string, message: string): void;
}

/** What the wire tells the node. Everything has passed the schema, and `from` is the name the peer proved with its hello. */
export interface WireHandlers {
  peerUp(peer: HelloNode): void;
  peerDown(name: NodeName): void;
  /** A heartbeat came back. */
  roundTrip(name: NodeName, milliseconds: number): void;
  protocol(from: NodeName, messages: readonly ProtocolMessage[]): void;
  directory(nodes: Directory["nodes"]): void;
  client(link: ClientLink, message: ClientMessage): void;
  clientGone(link: ClientLink): void;
}
