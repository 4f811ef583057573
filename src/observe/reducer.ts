import { assertNever } from "../core/errors.ts";
import { isCounted } from "../core/sample.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { Injected } from "../schema/injection.ts";
import type { CoordinatorView, PeerView, ResourceRows, TransactionView } from "../schema/views.ts";
import { type Draft, startDraft } from "./draft.ts";
import { ALARMS_MAX, type Model, type ModelUpdate, type NodeState, type Transaction } from "./model.ts";
import { exitText } from "./node-status.ts";
import type { ProcessView } from "./ports.ts";
import { coordinatorName } from "./short-id.ts";
import { applyTally } from "./tally.ts";

/**
 * Takes in one update. `atMs` is the wall clock for what carries no time of its own
 * (a connection lost); where absent, the time of the newest event.
 */
export function reduce(model: Model, update: ModelUpdate, atMs?: number): Model {
  return reduceAll(model, [update], atMs);
}

/**
 * Takes in several updates for the price of one copy of each slice they touch. Their lines are put in order of time, unless
 * they come in the order in which they are to stand (`isOrdered`): then it is all one how they are taken together.
 */
export function reduceAll(
  model: Model,
  updates: readonly ModelUpdate[],
  atMs?: number,
  isOrdered = false,
): Model {
  if (updates.length === 0) return model;
  const draft = startDraft(model, isOrdered);
  for (const update of updates) applyUpdate(draft, update, atMs ?? draft.latestMs);
  return draft.finish();
}

function applyUpdate(draft: Draft, update: ModelUpdate, atMs: number): void {
  switch (update.type) {
    case "connected":
      applyConnected(draft, update.node, atMs);
      return;
    case "disconnected":
      applyDisconnected(draft, update.node, update.why, atMs);
      return;
    case "snapshot":
      applySnapshot(draft, update.snapshot, atMs);
      return;
    case "events":
      for (const event of update.events) applyEvent(draft, event);
      return;
    case "tally":
      applyTally(draft, update.tally);
      return;
    case "process":
      applyProcess(draft, update.process, atMs);
      return;
    case "note":
      draft.note(update.atMs, update.text);
      return;
    default:
      assertNever(update, "update");
  }
}

function applyConnected(draft: Draft, name: NodeName, atMs: number): void {
  const isBack = draft.node(name).link === "disconnected" && draft.node(name).view !== null;
  if (isBack) draft.life({ atMs, node: name, change: "back", text: "heard again" });
  changeNode(draft, name, { link: "connected", linkSinceMs: atMs, linkWhy: null });
  draft.setHeard(name, -1);
}

function applyDisconnected(draft: Draft, name: NodeName, why: string, atMs: number): void {
  // A watcher that keeps trying reports each attempt; what matters is since when it is away.
  const before = draft.node(name);
  const already = before.link === "disconnected";
  const isGone = before.process?.state === "down" || before.process?.state === "failed";
  if (before.link === "connected" && !isGone) draft.life({ atMs, node: name, change: "lost", text: why });
  changeNode(draft, name, {
    link: "disconnected",
    linkWhy: why,
    linkSinceMs: already ? before.linkSinceMs : atMs,
  });
}

function applyProcess(draft: Draft, process: ProcessView, atMs: number): void {
  const before = draft.node(process.name).process;
  const isGone = process.state === "down" || process.state === "failed";
  if (before !== null && before.state !== process.state && isGone) {
    draft.life({ atMs, node: process.name, change: "gone", text: exitText(process.exit) ?? process.state });
  }
  if (before?.state === "up" && process.state === "paused")
    draft.life({ atMs, node: process.name, change: "paused", text: "SIGSTOP" });
  if (before?.state === "paused" && process.state === "up")
    draft.life({ atMs, node: process.name, change: "resumed", text: "SIGCONT" });
  // What it held back is gone with it; to a new process no connection has been lost yet.
  const ends = isGone ? { held: [] } : process.state === "starting" ? { linkSinceMs: null } : {};
  changeNode(draft, process.name, { process, kind: process.kind, ...ends });
  // What was injected into a process ends with it.
  if (isGone && draft.node(process.name).view?.injected !== undefined)
    applyInjected(draft, process.name, NOTHING_INJECTED);
}

