import { invariant } from "../core/errors.ts";
import type { AccountType } from "../schema/views.ts";
import {
  ACCOUNT_FIELDS,
  ACCOUNT_TYPES,
  type AccountAmounts,
  type AccountRow,
  accountView,
  findBrokenAccount,
  type OpeningAccount,
} from "./account.ts";
import { POSTED_MAX, parseWhole } from "./amounts.ts";
import type { FieldReader } from "./field-reader.ts";
import { planLedger } from "./ledger-plan.ts";
import type { Resource } from "./resource.ts";
import { type Change, changeRows, imagesOf, indexRows, pickRows, readImage } from "./rows.ts";

const IMAGE_COLUMNS = {
  required: ["id", "name", "type", ...ACCOUNT_FIELDS, "overdraft"],
  optional: [],
} as const;
const POSTED_RANGE = { min: 0n, max: POSTED_MAX } as const;

/**
 * Keeps double-entry accounts. Operations: `transfer` with `debit`, `credit` (account ids) and `amount` (whole minor
 * units from 1 to 10^30, as digits or as an exact number), `read` with `account`.
 * Throws TPC_INTERNAL when two accounts have one id, an amount is out of range, or the books do not balance.
 */
export function createLedger(accounts: readonly OpeningAccount[]): Resource {
  let rows = indexRows(accounts.map(startRow), idOf);
  keepBalance(sumOf(pickRows(rows).map(amountsOf)));
  return {
    kind: "ledger",
    plan: (operations) => planLedger(rows, operations),
    apply(deltas) {
      changeRows(rows, deltas, findBroken);
    },
    rows: (keys) => ({ kind: "ledger", accounts: pickRows(rows, keys).map(accountView) }),
    image: () => imagesOf(rows, rowImage),
    restore(image) {
      rows = indexRows(readImage(image, IMAGE_COLUMNS, "id", readRow), idOf);
    },
    violations: () => [
      ...pickRows(rows).flatMap((row) => findBrokenAccount(row.account, row.amounts) ?? []),
      ...findUnbalanced(sumOf(pickRows(rows).map(amountsOf))),
    ],
  };
}

function idOf(row: AccountRow): string {
  return row.account.id;
}

function amountsOf(row: AccountRow): AccountAmounts {
  return row.amounts;
}

function sumOf(all: Iterable<AccountAmounts>): AccountAmounts {
  const sum = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n };
  for (const amounts of all) for (const field of ACCOUNT_FIELDS) sum[field] += amounts[field];
  return sum;
}

function findBroken(changes: readonly Change<AccountRow>[]): string | null {
  // What the changes add to debits less what they add to credits. Most fields stay as they are.
  let posted = 0n;
  let pending = 0n;
  for (const { row, before, after } of changes) {
    const rule = findBrokenAccount(row.account, row.amounts);
    if (rule !== null) return rule;
    if (after.debitsPosted !== before.debitsPosted) posted += after.debitsPosted - before.debitsPosted;
    if (after.creditsPosted !== before.creditsPosted) posted -= after.creditsPosted - before.creditsPosted;
    if (after.debitsPending !== before.debitsPending) pending += after.debitsPending - before.debitsPending;
    if (after.creditsPending !== before.creditsPending)
      pending -= after.creditsPending - before.creditsPending;
  }
  if (posted !== 0n) return `trial balance: ${posted} more debits than credits are posted`;
  return pending === 0n ? null : `trial balance: ${pending} more debits than credits are pending`;
}

function findUnbalanced(sum: AccountAmounts): string[] {
  const broken: string[] = [];
  if (sum.debitsPosted !== sum.creditsPosted) {
    broken.push(`trial balance: ${sum.debitsPosted} debits posted, ${sum.creditsPosted} credits posted`);
  }
  if (sum.debitsPending !== sum.creditsPending) {
    broken.push(`trial balance: ${sum.debitsPending} debits pending, ${sum.creditsPending} credits pending`);
  }
  return broken;
}

function keepBalance(sum: AccountAmounts): void {
  const broken = findUnbalanced(sum);
  invariant(broken.length === 0, broken.join("; "));
}

function startRow(opening: OpeningAccount): AccountRow {
  const { id, name, type, overdraft } = opening;
  const debitsPosted = parseWhole(opening.debitsPosted, POSTED_RANGE);
  const creditsPosted = parseWhole(opening.creditsPosted, POSTED_RANGE);
  invariant(debitsPosted !== null && creditsPosted !== null, `${id} starts with an amount out of range`);
  const amounts = { debitsPosted, creditsPosted, debitsPending: 0n, creditsPending: 0n };
  const broken = findBrokenAccount({ id, name, type, overdraft }, amounts);
  invariant(broken === null, `an opening balance breaks a rule: ${broken}`);
  return { account: { id, name, type, overdraft }, amounts };
}

function rowImage({ account, amounts }: AccountRow): object {
  const { id, name, type, overdraft } = account;
  return {
    id,
    name,
    type,
    debitsPosted: String(amounts.debitsPosted),
    creditsPosted: String(amounts.creditsPosted),
    debitsPending: String(amounts.debitsPending),
    creditsPending: String(amounts.creditsPending),
    overdraft,
  };
}

function readRow(fields: FieldReader): AccountRow {
  return {
    account: {
      id: fields.text("id"),
      name: fields.text("name"),
      type: fields.choice<AccountType>("type", ACCOUNT_TYPES),
      overdraft: fields.flag("overdraft"),
    },
    amounts: {
      debitsPosted: fields.whole("debitsPosted", POSTED_RANGE),
      creditsPosted: fields.whole("creditsPosted", POSTED_RANGE),
      debitsPending: fields.whole("debitsPending", POSTED_RANGE),
      creditsPending: fields.whole("creditsPending", POSTED_RANGE),
    },
  };
}
