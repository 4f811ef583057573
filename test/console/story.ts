import type { ProcessView, Watcher, WatchUpdate } from "../../src/observe/ports.ts";
import type { EventBody, NodeEvent } from "../../src/schema/events.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Reason } from "../../src/schema/reasons.ts";
import type {
  AccountView,
  BranchView,
  CoordinatorView,
  ItemView,
  NodeKind,
  NodeView,
  ParticipantView,
  ResourceRows,
  RetryView,
} from "../../src/schema/views.ts";

// A hand-made cluster of three nodes that tells its story as a real watcher would.

export const COORDINATOR = "coordinator" as NodeName;
export const WAREHOUSE = "warehouse" as NodeName;
export const LEDGER = "ledger" as NodeName;
export const START_MS = new Date(2026, 7, 14, 21, 4, 11, 200).getTime();
const STORE = "3f9a2c81d04b" as StoreId;

export const KINDS: readonly (readonly [NodeName, NodeKind])[] = [
  [COORDINATOR, "coordinator"],
  [WAREHOUSE, "warehouse"],
  [LEDGER, "ledger"],
];

export function transactionId(counter: number, coordinator: string = COORDINATOR): TransactionId {
  return `${coordinator}-${STORE}.4.${counter}` as TransactionId;
}

export const ITEMS: readonly ItemView[] = [
  item("LAMP-01", "Desk lamp, brass", "40", "0", "2490"),
  item("MUG-02", "Mug, stoneware", "120", "0", "890"),
  item("CHAIR-03", "Folding chair", "3", "0", "5900"),
  item("BOOK-04", "Notebook A5, dotted", "0", "0", "650"),
  item("PEN-05", "Fountain pen", "75", "0", "3200"),
  item("BAG-06", "Canvas bag", "56", "0", "1950"),
  item("CLOCK-07", "Wall clock, oak", "12", "0", "7400"),
  item("VASE-08", "Glass vase", "31", "0", "2750"),
];

export const ACCOUNTS: readonly AccountView[] = [
  account("cash", "Cash at bank", "asset", "12500000", "0", "12500000"),
  account("inventory", "Goods in stock", "asset", "4200000", "0", "4200000"),
  account("alice", "Customer Alice Ferrand, prepaid", "liability", "0", "150000", "150000"),
  account("bob", "Customer Bob Okafor, prepaid", "liability", "0", "98000", "98000"),
  account("carol", "Customer Carol Lindqvist, prepaid", "liability", "0", "1200", "1200"),
  account("equity", "Owner's equity", "equity", "0", "16450800", "16450800"),
  account("revenue", "Sales", "revenue", "0", "0", "0"),
];

function item(sku: string, name: string, onHand: string, reserved: string, priceMinor: string): ItemView {
  return { sku, name, onHand, reserved, available: String(BigInt(onHand) - BigInt(reserved)), priceMinor };
}

function account(
  id: string,
  name: string,
  type: AccountView["type"],
  debitsPosted: string,
  creditsPosted: string,
  balance: string,
): AccountView {
  const pending = { debitsPending: "0", creditsPending: "0" };
  return { id, name, type, debitsPosted, creditsPosted, ...pending, balance, overdraft: false };
}

export interface Story {
  readonly watcher: Watcher;
  push(update: WatchUpdate): void;
  /** Everything up: processes, connections, snapshots with sample rows. */
  begin(): void;
  /** One event, a millisecond after the last. */
  tell(node: NodeName, transactionId: TransactionId | null, body: EventBody): void;
  pass(milliseconds: number): void;
  nowMs(): number;
  process(name: NodeName, change: Partial<ProcessView>): void;
  snapshot(name: NodeName, change?: Partial<NodeView>, retries?: readonly RetryView[]): void;
  processes(): readonly ProcessView[];
}