function applySnapshot(draft: Draft, snapshot: Snapshot, atMs: number): void {
  const { node } = snapshot;
  const before = draft.node(node.name);
  if (before.view !== null && node.epoch > before.epoch) noteRestart(draft, node.name, node.epoch, atMs);
  if (before.view !== null && node.epoch === before.epoch) noteMissed(draft, node.name, atMs);
  changeNode(draft, node.name, {
    kind: node.kind,
    view: node,
    epoch: node.epoch,
    tally: null,
    held: snapshot.held ?? [],
    link: "connected",
    linkSinceMs: before.link === "connected" ? before.linkSinceMs : atMs,
    linkWhy: null,
  });
  draft.setHeard(node.name, snapshot.number);
  const known = new Set<TransactionId>();
  for (const view of snapshot.transactions) {
    known.add(view.transactionId);
    changeTransaction(draft, node.name, view, view.endedAtMs ?? view.startedAtMs);
  }
  forgetLost(draft, node.name, known, before.epoch !== node.epoch);
  applyRetries(draft, snapshot, atMs);
  if (snapshot.rows !== null) applyRows(draft, node.name, snapshot.rows, true);
}

/** The node's word for what it tries again: what was known of it before counts no more. */
function applyRetries(draft: Draft, { node, retries = [] }: Snapshot, atMs: number): void {
  for (const [id, retry] of draft.retries()) if (retry.node === node.name) draft.setRetry(id, null);
  for (const { requestId, attempt, withinMs, reason } of retries) {
    const announced = { node: node.name, epoch: node.epoch, announcedAtMs: atMs };
    draft.setRetry(requestId, { ...announced, attempt, delayMs: withinMs, reason });
  }
}

/** A run that tells once more how it stands has left out what brought it there. */
function noteMissed(draft: Draft, node: NodeName, atMs: number): void {
  draft.untold("events", atMs);
  // After a lost connection nothing has been heard yet, and the loss says it.
  if (draft.heard(node) === -1) return;
  draft.untold("transactions", atMs);
  draft.life({ atMs, node, change: "missed", text: "events, which came faster than they were read" });
}

/** A node that starts anew has forgotten what it wanted to try again. */
function noteRestart(draft: Draft, name: NodeName, epoch: number, atMs: number): void {
  draft.life({ atMs, node: name, change: "restarted", text: `epoch ${epoch}` });
  for (const [id, retry] of draft.retries()) if (retry.node === name) draft.setRetry(id, null);
}

/** What a node had in hand when it was last heard, and does not mention any more, it has finished or lost. */
function forgetLost(
  draft: Draft,
  name: NodeName,
  known: ReadonlySet<TransactionId>,
  restarted: boolean,
): void {
  for (const transaction of [...draft.transactions()]) {
    if (known.has(transaction.id)) continue;
    const own = transaction.participants.get(name);
    if (own !== undefined && !isEnded(own.phase)) {
      const participants = new Map(transaction.participants);
      participants.set(name, { ...own, phase: "forgotten" });
      draft.setTransaction({ ...transaction, participants });
    }
    const led = transaction.coordinatorView;
    if (transaction.coordinator !== name || led === null || led.phase === "forgotten") continue;
    const current = draft.transaction(transaction.id) ?? transaction;
    draft.setTransaction(
      restarted
        ? { ...current, forgottenByRestart: true }
        : { ...current, coordinatorView: { ...led, phase: "forgotten", outcome: endOf(current) } },
    );
  }
}

/** How a transaction ended whose end nobody told: by its coordinator's last word, else by a participant's. */
function endOf({ coordinatorView, participants }: Transaction): CoordinatorView["outcome"] {
  const phases = [...participants.values()].map(({ phase }) => phase);
  return (
    coordinatorView?.outcome ??
    (["committed", "aborted"] as const).find((end) => phases.includes(end)) ??
    null
  );
}

function isEnded(phase: string): boolean {
  return phase === "committed" || phase === "aborted" || phase === "forgotten";
}

