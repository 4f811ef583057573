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
import { type Books, changeRows, imagesOf, indexRows, pickRows, readImage } from "./rows.ts";
import { minus, plus, type Whole } from "./whole.ts";

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
  let books = booksOf(rows);
  return {
    kind: "ledger",
    plan: (operations) => planLedger(rows, operations),
    apply(deltas) {
      changeRows(rows, deltas, "add", books);
    },
    hold(undo) {
      changeRows(rows, undo, "take off", books);
    },
    rows: (keys) => ({ kind: "ledger", accounts: pickRows(rows, keys).map(accountView) }),
    image: () => imagesOf(rows, rowImage),
    restore(image) {
      rows = indexRows(readImage(image, IMAGE_COLUMNS, "id", readRow), idOf);
      books = booksOf(rows);
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

/** How much more debits than credits there are of all accounts together. */
interface Imbalance {
  posted: Whole;
  pending: Whole;
}

function imbalanceOf(sum: AccountAmounts): Imbalance {
  return {
    posted: minus(sum.debitsPosted, sum.creditsPosted),
    pending: minus(sum.debitsPending, sum.creditsPending),
  };
}

/** What changes accounts leaves the trial balance as it was found, which is even unless an image was not. */
function booksOf(rows: ReadonlyMap<string, AccountRow>): Books<AccountRow> {
  const found = imbalanceOf(sumOf(rows.values()));
  const now = { ...found };
  return {
    add(row, field, amount) {
      switch (field) {
        case "debitsPosted":
          row.debitsPosted = plus(row.debitsPosted, amount);
          now.posted = plus(now.posted, amount);
          return true;
        case "creditsPosted":
          row.creditsPosted = plus(row.creditsPosted, amount);
          now.posted = minus(now.posted, amount);
          return true;
        case "debitsPending":
          row.debitsPending = plus(row.debitsPending, amount);
          now.pending = plus(now.pending, amount);
          return true;
        case "creditsPending":
          row.creditsPending = plus(row.creditsPending, amount);
          now.pending = minus(now.pending, amount);
          return true;
        default:
          return false;
      }
    },
    findBroken: findBrokenAccount,
    findUnbalanced() {
      const posted = minus(now.posted, found.posted);
      if (posted !== 0) return `trial balance: ${posted} more debits than credits are posted`;
      const pending = minus(now.pending, found.pending);
      return pending === 0 ? null : `trial balance: ${pending} more debits than credits are pending`;
    },
  };
}

function sumOf(all: Iterable<AccountAmounts>): AccountAmounts {
  const sum: AccountAmounts = { debitsPosted: 0, creditsPosted: 0, debitsPending: 0, creditsPending: 0 };
  for (const amounts of all) {
    for (const field of ACCOUNT_FIELDS) sum[field] = plus(sum[field], amounts[field]);
  }
  return sum;
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
