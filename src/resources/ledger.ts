import { invariant } from "../core/errors.ts";
import type { AccountType } from "../schema/views.ts";
import {
  ACCOUNT_FIELDS,
  ACCOUNT_TYPES,
  type AccountAmounts,
  type AccountRow,
  accountView,
  addToAccount,
  findBrokenAccount,
  type OpeningAccount,
} from "./account.ts";
import { POSTED_MAX, parseWhole } from "./amounts.ts";
import type { FieldReader } from "./field-reader.ts";
import { planLedger } from "./ledger-plan.ts";
import type { Resource } from "./resource.ts";
import { type Bookkeeping, changeRows, imagesOf, indexRows, pickRows, readImage } from "./rows.ts";
import { minus } from "./whole.ts";

const IMAGE_COLUMNS = {
  required: ["id", "name", "type", ...ACCOUNT_FIELDS, "overdraft"],
  optional: [],
} as const;
const POSTED_RANGE = { min: 0, max: POSTED_MAX } as const;

/**
 * Keeps double-entry accounts. Operations: `transfer` with `debit`, `credit` (account ids) and `amount` (whole minor
 * units from 1 to 10^30, as digits or as an exact number), `read` with `account`.
 * Throws TPC_INTERNAL when two accounts have one id, an amount is out of range, or the books do not balance.
 */
export function createLedger(accounts: readonly OpeningAccount[]): Resource {
  let rows = indexRows(accounts.map(startRow), idOf);
  keepBalance(sumOf(pickRows(rows)));
  return {
    kind: "ledger",
    plan: (operations) => planLedger(rows, operations),
    apply(deltas) {
      changeRows(rows, deltas, "add", BOOKS);
    },
    hold(undo) {
      changeRows(rows, undo, "take off", BOOKS);
    },
    rows: (keys) => ({ kind: "ledger", accounts: pickRows(rows, keys).map(accountView) }),
    image: () => imagesOf(rows, rowImage),
    restore(image) {
      rows = indexRows(readImage(image, IMAGE_COLUMNS, "id", readRow), idOf);
    },
    violations: () => [
      ...pickRows(rows).flatMap((row) => findBrokenAccount(row) ?? []),
      ...findUnbalanced(sumOf(pickRows(rows))),
    ],
  };
}

function idOf(row: AccountRow): string {
  return row.account.id;
}

const BOOKS: Bookkeeping<AccountRow, AccountAmounts> = {
  none: noAmounts,
  add: addToAccount,
  findBroken: findBrokenAccount,
  findUnbalanced: findImbalance,
};

function noAmounts(): AccountAmounts {
  return { debitsPosted: 0, creditsPosted: 0, debitsPending: 0, creditsPending: 0 };
}

function sumOf(all: Iterable<AccountAmounts>): AccountAmounts {
  const sum = noAmounts();
  for (const amounts of all) for (const field of ACCOUNT_FIELDS) addToAccount(sum, field, amounts[field]);
  return sum;
}

/** What changes accounts adds the same to both sides. */
function findImbalance(added: AccountAmounts): string | null {
  if (added.debitsPosted !== added.creditsPosted) {
    const more = minus(added.debitsPosted, added.creditsPosted);
    return `trial balance: ${more} more debits than credits are posted`;
  }
  if (added.debitsPending === added.creditsPending) return null;
  const more = minus(added.debitsPending, added.creditsPending);
  return `trial balance: ${more} more debits than credits are pending`;
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
  const account = { id, name, type, overdraft };
  const row = { account, debitsPosted, creditsPosted, debitsPending: 0, creditsPending: 0 };
  const broken = findBrokenAccount(row);
  invariant(broken === null, `an opening balance breaks a rule: ${broken}`);
  return row;
}

function rowImage(row: AccountRow): object {
  const { id, name, type, overdraft } = row.account;
  return {
    id,
    name,
    type,
    debitsPosted: String(row.debitsPosted),
    creditsPosted: String(row.creditsPosted),
    debitsPending: String(row.debitsPending),
    creditsPending: String(row.creditsPending),
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
    debitsPosted: fields.whole("debitsPosted", POSTED_RANGE),
    creditsPosted: fields.whole("creditsPosted", POSTED_RANGE),
    debitsPending: fields.whole("debitsPending", POSTED_RANGE),
    creditsPending: fields.whole("creditsPending", POSTED_RANGE),
  };
}
