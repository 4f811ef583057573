import { isCounted, isInSample, shareOf } from "../core/sample.ts";
import type { EventBody, NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import { ONE_IN_MAX, type Tally } from "../schema/tally.ts";
import type { ResourceRows } from "../schema/views.ts";
import { createAttention } from "./attention.ts";
import type { History } from "./history.ts";
import { createPace } from "./pace.ts";
import type { ClientLink, Clock } from "./ports.ts";

/** A watcher that has this much unread gets no events until it has caught up, and then a snapshot. */
const LAGGING_BYTES = 1_048_576;
const CAUGHT_UP_BYTES = 65_536;
/** Events a frame carries at most. */
const EVENTS_PER_FRAME_MAX = 500;
/** A watcher that takes a share is told this much in this time at most: beyond it, its share becomes smaller. */
const BURST_EVENTS_MAX = 1_000;
/** Once it is told less than everything, a burst is known: the rest of it is bounded at a quarter. */
const SHARED_EVENTS_MAX = 250;
const BURST_MS = 100;
const BURST_NARROWS = 4;

/** The shortest time between two tallies. */
const TALLY_MS = 250;
/** A tally's rows put off the next one's by this much each: a store of thousands is told less often. */
const ROW_MS = 2;

/** The stream of events to whoever subscribed. A slow watcher never slows the node. */
export interface Watchers {
  /** True when somebody watches and keeps up; events are built only then. */
  isWatched(): boolean;
  /** True when somebody is told of rows as they change, and when somebody is told of them now and then. */
  isToldRows(): boolean;
  isTallied(): boolean;
  /** Whether anybody is told of one more event about this transaction; where nobody is, it is counted as left out. */
  tells(transactionId: TransactionId | null): boolean;
  /** Whether anybody is told how a transaction stands now. */
  shows(transactionId: TransactionId, isAborted: boolean): boolean;
  /** This transaction is out of the ordinary: everybody is told of it from now on. */
  attend(transactionId: TransactionId): void;
  /** Everything is told where no share is given. */
  subscribe(link: ClientLink, oneIn?: number): void;
  /** Another share for one who takes shares. */
  sample(link: ClientLink, oneIn: number): void;
  unsubscribe(link: ClientLink): void;
  emit(transactionId: TransactionId | null, body: EventBody): void;
  /** End of a turn. */
  flush(): void;
  stop(): void;
}

/** What a node counts for those who are told a share. */
export type NodeTally = Omit<Tally, "node" | "epoch" | "atMs" | "oneIn" | "events" | "rows">;

interface Watcher {
  isLagging: boolean;
  /** Null where everything is told. */
  oneIn: number | null;
  /** The last event that it was told, or that its snapshot includes. */
  lastNumber: number;
  burstEndsMs: number;
  burstEvents: number;
  /** The last tally, to tell none that says the same. */
  tallied: string;
}

export interface WatchersOptions {
  readonly node: NodeName;
  readonly epoch: number;
  readonly clock: Pick<Clock, "nowMs" | "wallMs" | "schedule">;
  readonly snapshot: (number: number) => Snapshot;
  readonly history: () => Pick<History, "unfinished" | "isOverSince" | "find">;
  readonly tally: () => NodeTally;
  /** The rows that have changed since they were taken last; null where none have. */
  readonly takeRows: () => ResourceRows | null;
  readonly hasRows: () => boolean;
}

export function createWatchers(options: WatchersOptions): Watchers {
  const { node, epoch, clock, snapshot, history } = options;
  const links = new Map<ClientLink, Watcher>();
  const attention = createAttention(history);
  let number = 0;
  let pending: NodeEvent[] = [];
  /** Events worth a line, told or left out. */
  let events = 0;
  /** Of those who keep up: how many are told everything, how many a share, and the largest of the shares. */
  let whole = 0;
  let partly = 0;
  let leastOneIn = ONE_IN_MAX;
  /** The smallest of the shares. */
  let mostOneIn = 1;
  let rowsDueMs = 0;

  const recount = () => {
    const kept = [...links.values()].filter(({ isLagging }) => !isLagging);
    whole = kept.filter(({ oneIn }) => oneIn === null).length;
    partly = kept.length - whole;
    leastOneIn = kept.reduce((least, { oneIn }) => Math.min(least, oneIn ?? 1), ONE_IN_MAX);
    mostOneIn = kept.reduce((most, { oneIn }) => Math.max(most, oneIn ?? 1), 1);
    if (partly === 0) attention.clear();
  };

  const start = (link: ClientLink, watcher: Watcher) => {
    watcher.isLagging = false;
    watcher.lastNumber = number;
    watcher.tallied = "";
    recount();
    const now = snapshot(number);
    link.send({ type: "snapshot", snapshot: now });
    if (watcher.oneIn === null) return;
    // What it sees unfinished now it sees finished.
    for (const { transactionId, endedAtMs } of now.transactions) {
      if (endedAtMs === null) attention.add(transactionId);
    }
    sendTally(link, watcher, watcher.oneIn, options.tally());
  };

  /** Most turns have nothing to tell to those who are told a share: they are not looked at then. */
  const deliver = (isToLook = false) => {
    if (pending.length === 0 && !isToLook && links.size === partly) return;
    const turn = pending;
    pending = [];
    for (const [link, watcher] of links) {
      const unreadBytes = link.bufferedBytes();
      if (watcher.isLagging) {
        if (unreadBytes <= CAUGHT_UP_BYTES) start(link, watcher);
      } else if (unreadBytes > LAGGING_BYTES) {
        watcher.isLagging = true;
        recount();
      } else if (turn.length > 0) tell(link, watcher, turn);
    }
  };

  const tell = (link: ClientLink, watcher: Watcher, turn: readonly NodeEvent[]) => {
    const { oneIn } = watcher;
    const told = oneIn === null ? turn : turn.filter((event) => isFor(event, oneIn));
    for (let at = 0; at < told.length; at += EVENTS_PER_FRAME_MAX) {
      const part = told.slice(at, at + EVENTS_PER_FRAME_MAX);
      const after = oneIn === null ? {} : { after: watcher.lastNumber };
      link.send({ type: "events", events: part, ...after });
      watcher.lastNumber = part.at(-1)?.number ?? watcher.lastNumber;
    }
    // The end of what it has heard the beginning of, before its share became smaller, is no burst.
    if (oneIn !== null) bound(watcher, oneIn, told.filter((event) => isOfShare(event, oneIn)).length);
  };

  const isFor = ({ transactionId, body }: NodeEvent, oneIn: number) =>
    body.type !== "rows-changed" && attention.isTold(transactionId, oneIn);

  /** By the time that somebody asked for less, a burst would be on its way. */
  const bound = (watcher: Watcher, oneIn: number, count: number) => {
    const nowMs = clock.nowMs();
    if (nowMs >= watcher.burstEndsMs) {
      watcher.burstEndsMs = nowMs + BURST_MS;
      watcher.burstEvents = 0;
    }
    watcher.burstEvents += count;
    if (watcher.burstEvents <= (oneIn === 1 ? BURST_EVENTS_MAX : SHARED_EVENTS_MAX)) return;
    share(watcher, oneIn, Math.min(ONE_IN_MAX, oneIn * BURST_NARROWS));
  };

  const share = (watcher: Watcher, before: number, oneIn: number) => {
    if (oneIn > before) attention.narrow(before, oneIn);
    watcher.oneIn = oneIn;
    watcher.burstEvents = 0;
    recount();
    pace.hasten();
  };

  /** What need not be told each turn. True where something may have to be told although no turn ends. */
  const review = (): boolean => {
    const open = mostOneIn > 1 ? history().unfinished() : null;
    for (const id of attention.review(clock.wallMs(), mostOneIn, open ?? [])) {
      for (const view of history().find(id)) emit(id, { type: "transaction-changed", view });
    }
    deliver(true);
    if (partly > 0) tellTallies();
    const isToLookAgain = (mostOneIn > 1 && (open ?? history().unfinished()).length > 0) || options.hasRows();
    return links.size > whole + partly || (partly > 0 && isToLookAgain);
  };

  const tellTallies = () => {
    const figures = options.tally();
    const nowMs = clock.nowMs();
    const rows = nowMs < rowsDueMs ? null : options.takeRows();
    if (rows !== null) rowsDueMs = nowMs + countRows(rows) * ROW_MS;
    for (const [link, watcher] of links) {
      if (!watcher.isLagging && watcher.oneIn !== null)
        sendTally(link, watcher, watcher.oneIn, figures, rows);
    }
  };

  const sendTally = (
    link: ClientLink,
    watcher: Watcher,
    oneIn: number,
    figures: NodeTally,
    rows: ResourceRows | null = null,
  ) => {
    const text = [oneIn, events, ...Object.values(figures)].join(" ");
    if (text === watcher.tallied && rows === null) return;
    watcher.tallied = text;
    const tally: Tally = {
      node,
      epoch,
      atMs: clock.wallMs(),
      oneIn,
      events,
      ...figures,
      ...(rows && { rows }),
    };
    link.send({ type: "tally", tally });
  };

  const emit = (transactionId: TransactionId | null, body: EventBody) => {
    if (whole + partly === 0) return;
    if (isCounted(body)) events += 1;
    number += 1;
    pending.push({ node, epoch, number, atMs: clock.wallMs(), transactionId, body });
  };

  const pace = createPace(clock, TALLY_MS, review);
  const isWatched = () => whole + partly > 0;
  return {
    isWatched,
    isToldRows: () => whole > 0,
    isTallied: () => partly > 0,
    tells(transactionId) {
      if (isWatched() && attention.isTold(transactionId, leastOneIn)) return true;
      events += 1;
      return false;
    },
    shows(transactionId, isAborted) {
      if (!isWatched()) return false;
      if (isAborted) attention.noteAborted(transactionId, mostOneIn);
      return attention.isTold(transactionId, leastOneIn);
    },
    attend(transactionId) {
      if (partly > 0) attention.add(transactionId);
    },
    subscribe(link, oneIn) {
      deliver();
      const watcher: Watcher = {
        isLagging: false,
        oneIn: oneIn === undefined ? null : shareOf(oneIn),
        lastNumber: number,
        burstEndsMs: 0,
        burstEvents: 0,
        tallied: "",
      };
      links.set(link, watcher);
      start(link, watcher);
    },
    sample(link, oneIn) {
      const watcher = links.get(link);
      if (watcher === undefined || watcher.oneIn === null) return;
      deliver();
      share(watcher, watcher.oneIn, shareOf(oneIn));
      pace.turnEnded();
    },
    unsubscribe(link) {
      links.delete(link);
      recount();
    },
    emit,
    flush() {
      if (links.size === 0) return;
      deliver();
      if (partly > 0 || links.size > whole) pace.turnEnded();
    },
    stop: pace.stop,
  };
}

function isOfShare({ transactionId }: NodeEvent, oneIn: number): boolean {
  return transactionId === null || isInSample(transactionId, oneIn);
}

function countRows(rows: ResourceRows): number {
  return rows.kind === "warehouse" ? rows.items.length : rows.accounts.length;
}
