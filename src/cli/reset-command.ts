import { resolve } from "node:path";
import { deleteKept, findKept, type KeptDirectory } from "../cluster/kept-state.ts";
import { printable } from "../codec/printable.ts";
import { findUnfinished } from "../drivers/unfinished.ts";
import { counted } from "../observe/figures.ts";
import { shortId } from "../observe/short-id.ts";
import type { TransactionId } from "../schema/ids.ts";
import { ask } from "./ask.ts";

/** Unfinished transactions that are named before a node's directory is deleted. */
const NAMED_MAX = 5;

/** Deletes what a local cluster keeps, after it was shown and asked for twice. False where the user would rather not. */
export async function resetState(dir: string): Promise<boolean> {
  const path = resolve(dir);
  const kept = await findKept(path);
  if (kept.length === 0) {
    say(`nothing is kept in ${path}`);
    return true;
  }
  say("This deletes, for good:");
  for (const each of kept) {
    say(`  ${each.path}  ${sizeWords(each.bytes)}, ${contentWords(each)}`);
    const unfinished = each.node === null ? [] : await findUnfinished(each.path);
    if (unfinished === null) say("    its log does not say what is unfinished; log verify tells why");
    else if (unfinished.length > 0) say(`    ${unfinishedWords(unfinished)}`);
  }
  say(`The token in ${path} stays, and whatever else is there.`);
  const first = await ask("Delete them? [y/N] ");
  if (first === null || !/^y(es)?$/i.test(first)) return refused();
  const second = await ask('Type "delete" to do it: ');
  if (second !== "delete") return refused();
  await deleteKept(path, kept);
  say("deleted; the cluster starts anew");
  return true;
}

function refused(): boolean {
  say("nothing is deleted");
  return false;
}

function contentWords({ node }: KeptDirectory): string {
  if (node === null) return "what the nodes have printed";
  return `${node}: its log, with every commit and every reservation`;
}

function unfinishedWords(unfinished: readonly TransactionId[]): string {
  const named = unfinished
    .slice(0, NAMED_MAX)
    .map((each) => shortId(each, true))
    .join(", ");
  const more = unfinished.length > NAMED_MAX ? " …" : "";
  return `${counted(unfinished.length, "transaction")} not finished: ${named}${more}; a start without --reset goes on`;
}

function sizeWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function say(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}