function applyEvent(draft: Draft, event: NodeEvent): void {
  const node = draft.node(event.node);
  const isSameRun = event.epoch === node.epoch;
  if (event.epoch < node.epoch || (isSameRun && event.number <= draft.heard(event.node))) return;
  if (!isSameRun) changeNode(draft, event.node, { epoch: event.epoch });
  draft.setHeard(event.node, event.number);
  draft.count(event.atMs);
  if (isWorthALine(draft, event)) draft.event(event, node.tally === null && isCounted(event.body));
  applyBody(draft, event);
}

function applyBody(draft: Draft, event: NodeEvent): void {
  const { body } = event;
  switch (body.type) {
    case "transaction-changed":
      if (draft.node(event.node).tally === null) noteCommit(draft, body.view, event.atMs);
      changeTransaction(draft, event.node, body.view, event.atMs);
      return;
    case "rows-changed":
      applyRows(draft, event.node, body.rows, false);
      return;
    case "peer-changed":
      applyPeer(draft, event.node, body.peer);
      return;
    case "record-forced":
      applyForced(draft, event.node, body.seq);
      return;
    case "alarm":
      applyAlarm(draft, event.node, body.text);
      return;
    case "alarm-cleared":
      clearAlarm(draft, event.node, body.text);
      return;
    case "retry-scheduled": {
      const { attempt, delayMs, reason = null } = body;
      const announced = { node: event.node, epoch: event.epoch, announcedAtMs: event.atMs };
      const retry = { ...announced, attempt, delayMs, reason };
      // The schema of the event says no more of a request's id than that it is text.
      draft.setRetry(body.requestId as RequestId, retry);
      return;
    }
    case "client-answered":
      // Its time may be over before the attempt that was announced: then that never comes.
      if (body.outcome !== "unknown") draft.setRetry(body.requestId, null);
      return;
    case "message-held":
      changeNode(draft, event.node, { held: [...draft.node(event.node).held, body.held] });
      return;
    case "message-sent":
    case "message-dropped":
      if (body.heldId !== undefined) dropHeld(draft, event.node, body.heldId);
      return;
    case "injected-changed":
      applyInjected(draft, event.node, body.injected);
      return;
    case "hold-changed":
    case "message-received":
    case "record-appended":
    case "fault-armed":
    case "fault-fired":
    case "note":
      return;
    default:
      assertNever(body, "event");
  }
}

function dropHeld(draft: Draft, name: NodeName, heldId: number): void {
  changeNode(draft, name, { held: draft.node(name).held.filter(({ id }) => id !== heldId) });
}

const NOTHING_INJECTED: Injected = { faults: [], points: [], cuts: [], isHolding: false };

function applyInjected(draft: Draft, name: NodeName, injected: Injected): void {
  const { view } = draft.node(name);
  if (view !== null) changeNode(draft, name, { view: { ...view, injected } });
}

/** Changes that say nothing new to a reader (a heartbeat's round trip, one more count) stay out of the log. */
function isWorthALine(draft: Draft, event: NodeEvent): boolean {
  const { body } = event;
  if (body.type === "rows-changed" || body.type === "injected-changed") return false;
  if (body.type === "peer-changed") {
    const before = draft.node(event.node).view?.peers.find((peer) => peer.name === body.peer.name);
    return before === undefined || before.connected !== body.peer.connected;
  }
  if (body.type !== "transaction-changed") return true;
  const before = draft.transaction(body.view.transactionId);
  if (body.view.role === "coordinator") {
    const last = before?.coordinatorView;
    return last?.phase !== body.view.phase || last.outcome !== body.view.outcome;
  }
  const own = before?.participants.get(event.node);
  return own?.phase !== body.view.phase || own.heuristic?.ending !== body.view.heuristic?.ending;
}

function changeTransaction(draft: Draft, name: NodeName, view: TransactionView, atMs: number): void {
  const before = draft.transaction(view.transactionId) ?? newTransaction(view);
  const next: Transaction =
    view.role === "coordinator"
      ? {
          ...before,
          coordinator: name,
          // A coordinator that has restarted knows its decision, but not what the request asked for.
          coordinatorView: {
            ...view,
            operations: view.operations ?? before.coordinatorView?.operations ?? null,
          },
          forgottenByRestart: false,
        }
      : { ...before, participants: new Map(before.participants).set(name, view) };
  draft.setTransaction({
    ...next,
    startedAtMs: Math.min(before.startedAtMs, view.startedAtMs),
    changedAtMs: Math.max(before.changedAtMs, atMs),
  });
  if (view.endedAtMs !== null) dropAlarms(draft, name, view.transactionId);
  if (view.role === "coordinator" && view.phase === "forgotten") dropRetry(draft, name, view);
}

