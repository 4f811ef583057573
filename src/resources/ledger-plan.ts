import { reasonFor, reservedReason } from "../core/reasons.ts";
import { money } from "../schema/money.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import {
  type AccountRow,
  accountView,
  availableFunds,
  balanceOf,
  NORMAL_SIDE,
  pendingOutflow,
} from "./account.ts";
import { AMOUNT_MAX, POSTED_MAX } from "./amounts.ts";
import { deltaOf } from "./deltas.ts";
import {
  entryOf,
  type OpFields,
  planOperations,
  type Read,
  readKey,
  readWhole,
  type Understanding,
} from "./operation.ts";
import { plain } from "./printable.ts";
import type { Plan } from "./resource.ts";

const OP_FIELDS: OpFields = new Map([
  ["transfer", ["debit", "credit", "amount"]],
  ["read", ["account"]],
]);

const AMOUNT_RANGE = { min: 1n, max: AMOUNT_MAX } as const;

/** What one request enters on one account, all its operations together. */
interface Entry {
  readonly row: AccountRow;
  readonly operation: Operation;
  debits: bigint;
  credits: bigint;
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
  findInvalid,
  findReserved,
  redoOf,
  undoOf,
};

function readAccount(rows: ReadonlyMap<string, AccountRow>, operation: Operation): Read<ReadResult> {
  const found = findRow(rows, operation, "account");
  if ("reason" in found) return found;
  const { participant, op } = operation;
  const { account, amounts } = found.value;
  const available = String(availableFunds(account.type, amounts));
  return { value: { participant, op, ...accountView(found.value), available } };
}

function enterTransfer(
  rows: ReadonlyMap<string, AccountRow>,
  entries: Entry[],
  operation: Operation,
): Reason | null {
  const amount = readWhole(operation, "amount", AMOUNT_RANGE);
  if ("reason" in amount) return amount.reason;
  const debit = findRow(rows, operation, "debit");
  if ("reason" in debit) return debit.reason;
  const credit = findRow(rows, operation, "credit");
  if ("reason" in credit) return credit.reason;
  if (debit.value === credit.value) {
    const message = `transfer: debit and credit are both ${plain(debit.value.account.id)}, expected two accounts`;
    return reasonFor(operation.participant, "invalid-operation", message);
  }
  entryFor(entries, debit.value, operation).debits += amount.value;
  entryFor(entries, credit.value, operation).credits += amount.value;
  return null;
}

function findRow(
  rows: ReadonlyMap<string, AccountRow>,
  operation: Operation,
  field: string,
): Read<AccountRow> {
  const id = readKey(operation, field);
  if ("reason" in id) return id;
  const row = rows.get(id.value);
  if (row !== undefined) return { value: row };
  const message = `${operation.participant} has no account ${plain(id.value)}`;
  return { reason: reasonFor(operation.participant, "unknown-account", message) };
}

function entryFor(entries: Entry[], row: AccountRow, operation: Operation): Entry {
  const known = entryOf(entries, row);
  if (known !== undefined) return known;
  const entry = { row, operation, debits: 0n, credits: 0n };
  entries.push(entry);
  return entry;
}

function outflowOf({ row, debits, credits }: Entry): bigint {
  return NORMAL_SIDE[row.account.type] === "debit" ? credits : debits;
}

function findInvalid(entry: Entry): Reason | null {
  const { row, operation, debits, credits } = entry;
  const { account, amounts } = row;
  const asked = outflowOf(entry);
  const balance = balanceOf(account.type, amounts);
  if (!account.overdraft && asked > balance) {
    const message = `${operation.participant} has ${inWords(balance)} posted in ${plain(account.id)}, ${inWords(asked)} asked`;
    return reasonFor(operation.participant, "insufficient-funds", message);
  }
  const debitsAfter = amounts.debitsPosted + amounts.debitsPending + debits;
  const creditsAfter = amounts.creditsPosted + amounts.creditsPending + credits;
  if (debitsAfter <= POSTED_MAX && creditsAfter <= POSTED_MAX) return null;
  const message = `${operation.participant} cannot post more than ${inWords(POSTED_MAX)} to one side of ${plain(account.id)}`;
  return reasonFor(operation.participant, "amount-overflow", message);
}

function findReserved(entry: Entry): Reason | null {
  const { row, operation } = entry;
  const { account, amounts } = row;
  const asked = outflowOf(entry);
  if (account.overdraft || asked === 0n || asked <= availableFunds(account.type, amounts)) return null;
  const balance = inWords(balanceOf(account.type, amounts));
  const pending = inWords(pendingOutflow(account.type, amounts));
  const has = `${operation.participant} has ${balance} posted in ${plain(account.id)}`;
  const message = `${has}, ${pending} reserved by others, ${inWords(asked)} asked`;
  return reservedReason(operation.participant, "funds-reserved", message, account.id);
}

/** Reasons are read by people, who see 600.00 everywhere else. */
function inWords(minor: bigint): string {
  return money(String(minor));
}

function redoOf({ row, debits, credits }: Entry): Delta {
  return deltaOf(row.account.id, {
    debitsPosted: debits,
    creditsPosted: credits,
    debitsPending: -debits,
    creditsPending: -credits,
  });
}

function undoOf({ row, debits, credits }: Entry): Delta {
  return deltaOf(row.account.id, { debitsPending: -debits, creditsPending: -credits });
}
