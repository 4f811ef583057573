import { reasonFor, reservedReason } from "../core/reasons.ts";
import { money } from "../schema/money.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import {
  type AccountRow,
  accountView,
  availableFunds,
  balanceOf,
  isTooMuch,
  normalSide,
  pendingOutflow,
} from "./account.ts";
import { AMOUNT_MAX, POSTED_MAX, parseWhole } from "./amounts.ts";
import {
  findRow,
  noRow,
  notWhole,
  type OpFields,
  planOperations,
  type Read,
  type Understanding,
} from "./operation.ts";
import { plain } from "./printable.ts";
import type { Plan } from "./resource.ts";
import { lessOf, plus, type Whole } from "./whole.ts";

const OP_FIELDS: OpFields = new Map([
  ["transfer", ["debit", "credit", "amount"]],
  ["read", ["account"]],
]);

const AMOUNT_RANGE = { min: 1, max: AMOUNT_MAX } as const;

/** What one request enters on one account, all its operations together. */
interface Entry {
  readonly row: AccountRow;
  readonly operation: Operation;
  debits: Whole;
  credits: Whole;
}

/**
 * Plans operations on accounts, by id. What a request itself pays into an account never covers what it takes out.
 * Refuses with `invalid-operation`, `unknown-account`, `insufficient-funds`, `funds-reserved` or `amount-overflow`.
 */
export function planLedger(rows: ReadonlyMap<string, AccountRow>, operations: readonly Operation[]): Plan {
  return planOperations(UNDERSTANDING, rows, operations);
}

const UNDERSTANDING: Understanding<AccountRow, Entry> = {
  fields: OP_FIELDS,
  read: readAccount,
  enter: enterTransfer,
  merge: mergeEntries,
  findInvalid,
  findReserved,
  redoOf,
  undoOf,
};

function readAccount(rows: ReadonlyMap<string, AccountRow>, operation: Operation): Read<ReadResult> {
  const row = findRow(rows, operation.account);
  if (row === undefined) return { reason: noAccount(operation, "account") };
  const { participant, op } = operation;
  return { value: { participant, op, ...accountView(row), available: String(availableFunds(row)) } };
}

function enterTransfer(rows: ReadonlyMap<string, AccountRow>, operation: Operation): Entry[] | Reason {
  const amount = parseWhole(operation.amount, AMOUNT_RANGE);
  if (amount === null) return notWhole(operation, "amount", AMOUNT_RANGE);
  const debit = findRow(rows, operation.debit);
  if (debit === undefined) return noAccount(operation, "debit");
  const credit = findRow(rows, operation.credit);
  if (credit === undefined) return noAccount(operation, "credit");
  if (debit === credit) {
    const message = `transfer: debit and credit are both ${plain(debit.account.id)}, expected two accounts`;
    return reasonFor(operation.participant, "invalid-operation", message);
  }
  return [
    { row: debit, operation, debits: amount, credits: 0 },
    { row: credit, operation, debits: 0, credits: amount },
  ];
}

function noAccount(operation: Operation, field: string): Reason {
  const { participant } = operation;
  return noRow(operation, field, (id) =>
    reasonFor(participant, "unknown-account", `${participant} has no account ${plain(id)}`),
  );
}

function mergeEntries(entry: Entry, { debits, credits }: Entry): void {
  entry.debits = plus(entry.debits, debits);
  entry.credits = plus(entry.credits, credits);
}

function outflowOf({ row, debits, credits }: Entry): Whole {
  return normalSide(row.account.type) === "debit" ? credits : debits;
}

function findInvalid(entry: Entry): Reason | null {
  const { row, operation, debits, credits } = entry;
  const { account } = row;
  const asked = outflowOf(entry);
  const balance = balanceOf(account.type, row);
  if (!account.overdraft && asked > balance) {
    const message = `${operation.participant} has ${inWords(balance)} posted in ${plain(account.id)}, ${inWords(asked)} asked`;
    return reasonFor(operation.participant, "insufficient-funds", message);
  }
  const isOver =
    isTooMuch(row.debitsPosted, plus(row.debitsPending, debits)) ||
    isTooMuch(row.creditsPosted, plus(row.creditsPending, credits));
  if (!isOver) return null;
  const message = `${operation.participant} cannot post more than ${inWords(POSTED_MAX)} to one side of ${plain(account.id)}`;
  return reasonFor(operation.participant, "amount-overflow", message);
}

function findReserved(entry: Entry): Reason | null {
  const { row, operation } = entry;
  const { account } = row;
  const asked = outflowOf(entry);
  if (account.overdraft || asked === 0 || asked <= availableFunds(row)) return null;
  const balance = inWords(balanceOf(account.type, row));
  const pending = inWords(pendingOutflow(row));
  const has = `${operation.participant} has ${balance} posted in ${plain(account.id)}`;
  const message = `${has}, ${pending} reserved by others, ${inWords(asked)} asked`;
  return reservedReason(operation.participant, "funds-reserved", message, account.id);
}

/** Reasons are read by people, who see 600.00 everywhere else. */
function inWords(minor: Whole): string {
  return money(String(minor));
}

/** Fields that would stay as they are are left out. */
function redoOf({ row, debits, credits }: Entry): Delta {
  const key = row.account.id;
  if (credits === 0) return { key, add: { debitsPosted: String(debits), debitsPending: lessOf(debits) } };
  if (debits === 0) return { key, add: { creditsPosted: String(credits), creditsPending: lessOf(credits) } };
  const posted = { debitsPosted: String(debits), creditsPosted: String(credits) };
  return { key, add: { ...posted, debitsPending: lessOf(debits), creditsPending: lessOf(credits) } };
}

function undoOf({ row, debits, credits }: Entry): Delta {
  const key = row.account.id;
  if (credits === 0) return { key, add: { debitsPending: lessOf(debits) } };
  if (debits === 0) return { key, add: { creditsPending: lessOf(credits) } };
  return { key, add: { debitsPending: lessOf(debits), creditsPending: lessOf(credits) } };
}
