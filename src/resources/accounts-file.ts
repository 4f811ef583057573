import type { AccountType } from "../schema/views.ts";
import { ACCOUNT_TYPES, type OpeningAccount, openingBalance } from "./account.ts";
import { POSTED_MAX } from "./amounts.ts";
import { checkRows, type FieldReader } from "./field-reader.ts";
import type { Parsed, Problem } from "./problem.ts";
import { type FileOrigin, readRawRows } from "./raw-rows.ts";
import { plus, type Whole, wholeOf } from "./whole.ts";

const COLUMNS = {
  required: ["id", "name", "type"],
  optional: ["debitsPosted", "creditsPosted", "overdraft"],
} as const;
const POSTED_RANGE = { min: 0, max: POSTED_MAX } as const;

/**
 * Reads a chart of accounts: CSV with a header line, or a JSON array of objects, with the fields `id`, `name`, `type`
 * and, optionally, `debitsPosted`, `creditsPosted` in minor units and `overdraft`. All debits together must equal all
 * credits together. Gives every problem, not only the first.
 */
export function parseAccounts(text: string, origin: FileOrigin): Parsed<OpeningAccount> {
  const { source } = origin;
  const parsed = checkRows(source, readRawRows(text, origin, COLUMNS), "id", readAccount);
  if (!parsed.ok) return parsed;
  const problems = findUnbalanced(source, parsed.rows);
  return problems.length === 0 ? parsed : { ok: false, problems };
}

function readAccount(fields: FieldReader): OpeningAccount {
  const account = {
    id: fields.text("id"),
    name: fields.text("name"),
    type: fields.choice<AccountType>("type", ACCOUNT_TYPES),
    debitsPosted: String(fields.optionalWhole("debitsPosted", POSTED_RANGE) ?? 0),
    creditsPosted: String(fields.optionalWhole("creditsPosted", POSTED_RANGE) ?? 0),
    overdraft: fields.flag("overdraft"),
  };
  const balance = openingBalance(account);
  if (balance < 0 && !account.overdraft) {
    fields.refuse("opening balance", String(balance), "zero or more, or overdraft true");
  }
  return account;
}

function findUnbalanced(source: string, accounts: readonly OpeningAccount[]): Problem[] {
  const add = (sum: Whole, amount: string) => plus(sum, wholeOf(amount));
  const debits = accounts.map((account) => account.debitsPosted).reduce(add, 0);
  const credits = accounts.map((account) => account.creditsPosted).reduce(add, 0);
  if (debits === credits) return [];
  const value = `${debits} in debits and ${credits} in credits`;
  return [{ source, where: "", field: "sum of opening balances", value, expected: "the same on both sides" }];
}
