import type { Operation } from "../schema/operations.ts";
import type { AccountView, ItemView } from "../schema/views.ts";
import type { Cast } from "./ports.ts";

/** What warehouse and ledger keep at one moment. */
export interface Holdings {
  readonly items: readonly ItemView[];
  readonly accounts: readonly AccountView[];
}

/** What is still held back for some transaction, in words; empty at a quiet point. */
export function heldBack({ items, accounts }: Holdings): readonly string[] {
  return [
    ...items.filter((item) => item.reserved !== "0").map((item) => `${item.sku} reserved ${item.reserved}`),
    ...accounts
      .filter((account) => account.debitsPending !== "0" || account.creditsPending !== "0")
      .map(
        (account) =>
          `${account.id} pending ${account.debitsPending} debits, ${account.creditsPending} credits`,
      ),
  ];
}

/** Sum of all debits minus sum of all credits, posted and pending: zero, always. */
export function trialBalance(accounts: readonly AccountView[]): {
  readonly posted: bigint;
  readonly pending: bigint;
} {
  let posted = 0n;
  let pending = 0n;
  for (const account of accounts) {
    posted += BigInt(account.debitsPosted) - BigInt(account.creditsPosted);
    pending += BigInt(account.debitsPending) - BigInt(account.creditsPending);
  }
  return { posted, pending };
}

/**
 * Where `after` differs from `before` plus the operations that committed in between; empty when stock and
 * money are conserved.
 */
export function unexplained(
  before: Holdings,
  after: Holdings,
  committed: readonly Operation[],
  cast: Cast,
): readonly string[] {
  const expected = new Map<string, bigint>();
  for (const item of before.items) expected.set(`stock ${item.sku}`, BigInt(item.onHand));
  for (const account of before.accounts) addAccount(expected, account);
  for (const operation of committed) applyOperation(expected, operation, cast);
  const actual = new Map<string, bigint>();
  for (const item of after.items) actual.set(`stock ${item.sku}`, BigInt(item.onHand));
  for (const account of after.accounts) addAccount(actual, account);
  const keys = new Set([...expected.keys(), ...actual.keys()]);
  return [...keys]
    .filter((key) => expected.get(key) !== actual.get(key))
    .map(
      (key) => `${key}: expected ${expected.get(key) ?? "nothing"}, found ${actual.get(key) ?? "nothing"}`,
    );
}

/** All that is wrong at a quiet point; empty when stock, money and what committed agree, and nothing is held back. */
export function imbalances(
  before: Holdings,
  after: Holdings,
  committed: readonly Operation[],
  cast: Cast,
): readonly string[] {
  const { posted, pending } = trialBalance(after.accounts);
  const isBalanced = posted === 0n && pending === 0n;
  return [
    ...unexplained(before, after, committed, cast),
    ...heldBack(after),
    ...(isBalanced ? [] : [`trial balance: ${posted} posted, ${pending} pending`]),
  ];
}

function addAccount(sums: Map<string, bigint>, account: AccountView): void {
  sums.set(`debits ${account.id}`, BigInt(account.debitsPosted));
  sums.set(`credits ${account.id}`, BigInt(account.creditsPosted));
}

function applyOperation(sums: Map<string, bigint>, operation: Operation, cast: Cast): void {
  const { participant, op } = operation;
  const fields: Readonly<Record<string, unknown>> = operation;
  const add = (key: string, amount: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + amount);
  const whole = (field: string): bigint => BigInt(String(fields[field]));
  if (participant === cast.warehouse && op === "ship") add(`stock ${fields.sku}`, -whole("quantity"));
  if (participant === cast.warehouse && op === "receive") add(`stock ${fields.sku}`, whole("quantity"));
  if (participant === cast.ledger && op === "transfer") {
    add(`debits ${fields.debit}`, whole("amount"));
    add(`credits ${fields.credit}`, whole("amount"));
  }
}
