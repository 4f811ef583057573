import type { AccountType, AccountView } from "../schema/views.ts";
import { POSTED_MAX } from "./amounts.ts";
import { minus, negative, plus, type Whole, wholeOf } from "./whole.ts";

export type Side = "debit" | "credit";

/** The side on which an account of a type normally has its balance. */
export function normalSide(type: AccountType): Side {
  return type === "asset" || type === "expense" ? "debit" : "credit";
}

export const ACCOUNT_TYPES = ["asset", "liability", "equity", "revenue", "expense"] as const;

/** An account as it starts. Amounts are whole minor units as decimal strings. */
export interface OpeningAccount {
  readonly id: string;
  readonly name: string;
  readonly type: AccountType;
  readonly debitsPosted: string;
  readonly creditsPosted: string;
  /** True when the balance on the normal side may fall below zero. */
  readonly overdraft: boolean;
}

/** What deltas change. Pending amounts are held by prepared transfers. */
export const ACCOUNT_FIELDS = ["debitsPosted", "creditsPosted", "debitsPending", "creditsPending"] as const;
export type AccountAmounts = Record<(typeof ACCOUNT_FIELDS)[number], Whole>;

/** An account as the ledger keeps it. */
export interface AccountRow extends AccountAmounts {
  readonly account: Omit<OpeningAccount, "debitsPosted" | "creditsPosted">;
}

/** What is posted, on the normal side; negative when overdrawn. */
export function balanceOf(
  type: AccountType,
  { debitsPosted, creditsPosted }: Pick<AccountAmounts, "debitsPosted" | "creditsPosted">,
): Whole {
  return normalSide(type) === "debit"
    ? minus(debitsPosted, creditsPosted)
    : minus(creditsPosted, debitsPosted);
}

/** The balance an account starts with, on its normal side. */
export function openingBalance({ type, debitsPosted, creditsPosted }: OpeningAccount): Whole {
  return balanceOf(type, { debitsPosted: wholeOf(debitsPosted), creditsPosted: wholeOf(creditsPosted) });
}

/** What prepared transfers may still take off the balance. */
export function pendingOutflow({ account, debitsPending, creditsPending }: AccountRow): Whole {
  return normalSide(account.type) === "debit" ? creditsPending : debitsPending;
}

/** The balance less pending outflow; pending inflow does not count until it is posted. */
export function availableFunds(row: AccountRow): Whole {
  return minus(balanceOf(row.account.type, row), pendingOutflow(row));
}

export function accountView(row: AccountRow): AccountView {
  const { account } = row;
  return {
    id: account.id,
    name: account.name,
    type: account.type,
    debitsPosted: String(row.debitsPosted),
    creditsPosted: String(row.creditsPosted),
    debitsPending: String(row.debitsPending),
    creditsPending: String(row.creditsPending),
    balance: String(balanceOf(account.type, row)),
    overdraft: account.overdraft,
  };
}

/** True when the amounts together are more than one side of an account may reach. */
export function isTooMuch(posted: Whole, pending: Whole): boolean {
  const sum = plus(posted, pending);
  // All numbers are less than that.
  return typeof sum === "bigint" && sum > POSTED_MAX;
}

/** The rule that an account breaks, in words; null when it keeps all. */
export function findBrokenAccount(row: AccountRow): string | null {
  const { account } = row;
  if (row.debitsPosted < 0 || row.creditsPosted < 0 || row.debitsPending < 0 || row.creditsPending < 0) {
    const fields = ACCOUNT_FIELDS.filter((field) => row[field] < 0);
    return fields.map((field) => `${account.id}: ${field} is ${row[field]}`).join(", ");
  }
  if (isTooMuch(row.debitsPosted, row.debitsPending)) return `${account.id}: debits exceed ${POSTED_MAX}`;
  if (isTooMuch(row.creditsPosted, row.creditsPending)) return `${account.id}: credits exceed ${POSTED_MAX}`;
  if (account.overdraft) return null;
  const funds = availableFunds(row);
  return funds < 0 ? `${account.id}: overdrawn by ${negative(funds)}, pending transfers included` : null;
}