/** `keeps`: whether a late subscriber hears all from the beginning, which costs memory for ever. */
export function createStory(startMs: number = START_MS, keeps = true): Story {
  let now = startMs;
  const listeners = new Set<(update: WatchUpdate) => void>();
  const told: WatchUpdate[] = [];
  const numbers = new Map<NodeName, number>();
  const epochs = new Map<NodeName, number>();
  const processes = new Map<NodeName, ProcessView>();
  const push = (update: WatchUpdate): void => {
    if (keeps) told.push(update);
    for (const listener of listeners) listener(update);
  };
  const story: Story = {
    watcher: {
      subscribe(listener) {
        for (const update of told) listener(update);
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    push,
    begin() {
      for (const [name, kind] of KINDS) {
        story.process(name, { kind, state: "up", pid: 4000 + name.length, url: urlOf(name) });
        push({ type: "connected", node: name });
        story.snapshot(name);
      }
    },
    tell(node, id, body) {
      now += 1;
      push({ type: "events", events: [event(node, id, body)] });
    },
    pass: (milliseconds) => {
      now += milliseconds;
    },
    nowMs: () => now,
    process(name, change) {
      const kind = KINDS.find(([each]) => each === name)?.[1] ?? "warehouse";
      const before = processes.get(name) ?? newProcess(name, kind);
      const process = { ...before, ...change };
      processes.set(name, process);
      push({ type: "process", process });
    },
    snapshot(name, change = {}, retries = []) {
      const epoch = (epochs.get(name) ?? 3) + 1;
      epochs.set(name, epoch);
      numbers.set(name, 0);
      const kind = KINDS.find(([each]) => each === name)?.[1] ?? "warehouse";
      const node = { ...nodeView(name, kind, epoch, now), ...change };
      const rows = rowsOf(kind);
      const snapshot = { number: 0, node, transactions: [], rows, retries: [...retries] };
      push({ type: "snapshot", snapshot });
    },
    processes: () => [...processes.values()],
  };
  const event = (node: NodeName, id: TransactionId | null, body: EventBody): NodeEvent => {
    const number = (numbers.get(node) ?? 0) + 1;
    numbers.set(node, number);
    return { node, epoch: epochs.get(node) ?? 4, number, atMs: now, transactionId: id, body };
  };
  return story;
}

function newProcess(name: NodeName, kind: NodeKind): ProcessView {
  const never = { pid: null, url: null, exit: null, restarts: 0, logTail: [] };
  return { name, kind, state: "starting", sinceMs: START_MS, ...never };
}

function urlOf(name: NodeName): string {
  return `ws://127.0.0.1:742${KINDS.findIndex(([each]) => each === name)}`;
}

function rowsOf(kind: NodeKind): ResourceRows | null {
  if (kind === "coordinator") return null;
  return kind === "warehouse" ? { kind, items: [...ITEMS] } : { kind, accounts: [...ACCOUNTS] };
}

function nodeView(name: NodeName, kind: NodeKind, epoch: number, startedAtMs: number): NodeView {
  const others = KINDS.filter(([each]) => each !== name);
  return {
    name,
    kind,
    nodeId: `${name}-${STORE}` as NodeId,
    storeId: STORE,
    epoch,
    pid: 4000 + name.length,
    url: urlOf(name),
    startedAtMs,
    forcedSeq: 12,
    unfinished: 0,
    inDoubt: 0,
    faultInjection: true,
    recovery: "clean",
    peers: others.map(([peer, peerKind]) => ({
      name: peer,
      kind: peerKind,
      nodeId: `${peer}-${STORE}` as NodeId,
      url: urlOf(peer),
      connected: true,
      epoch: 4,
      roundTripMs: 0.6,
      awaiting: 0,
    })),
    violations: [],
    alarms: [],
  };
}

export const ORDER: readonly Operation[] = [shipOf("LAMP-01", 2), transferOf("alice", "4980")];

export function shipOf(sku: string, quantity: number): Operation {
  const operation = { participant: WAREHOUSE, op: "ship", sku, quantity };
  return operation;
}

export function transferOf(debit: string, amount: string): Operation {
  const operation = { participant: LEDGER, op: "transfer", debit, credit: "revenue", amount };
  return operation;
}

/** How far an order is told. `refused`: the warehouse votes no. `silent`: the ledger never votes. `prepared`: both have. */
export type Ending = "preparing" | "silent" | "prepared" | "committing" | "committed" | "refused";

export const NO_STOCK: Reason = {
  participant: WAREHOUSE,
  code: "insufficient-stock",
  message: "warehouse has 0 of BOOK-04 on hand, 1 asked",
  retryable: false,
};

/** One order of two participants, as its nodes tell it. */
export function tellOrder(
  story: Story,
  counter: number,
  ending: Ending,
  operations: readonly Operation[] = ORDER,
): TransactionId {
  const id = transactionId(counter);
  const startedAtMs = story.nowMs();
  const leader = (change: Partial<CoordinatorView>, branches: readonly Partial<BranchView>[]): void =>
    story.tell(COORDINATOR, id, {
      type: "transaction-changed",
      view: {
        role: "coordinator",
        transactionId: id,
        requestId: `order-${counter}` as RequestId,
        attempt: 1,
        phase: "preparing",
        outcome: null,
        reason: null,
        branches: [WAREHOUSE, LEDGER]
          .map((name, index) => ({ ...branch(name), ...branches[index] }))
          .map(prepared),
        operations: [...operations],
        results: [],
        startedAtMs,
        endedAtMs: null,
        counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 2 },
        ...change,
      },
    });
  const own = (name: NodeName, change: Partial<ParticipantView>): void =>
    story.tell(name, id, {
      type: "transaction-changed",
      view: { ...participantView(id, startedAtMs), ...change },
    });
  const message = (from: NodeName, to: NodeName, name: string, text = ""): void => {
    story.tell(from, id, { type: "message-sent", to, message: name, text });
    story.tell(to, id, { type: "message-received", from, message: name, text });
  };
  const write = (node: NodeName, record: string, seq: number, force: boolean): void => {
    story.tell(node, id, { type: "record-appended", record, seq, force });
    if (force) story.tell(node, id, { type: "record-forced", record, seq });
  };

  leader({}, []);
  message(COORDINATOR, WAREHOUSE, "prepare");
  message(COORDINATOR, LEDGER, "prepare");
  if (ending === "preparing") return id;
  if (ending === "refused") {
    own(WAREHOUSE, { phase: "aborted", vote: "no", reason: NO_STOCK, endedAtMs: story.nowMs() });
    message(WAREHOUSE, COORDINATOR, "vote", "no");
    leader({ phase: "forgotten", outcome: "aborted", reason: NO_STOCK, endedAtMs: story.nowMs() }, [
      { vote: "no", reason: NO_STOCK },
    ]);
    message(COORDINATOR, LEDGER, "abort");
    return id;
  }
  write(WAREHOUSE, "prepared", 13, true);
  own(WAREHOUSE, {
    phase: "prepared",
    vote: "yes",
    redo: WAREHOUSE_REDO,
    undo: WAREHOUSE_UNDO,
  });
  story.tell(WAREHOUSE, id, {
    type: "rows-changed",
    rows: { kind: "warehouse", items: [item("LAMP-01", "Desk lamp, brass", "40", "2", "2490")] },
  });
  message(WAREHOUSE, COORDINATOR, "vote", "yes");
  leader({}, [{ vote: "yes" }]);
  if (ending === "silent") return id;
  write(LEDGER, "prepared", 13, true);
  own(LEDGER, { phase: "prepared", vote: "yes", redo: LEDGER_REDO, undo: LEDGER_UNDO });
  message(LEDGER, COORDINATOR, "vote", "yes");
  if (ending === "prepared") return id;
  leader({ phase: "deciding" }, [{ vote: "yes" }, { vote: "yes" }]);
  write(COORDINATOR, "commit", 13, true);
  const told = { phase: "committing", outcome: "committed" } as const;
  leader(told, [{ vote: "yes" }, { vote: "yes" }]);
  message(COORDINATOR, WAREHOUSE, "commit");
  if (ending === "committing") {
    write(WAREHOUSE, "committed", 14, true);
    own(WAREHOUSE, { phase: "committed", vote: "yes", endedAtMs: story.nowMs() });
    message(WAREHOUSE, COORDINATOR, "ack");
    leader(told, [{ vote: "yes", acked: true }, { vote: "yes" }]);
    return id;
  }
  message(COORDINATOR, LEDGER, "commit");
  for (const name of [WAREHOUSE, LEDGER]) {
    write(name, "committed", 14, true);
    own(name, {
      phase: "committed",
      vote: "yes",
      endedAtMs: story.nowMs(),
      counts: { recordsAppended: 2, recordsForced: 2, messagesSent: 2 },
    });
    message(name, COORDINATOR, "ack");
  }
  write(COORDINATOR, "end", 14, false);
  leader(
    {
      phase: "forgotten",
      outcome: "committed",
      endedAtMs: story.nowMs(),
      counts: { recordsAppended: 2, recordsForced: 1, messagesSent: 4 },
    },
    [
      { vote: "yes", acked: true },
      { vote: "yes", acked: true },
    ],
  );
  story.tell(WAREHOUSE, id, {
    type: "rows-changed",
    rows: { kind: "warehouse", items: [item("LAMP-01", "Desk lamp, brass", "38", "0", "2490")] },
  });
  return id;
}

export const WAREHOUSE_REDO = [{ key: "LAMP-01", add: { onHand: "-2", reserved: "-2" } }];
export const WAREHOUSE_UNDO = [{ key: "LAMP-01", add: { reserved: "-2" } }];
export const LEDGER_REDO = [{ key: "alice", add: { debitsPosted: "4980", debitsPending: "-4980" } }];
export const LEDGER_UNDO = [{ key: "alice", add: { debitsPending: "-4980" } }];

export function branch(name: NodeName): BranchView {
  return { name, vote: null, reason: null, preparedAt: null, acked: false, refusal: null };
}

/** A vote of yes names the record that it rests on. */
function prepared(view: BranchView): BranchView {
  return view.vote === "yes" ? { ...view, preparedAt: { storeId: STORE, epoch: 4, seq: 13 } } : view;
}

export function participantView(id: TransactionId, startedAtMs: number): ParticipantView {
  return {
    role: "participant",
    transactionId: id,
    requestId: null,
    coordinator: COORDINATOR,
    phase: "working",
    vote: null,
    reason: null,
    trouble: null,
    answers: {},
    heuristic: null,
    redo: [],
    undo: [],
    startedAtMs,
    endedAtMs: null,
    counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 0 },
  };
}

/** The ledger's process is gone, and its connection with it. */
export function tellLedgerDown(story: Story): void {
  story.pass(200);
  story.process(LEDGER, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
  story.push({ type: "disconnected", node: LEDGER, why: "connection closed" });
}

/** The ledger is up again, with a new epoch. */
export function tellLedgerBack(story: Story): void {
  story.pass(800);
  story.process(LEDGER, { state: "up", pid: 4711, restarts: 1 });
  story.push({ type: "connected", node: LEDGER });
  story.snapshot(LEDGER, { recovery: "clean" });
}
