import type { AccountType, AccountView } from "../schema/views.ts";
import { POSTED_MAX } from "./amounts.ts";

export type Side = "debit" | "credit";

/** The side on which an account of a type normally has its balance. */
export const NORMAL_SIDE = {
  asset: "debit",
  liability: "credit",
  equity: "credit",
  revenue: "credit",
  expense: "debit",
} as const satisfies Record<AccountType, Side>;

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
export type AccountField = (typeof ACCOUNT_FIELDS)[number];
export type AccountAmounts = Readonly<Record<AccountField, bigint>>;

/** An account as the ledger keeps it. */
export interface AccountRow {
  readonly account: Omit<OpeningAccount, "debitsPosted" | "creditsPosted">;
  amounts: AccountAmounts;
}

/** What is posted, on the normal side; negative when overdrawn. */
export function balanceOf(
  type: AccountType,
  posted: Pick<AccountAmounts, "debitsPosted" | "creditsPosted">,
): bigint {
  const debitBalance = posted.debitsPosted - posted.creditsPosted;
  return NORMAL_SIDE[type] === "debit" ? debitBalance : -debitBalance;
}

/** The balance an account starts with, on its normal side. */
export function openingBalance({ type, debitsPosted, creditsPosted }: OpeningAccount): bigint {
  return balanceOf(type, { debitsPosted: BigInt(debitsPosted), creditsPosted: BigInt(creditsPosted) });
}

/** What prepared transfers may still take off the balance. */
export function pendingOutflow(type: AccountType, amounts: AccountAmounts): bigint {
  return NORMAL_SIDE[type] === "debit" ? amounts.creditsPending : amounts.debitsPending;
}

/** The balance less pending outflow; pending inflow does not count until it is posted. */
export function availableFunds(type: AccountType, amounts: AccountAmounts): bigint {
  return balanceOf(type, amounts) - pendingOutflow(type, amounts);
}

export function accountView({ account, amounts }: AccountRow): AccountView {
  return {
    id: account.id,
    name: account.name,
    type: account.type,
    debitsPosted: String(amounts.debitsPosted),
    creditsPosted: String(amounts.creditsPosted),
    debitsPending: String(amounts.debitsPending),
    creditsPending: String(amounts.creditsPending),
    balance: String(balanceOf(account.type, amounts)),
    overdraft: account.overdraft,
  };
}

/** The rule that amounts of an account break, in words; null when they keep all. */
export function findBrokenAccount(account: AccountRow["account"], amounts: AccountAmounts): string | null {
  for (const field of ACCOUNT_FIELDS) {
    if (amounts[field] < 0n) return `${account.id}: ${field} is ${amounts[field]}`;
  }
  if (amounts.debitsPosted + amounts.debitsPending > POSTED_MAX)
    return `${account.id}: debits exceed ${POSTED_MAX}`;
  if (amounts.creditsPosted + amounts.creditsPending > POSTED_MAX) {
    return `${account.id}: credits exceed ${POSTED_MAX}`;
  }
  if (account.overdraft) return null;
  const funds = availableFunds(account.type, amounts);
  return funds < 0n ? `${account.id}: overdrawn by ${-funds}, pending transfers included` : null;
}