function noteCommit(draft: Draft, view: TransactionView, atMs: number): void {
  if (view.role !== "coordinator" || view.outcome !== "committed" || view.endedAtMs === null) return;
  const before = draft.transaction(view.transactionId)?.coordinatorView;
  if ((before?.endedAtMs ?? null) === null) draft.committed(atMs, view.endedAtMs - view.startedAtMs);
}

/** The attempt that was announced has come and ended; where another follows, that is announced anew. */
function dropRetry(draft: Draft, name: NodeName, { requestId, attempt }: CoordinatorView): void {
  const retry = draft.retries().get(requestId);
  if (retry !== undefined && retry.node === name && attempt >= retry.attempt) draft.setRetry(requestId, null);
}

/** A node drops its alarms about a transaction when that is over, and says nothing of it. */
function dropAlarms(draft: Draft, name: NodeName, id: TransactionId): void {
  const { view } = draft.node(name);
  if (view === null || view.alarms.length === 0) return;
  const isAbout = (text: string): boolean => text.split(/[^a-z0-9.-]+/).includes(id);
  const alarms = view.alarms.filter((text) => !isAbout(text));
  if (alarms.length < view.alarms.length) changeNode(draft, name, { view: { ...view, alarms } });
}

function newTransaction(view: TransactionView): Transaction {
  const named = view.role === "participant" ? view.coordinator : null;
  return {
    id: view.transactionId,
    coordinator: named ?? coordinatorName(view.transactionId),
    coordinatorView: null,
    forgottenByRestart: false,
    participants: new Map(),
    startedAtMs: view.startedAtMs,
    changedAtMs: view.startedAtMs,
  };
}

function applyRows(draft: Draft, name: NodeName, rows: ResourceRows, whole: boolean): void {
  if (rows.kind === "warehouse") draft.setItems(name, rows.items, whole);
  else draft.setAccounts(name, rows.accounts, whole);
}

function applyPeer(draft: Draft, name: NodeName, peer: PeerView): void {
  const { view } = draft.node(name);
  if (view === null) return;
  const known = view.peers.some((each) => each.name === peer.name);
  const peers = known
    ? view.peers.map((each) => (each.name === peer.name ? smoothed(each, peer) : each))
    : [...view.peers, peer];
  changeNode(draft, name, { view: { ...view, peers } });
}

/** One slow heartbeat is no slow link: a longer round trip counts for an eighth, as in TCP, a shorter one for a half. */
function smoothed(before: PeerView, peer: PeerView): PeerView {
  if (before.roundTripMs === null || peer.roundTripMs === null || !before.connected) return peer;
  const step = peer.roundTripMs - before.roundTripMs;
  return { ...peer, roundTripMs: before.roundTripMs + step / (step > 0 ? 8 : 2) };
}

function applyForced(draft: Draft, name: NodeName, seq: number): void {
  const { view } = draft.node(name);
  if (view !== null && seq > view.forcedSeq) changeNode(draft, name, { view: { ...view, forcedSeq: seq } });
}

function applyAlarm(draft: Draft, name: NodeName, text: string): void {
  const { view } = draft.node(name);
  if (view === null || view.alarms.includes(text)) return;
  changeNode(draft, name, { view: { ...view, alarms: [...view.alarms, text].slice(-ALARMS_MAX) } });
}

function clearAlarm(draft: Draft, name: NodeName, text: string): void {
  const { view } = draft.node(name);
  if (view === null) return;
  changeNode(draft, name, { view: { ...view, alarms: view.alarms.filter((each) => each !== text) } });
}

function changeNode(draft: Draft, name: NodeName, change: Partial<NodeState>): void {
  draft.setNode({ ...draft.node(name), ...change });
}
