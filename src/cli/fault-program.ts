import { type Command, Option } from "commander";
import { checkNodeName, faultTimesArgument } from "./arguments.ts";
import type { CutOptions, FaultOptions } from "./fault-command.ts";
import type { ClusterAccess } from "./open-client.ts";
import { type Finish, tokenOption, toOption } from "./options.ts";

/** What can be injected into nodes that were started with fault injection, and taken back. */
export function addFaultCommands(fault: Command, finish: Finish): void {
  const command = (name: string, description: string): Command =>
    fault.command(name).description(description).addOption(toOption()).addOption(tokenOption());
  command("arm <fault>", "a fault, or a crash at a named point; the README lists them")
    .requiredOption("--node <name>", "in which node", checkNodeName)
    .option("--times <count>", "how often it fires; 0 disarms it", faultTimesArgument, 1)
    .action(async (name: string, options: FaultOptions) => {
      const { armFault } = await import("./fault-command.ts");
      finish(await armFault(name, options));
    });
  command("list", "what is injected into each node")
    .option("--json", "one JSON document")
    .action(async (options: ClusterAccess & { json?: boolean }) => {
      const { listFaults } = await import("./fault-command.ts");
      finish(await listFaults(options));
    });
  command("cut <node> <peer>", "cut a link silently, as a partition would")
    .addOption(
      new Option("--direction <way>", "as the first node sees it")
        .choices(["both", "out", "in"])
        .default("both"),
    )
    .action(async (node: string, peer: string, options: CutOptions) => {
      const { cutLink } = await import("./fault-command.ts");
      finish(await cutLink(node, peer, options));
    });
  command("heal <node> <peer>", "heal a link that was cut").action(
    async (node: string, peer: string, options: ClusterAccess) => {
      const { healLink } = await import("./fault-command.ts");
      finish(await healLink(node, peer, options));
    },
  );
  command("clear", "disarm and heal everything").action(async (options: ClusterAccess) => {
    const { clearFaults } = await import("./fault-command.ts");
    finish(await clearFaults(options));
  });
}
