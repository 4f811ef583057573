import { money } from "../schema/money.ts";
import type { AccountView, ItemView } from "../schema/views.ts";
import type { Model } from "./model.ts";

/** One conservation rule as it stands now. */
export interface Invariant {
  readonly name: string;
  readonly holds: boolean;
  /** The figures it was checked with, or what is broken. */
  readonly text: string;
}

/** What must hold of stock and ledger at every moment: checked here on the rows, and by the nodes themselves. */
export function invariants(model: Model): readonly Invariant[] {
  const results: Invariant[] = [];
  for (const [name, rows] of model.items) results.push(stockInvariant(name, [...rows.values()]));
  for (const [name, rows] of model.accounts) {
    results.push(trialBalance(name, "posted", [...rows.values()]));
    results.push(trialBalance(name, "pending", [...rows.values()]));
  }
  for (const node of model.nodes.values()) {
    for (const violation of node.view?.violations ?? []) {
      results.push({ name: node.name, holds: false, text: violation });
    }
  }
  return results;
}

function stockInvariant(name: string, items: readonly ItemView[]): Invariant {
  const broken = items.find((item) => {
    const onHand = BigInt(item.onHand);
    const reserved = BigInt(item.reserved);
    return reserved < 0n || onHand < reserved || onHand - reserved !== BigInt(item.available);
  });
  const text =
    broken === undefined
      ? `${items.length} items`
      : `${broken.sku}: on hand ${broken.onHand}, reserved ${broken.reserved}, available ${broken.available}`;
  return { name, holds: broken === undefined, text };
}

function trialBalance(name: string, kind: "posted" | "pending", accounts: readonly AccountView[]): Invariant {
  let debits = 0n;
  let credits = 0n;
  for (const account of accounts) {
    debits += BigInt(kind === "posted" ? account.debitsPosted : account.debitsPending);
    credits += BigInt(kind === "posted" ? account.creditsPosted : account.creditsPending);
  }
  const holds = debits === credits;
  const [left, right] = [money(String(debits)), money(String(credits))];
  return {
    name: `${name} ${kind}`,
    holds,
    text: holds ? `${left} on both sides` : `debits ${left} ≠ credits ${right}`,
  };
}
