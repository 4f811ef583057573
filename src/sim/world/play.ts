import type { Operation } from "../../schema/operations.ts";
import type { Fault } from "../../schema/session.ts";
import type { NodeKind } from "../../schema/views.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world-commands.ts";

/** Runs every block of a trace and returns the trace with the answers that were given. */
export function play(text: string, world: World = createWorld()): string {
  const blocks = text.trimEnd().split(/\n\n+/);
  const played = blocks.map((block) => {
    const [commands = ""] = block.split(/\n?----(?:\n|$)/);
    const wanted = commands.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    if (wanted.length === 0) return block;
    for (const line of wanted) runCommand(world, line);
    const lines = world.takeLines();
    return [commands, "----", ...(lines.length > 0 ? lines : ["nothing"])].join("\n");
  });
  return `${played.join("\n\n")}\n`;
}

function runCommand(world: World, line: string): void {
  const [name = "", ...words] = line.trim().split(/\s+/);
  const [one = "", other = ""] = words;
  switch (name) {
    case "nodes":
      for (const word of words) {
        const [node = "", kind] = word.split(":");
        world.addNode(node, (kind ?? node) as NodeKind);
      }
      return;
    case "begin":
      return world.begin(one, {
        requestId: other,
        operations: words
          .slice(2)
          .filter((word) => word.includes(":"))
          .map(operation),
        timeoutMs: timeoutOf(words),
        isAgain: words.includes("again"),
      });
    case "run":
      return world.deliver(Number.POSITIVE_INFINITY);
    case "deliver":
      return world.deliver(Number(one));
    case "hold":
      return world.hold(words);
    case "drop":
      return world.drop(one, other);
    case "dup":
      return world.duplicate(one, other);
    case "pass":
      return world.pass(one, other, words[2] ?? "", Number(words[3] ?? 1));
    case "sync":
      return world.sync(one);
    case "lie":
      return world.lie(one, words.slice(1));
    case "fire":
      return world.fire(one, words.slice(1).join(" "));
    case "hold-force":
      return world.holdForce(one, true);
    case "force":
      return world.holdForce(one, false);
    case "space":
      return world.space(one, Number(other));
    case "advance":
      return world.advance(Number(one));
    case "jump":
      return world.jump(one, Number(other));
    case "crash":
      return world.crash(one, Number(other || 0));
    case "restart":
      return world.restart(one);
    case "lose":
      return world.lose(one, Number(other));
    case "wipe":
      return world.wipe(one);
    case "partition":
      return world.partition(one, other);
    case "heal":
      return world.heal(one, other);
    case "fault":
      return world.arm(one, other as Fault);
    case "checkpoint":
      return world.checkpoint(one);
    case "resolve":
      return world.resolve(one, other, words[2] as "commit" | "abort" | "forget", words[3] === "hazard");
    case "show":
      return world.show();
    default:
      throw new Error(`unknown command: ${line}`);
  }
}

function timeoutOf(words: readonly string[]): number {
  return Number(words.find((word) => word.startsWith("timeout="))?.slice("timeout=".length) ?? 30_000);
}

/** `warehouse:ship:LAMP-01:2`, `warehouse:read:LAMP-01`, `ledger:transfer:customer-ada:revenue:9800`, `ledger:read:revenue`. */
function operation(word: string): Operation {
  const [participant, op = "", first = "", second = "", third = ""] = word.split(":");
  const head = { participant: participant as Operation["participant"], op };
  if (op === "transfer") return { ...head, debit: first, credit: second, amount: third };
  if (op === "read")
    return participant?.startsWith("ledger") ? { ...head, account: first } : { ...head, sku: first };
  return { ...head, sku: first, quantity: Number(second) };
}
