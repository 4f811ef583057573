import type { OpeningAccount } from "../../src/resources/account.ts";
import type { Plan, Resource } from "../../src/resources/resource.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";

type Fields = Record<string, string | number | boolean>;
export type Yes = Extract<Plan, { verdict: "yes" }>;

export const onWarehouse = (op: string, fields: Fields): Operation => ({
  participant: "warehouse" as NodeName,
  op,
  ...fields,
});
export const onLedger = (op: string, fields: Fields): Operation => ({
  participant: "ledger" as NodeName,
  op,
  ...fields,
});
export const ship = (sku: string, quantity: string | number | boolean) =>
  onWarehouse("ship", { sku, quantity });
export const receive = (sku: string, quantity: string | number) => onWarehouse("receive", { sku, quantity });
export const transfer = (debit: string, credit: string, amount: string | number) =>
  onLedger("transfer", { debit, credit, amount });

export function account(
  id: string,
  type: OpeningAccount["type"],
  debits: string | bigint,
  credits: string | bigint,
  overdraft = false,
): OpeningAccount {
  return { id, name: id, type, debitsPosted: String(debits), creditsPosted: String(credits), overdraft };
}

/** Plans and, if the vote is yes, holds. */
export function prepare(resource: Resource, ...operations: Operation[]): Plan {
  const plan = resource.plan(operations);
  if (plan.verdict === "yes") resource.hold(plan.undo);
  return plan;
}

/** Plans and holds what must be possible. */
export function hold(resource: Resource, ...operations: Operation[]): Yes {
  const plan = prepare(resource, ...operations);
  if (plan.verdict !== "yes") throw new Error(`expected a yes, got ${JSON.stringify(plan)}`);
  return plan;
}

/** `code: message`, or the verdict where it is not a no. */
export function answer(resource: Resource, ...operations: Operation[]): string {
  const plan = resource.plan(operations);
  return plan.verdict === "no" ? `${plan.reason.code}: ${plan.reason.message}` : plan.verdict;
}

/** What is kept, as a checkpoint stores it. */
export function imageOf(resource: Resource): unknown {
  return JSON.parse(JSON.stringify(resource.image()));
}
