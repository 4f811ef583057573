import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LAUNCHER } from "./terminal.ts";

// What somebody in another terminal does to a cluster.

const run = promisify(execFile);

/** The process of a node of the cluster that is kept there. */
export async function pidOf(dir: string, node: string): Promise<number> {
  const owner: { pid: number } = JSON.parse(await readFile(join(dir, node, "owner.json"), "utf8"));
  return owner.pid;
}

/** How somebody in another terminal reaches the cluster. */
async function reach(dir: string): Promise<readonly string[]> {
  const { url }: { url: string } = JSON.parse(await readFile(join(dir, "cluster.json"), "utf8"));
  return ["--to", url, "--token-file", join(dir, "token")];
}

/** The coordinator will crash when it has its next decision on disk. */
export async function armCrash(dir: string): Promise<void> {
  const fault = ["fault", "arm", "crash-after-decision", "--node", "coordinator"];
  await run(process.execPath, [LAUNCHER, ...fault, ...(await reach(dir))]);
}

/** An order that can always be paid. Its answer is not waited for: a node that it needs may be down. */
export async function submitOrder(dir: string): Promise<void> {
  const operations = [
    { participant: "warehouse", op: "ship", sku: "LAMP-02", quantity: 1 },
    { participant: "ledger", op: "transfer", debit: "cash", credit: "revenue", amount: "2750" },
  ];
  const path = join(dir, "..", "order.json");
  await writeFile(path, JSON.stringify({ operations }));
  run(process.execPath, [LAUNCHER, "submit", path, ...(await reach(dir))]).catch(() => {});
}
