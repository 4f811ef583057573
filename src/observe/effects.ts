import type { NodeName } from "../schema/ids.ts";
import { grouped, money } from "../schema/money.ts";
import type { Operation } from "../schema/operations.ts";
import type { AccountView, ItemView, ParticipantView } from "../schema/views.ts";
import type { Model, Transaction } from "./model.ts";
import { participantNames } from "./transaction.ts";

/** What a transaction does to one figure of one row. */
export interface FieldEffect {
  readonly key: string;
  readonly field: string;
  /** As the row stands now; null where the row is not known here, or has no such figure. */
  readonly now: string | null;
  /** What committing adds; null for nothing. */
  readonly redo: string | null;
  /** What aborting adds; null for nothing. */
  readonly undo: string | null;
}

/** What a transaction does at one participant. */
export interface NodeEffects {
  readonly node: NodeName;
  readonly operations: readonly Operation[];
  readonly phase: ParticipantView["phase"] | null;
  /** Whether its rows are reserved now: nobody else can have what it holds. */
  readonly holds: boolean;
  readonly fields: readonly FieldEffect[];
}

export function effectsOf(model: Model, transaction: Transaction): readonly NodeEffects[] {
  const operations = transaction.coordinatorView?.operations ?? [];
  const names = new Set<NodeName>([
    ...participantNames(transaction),
    ...operations.map(({ participant }) => participant),
  ]);
  return [...names].map((node) => {
    const own = transaction.participants.get(node);
    return {
      node,
      operations: operations.filter(({ participant }) => participant === node),
      phase: own?.phase ?? null,
      holds: own?.phase === "prepared" || own?.phase === "performing",
      fields: own === undefined ? [] : fieldsOf(model, node, own),
    };
  });
}

function fieldsOf(
  model: Model,
  node: NodeName,
  { redo, undo = [] }: ParticipantView,
): readonly FieldEffect[] {
  const fields = new Map<string, FieldEffect>();
  const add = (kind: "redo" | "undo", deltas: ParticipantView["redo"]): void => {
    for (const delta of deltas) {
      for (const [field, amount] of Object.entries(delta.add)) {
        const id = `${delta.key}\n${field}`;
        const now = figureNow(model, node, delta.key, field);
        const before = fields.get(id) ?? { key: delta.key, field, now, redo: null, undo: null };
        fields.set(id, { ...before, [kind]: signed(amountText(field, amount)) });
      }
    }
  };
  add("redo", redo);
  add("undo", undo);
  return [...fields.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function figureNow(model: Model, node: NodeName, key: string, field: string): string | null {
  const row: ItemView | AccountView | undefined =
    model.items.get(node)?.get(key) ?? model.accounts.get(node)?.get(key);
  const value: unknown =
    row === undefined ? undefined : Object.entries(row).find(([name]) => name === field)?.[1];
  return typeof value === "string" ? amountText(field, value) : null;
}

/** Accounts are kept in minor units, goods in pieces. */
function amountText(field: string, amount: string): string {
  return /^(?:debits|credits|balance)/.test(field) ? money(amount) : grouped(amount);
}

function signed(amount: string): string {
  return amount.startsWith("-") ? amount : `+${amount}`;
}

/** What has become of what a participant planned. */
export function effectsWord({ phase, fields }: NodeEffects): string {
  if (fields.length === 0 && phase !== "aborted")
    return phase === null ? "not heard of it" : "changes nothing";
  switch (phase) {
    case null:
      return "not heard of it";
    case "working":
      return "planned, nothing is reserved yet";
    case "prepared":
      return "reserved: nobody else can have it until the decision";
    case "performing":
      return "reserved, and being performed";
    case "heuristic":
      return "done or undone by hand";
    case "committed":
      return "done";
    case "aborted":
      return "undone: nothing of it is left";
    case "forgotten":
      return "nothing is left to be done here";
  }
}
