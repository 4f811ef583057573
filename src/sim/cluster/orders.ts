import type { OpeningAccount } from "../../resources/account.ts";
import type { StockItem } from "../../resources/stock.ts";
import type { NodeName, RequestId } from "../../schema/ids.ts";
import type { Operation } from "../../schema/operations.ts";
import type { Chance } from "./chance.ts";

/** Which nodes there are. */
export interface Cast {
  readonly coordinators: readonly NodeName[];
  readonly warehouses: readonly NodeName[];
  readonly ledgers: readonly NodeName[];
}

/** What a request moves at a participant: goods out or in, or money. */
export type Movement = "out" | "in" | "paid";

/**
 * A request of the workload. It moves its own power of two wherever it moves anything, so that the sums tell exactly
 * which requests committed, and how often.
 */
export interface Order {
  readonly requestId: RequestId;
  readonly kind: OrderKind;
  readonly operations: Operation[];
  readonly amount: number;
  readonly moves: readonly { readonly participant: NodeName; readonly what: Movement }[];
  /** Pieces of the scarce item that it ships, beside what it moves. */
  readonly hot: { readonly participant: NodeName; readonly quantity: number } | null;
  /** False where it must be refused, whoever asks. */
  readonly mayCommit: boolean;
}

const ORDER_KINDS = [
  "order",
  "order",
  "order",
  "everywhere",
  "ship-alone",
  "pay-alone",
  "read-only",
  "read-alone",
  "read-beside",
  "hot",
  "hot",
  "no-funds",
  "no-such-item",
  "oversize",
  "stranger",
] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

export const OUT_ITEM = "OUT-01";
export const IN_ITEM = "IN-01";
export const HOT_ITEM = "HOT-01";
export const CASH = "cash";
export const PLENTY = 2 ** 40;
export const HOT_PIECES = 5;

/** What every warehouse and ledger of a simulated cluster starts with. */
export const STARTING_ITEMS: readonly StockItem[] = [
  { sku: OUT_ITEM, name: "Goods that leave", onHand: String(PLENTY) },
  { sku: IN_ITEM, name: "Goods that arrive", onHand: "0" },
  { sku: HOT_ITEM, name: "What everybody wants", onHand: String(HOT_PIECES) },
];
const BALANCE = { debitsPosted: "0", creditsPosted: "0", overdraft: false } as const;
export const STARTING_ACCOUNTS: readonly OpeningAccount[] = [
  { ...BALANCE, id: CASH, name: "Cash at bank", type: "asset", debitsPosted: String(PLENTY + 900) },
  { ...BALANCE, id: "capital", name: "Owner's capital", type: "equity", creditsPosted: String(PLENTY) },
  { ...BALANCE, id: "poor", name: "A customer with little", type: "liability", creditsPosted: "900" },
];

/** The participants of a request that names more than any may. */
const OVERSIZE = 65;

/** `kind` is drawn where it is not given. */
export function drawOrder(chance: Chance, cast: Cast, index: number, kind = chance.one(ORDER_KINDS)): Order {
  const warehouse = chance.one(cast.warehouses);
  const ledger = chance.one(cast.ledgers);
  const others = cast.warehouses.filter((name) => name !== warehouse);
  const amount = 2 ** index;
  const base = {
    requestId: `r${index}` as RequestId,
    kind,
    amount,
    hot: null,
    mayCommit: true,
  };
  const never = (operations: Operation[]): Order => ({ ...base, operations, moves: [], mayCommit: false });
  const pair: Order = {
    ...base,
    operations: [ship(warehouse, amount), pay(ledger, amount)],
    moves: [
      { participant: warehouse, what: "out" },
      { participant: ledger, what: "paid" },
    ],
  };
  switch (kind) {
    case "order":
      return pair;
    case "everywhere":
      return {
        ...base,
        operations: [
          ship(warehouse, amount),
          ...others.map((name) => receive(name, amount)),
          ...cast.ledgers.map((name) => pay(name, amount)),
        ],
        moves: [
          { participant: warehouse, what: "out" },
          ...others.map((participant) => ({ participant, what: "in" as const })),
          ...cast.ledgers.map((participant) => ({ participant, what: "paid" as const })),
        ],
      };
    case "ship-alone":
      return {
        ...base,
        operations: [ship(warehouse, amount)],
        moves: [{ participant: warehouse, what: "out" }],
      };
    case "pay-alone":
      return { ...base, operations: [pay(ledger, amount)], moves: [{ participant: ledger, what: "paid" }] };
    case "read-only":
      return { ...base, operations: [readItem(warehouse), readAccount(ledger)], moves: [] };
    case "read-alone":
      return { ...base, operations: [readItem(warehouse)], moves: [] };
    case "read-beside":
      return { ...pair, operations: [...pair.operations, ...others.map(readItem), readAccount(ledger)] };
    case "hot": {
      const quantity = 1 + chance.below(2);
      return {
        ...pair,
        operations: [...pair.operations, { participant: warehouse, op: "ship", sku: HOT_ITEM, quantity }],
        hot: { participant: warehouse, quantity },
      };
    }
    case "no-funds":
      return never([ship(warehouse, amount), transfer(ledger, "poor", "capital", 901)]);
    case "no-such-item":
      return never([
        pay(ledger, amount),
        { participant: warehouse, op: "ship", sku: "NOTHING", quantity: 1 },
      ]);
    case "oversize":
      return never(Array.from({ length: OVERSIZE }, (_, at) => readItem(`shop-${at}` as NodeName)));
    case "stranger":
      return never([ship(warehouse, amount), readItem("nobody" as NodeName)]);
  }
}

function ship(participant: NodeName, quantity: number): Operation {
  return { participant, op: "ship", sku: OUT_ITEM, quantity };
}

function receive(participant: NodeName, quantity: number): Operation {
  return { participant, op: "receive", sku: IN_ITEM, quantity };
}

function pay(participant: NodeName, amount: number): Operation {
  return transfer(participant, "capital", CASH, amount);
}

function transfer(participant: NodeName, debit: string, credit: string, amount: number): Operation {
  return { participant, op: "transfer", debit, credit, amount: String(amount) };
}

function readItem(participant: NodeName): Operation {
  return { participant, op: "read", sku: OUT_ITEM };
}

function readAccount(participant: NodeName): Operation {
  return { participant, op: "read", account: CASH };
}
