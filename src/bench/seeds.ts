import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeSpec } from "../cluster/supervised-node.ts";
import type { OpeningAccount } from "../resources/account.ts";
import type { StockItem } from "../resources/stock.ts";
import type { NodeName } from "../schema/ids.ts";

/** Rows of each participant of a new cluster, enough for transactions to meet seldom. */
const ROWS = 1_000;
const PLENTY = "1000000000000";

/** The nodes of a benchmark's cluster: `coordinator`, `coordinator-2` …, `warehouse`, `ledger`, `warehouse-2` … */
export async function benchNodes(
  seedDir: string,
  participants: number,
  coordinators: number,
): Promise<readonly NodeSpec[]> {
  const inventory = join(seedDir, "inventory.json");
  const accounts = join(seedDir, "accounts.json");
  await writeFile(inventory, JSON.stringify(numbered(itemOf)));
  await writeFile(accounts, JSON.stringify(numbered(accountsOf).flat()));
  const nameOf = (kind: string, place: number) => (place === 0 ? kind : `${kind}-${place + 1}`) as NodeName;
  return [
    ...Array.from({ length: coordinators }, (_, place): NodeSpec => {
      return { name: nameOf("coordinator", place), kind: "coordinator" };
    }),
    ...Array.from({ length: participants }, (_, place): NodeSpec => {
      const kind = place % 2 === 0 ? "warehouse" : "ledger";
      const seedFile = kind === "warehouse" ? inventory : accounts;
      return { name: nameOf(kind, Math.floor(place / 2)), kind, seedFile };
    }),
  ];
}

function numbered<Row>(make: (number: string) => Row): Row[] {
  return Array.from({ length: ROWS }, (_, place) => make(String(place + 1).padStart(4, "0")));
}

function itemOf(number: string): StockItem {
  return { sku: `ITEM-${number}`, name: `Item ${number}`, onHand: PLENTY };
}

function accountsOf(number: string): OpeningAccount[] {
  const names = { name: `Account ${number}`, overdraft: false };
  return [
    { id: `cash-${number}`, type: "asset", debitsPosted: PLENTY, creditsPosted: "0", ...names },
    { id: `customer-${number}`, type: "liability", debitsPosted: "0", creditsPosted: PLENTY, ...names },
  ];
}
