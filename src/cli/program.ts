import { readFileSync } from "node:fs";
import { Argument, Command, Option } from "commander";
import { TpcError } from "../core/errors.ts";
import {
  benchParticipantsArgument,
  concurrencyArgument,
  coordinatorsArgument,
  DEFAULT_PORTS,
  limitArgument,
  listenArgument,
  nodeUrlArgument,
  nodeUrlsArgument,
  rateArgument,
  seedArgument,
  seedsArgument,
  shareArgument,
  timeoutArgument,
  transactionsArgument,
  warmUpArgument,
} from "./arguments.ts";
import {
  addConsoleCommands,
  keysOption,
  type LookOptions,
  screenReaderOption,
  themeOption,
} from "./console-program.ts";
import { addExploreCommand } from "./explore-program.ts";
import { addFaultCommands } from "./fault-program.ts";
import { EXAMPLES, EXIT_STATUSES } from "./help-text.ts";
import { type Finish, tokenOption, toOption } from "./options.ts";
import type { ResolveOptions } from "./resolve-command.ts";

type ConsoleOptions = LookOptions & {
  data?: string;
  reset?: boolean;
  fresh?: boolean;
  readOnly?: boolean;
  trace?: string;
};

/** The table of commands. Each command's code is loaded when it is run. */
export function buildProgram(finish: Finish): Command {
  const program = new Command("2pc-console")
    .description("An operations console for two-phase commit: run it, watch it, break it.")
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .enablePositionalOptions()
    .helpCommand("help [command]", "show this, or a command's options")
    .addHelpText("before", EXAMPLES)
    .addHelpText("after", EXIT_STATUSES)
    .showSuggestionAfterError(true)
    .allowExcessArguments()
    .option("--data <dir>", "keep the local cluster's state here")
    .option("--reset", "delete what the local cluster keeps first; asks twice")
    .option("--fresh", "a throwaway cluster in a temporary directory")
    .option("--trace <file>", "record every event of every node, to be replayed")
    .option("--read-only", "watch only; L in the console unlocks it")
    .addOption(themeOption())
    .addOption(keysOption())
    .addOption(screenReaderOption())
    .option("--no-color", "no colours; the variable NO_COLOR does the same")
    .version(packageVersion(), "-V, --version")
    .action(async (options: ConsoleOptions, command: Command) => {
      if (command.args.length > 0) throw unknownCommand(command);
      const { runLocalConsole } = await import("./console-command.ts");
      finish(await runLocalConsole(options));
    })
    .hook("preSubcommand", refuseMisplaced);
  addConsoleCommands(program, finish);
  addNodeCommands(program, finish);
  addSubmitCommand(program, finish);
  addQueryCommands(program, finish);
  addResolveCommand(program, finish);
  addFaultCommands(
    addGroup(program, "fault", "make nodes fail that were started with fault injection, and take it back"),
    finish,
  );
  addFileCommands(program, finish);
  addProofCommands(program, finish);
  addBenchCommand(program, finish);
  refuseExcess(program);
  return program;
}

/** Words that a command has no use for are mistakes; only commands of commands read them, to name the unknown one. */
function refuseExcess(command: Command): void {
  if (command.commands.length === 0) command.allowExcessArguments(false);
  for (const child of command.commands) refuseExcess(child);
}

/** `--data` before a command would be read as the console's own, and the command would work elsewhere. */
function refuseMisplaced(program: Command, command: Command): void {
  const given = program.opts<ConsoleOptions>();
  const names = {
    data: "--data",
    reset: "--reset",
    fresh: "--fresh",
    trace: "--trace",
    readOnly: "--read-only",
  } as const;
  const option = Object.entries(names).find(([name]) => given[name as keyof typeof names] !== undefined)?.[1];
  if (option === undefined) return;
  throw new TpcError("TPC_USAGE", `${option} stands before ${command.name()}; a command's options follow it`);
}

function packageVersion(): string {
  const description: unknown = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  if (typeof description !== "object" || description === null || !("version" in description))
    return "unknown";
  return String(description.version);
}

/** A command that only holds others. */
function addGroup(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      throw unknownCommand(command);
    });
}

function unknownCommand(command: Command): TpcError {
  const [word] = command.args;
  const known = command.commands.map((candidate) => candidate.name()).join(", ");
  const what =
    word === undefined ? `${command.name()} needs a command` : `there is no command ${JSON.stringify(word)}`;
  return new TpcError("TPC_USAGE", `${what}; there are ${known}`);
}

type NodeOptions = Parameters<typeof import("./node-command.ts")["runNode"]>[1];

function addNodeCommands(program: Command, finish: Finish): void {
  const nodeOptions = (command: Command, kind: string, port: number): Command =>
    command
      .option("--name <name>", "the node's name, unique in its cluster", kind)
      .option(
        "--listen <host:port>",
        `where to listen; port 0 picks one (default: 127.0.0.1:${port})`,
        listenArgument,
      )
      .option("--data <dir>", "the node's own directory; under the state directory where absent")
      .addOption(tokenOption())
      .option("--coordinator <url>", "a coordinator to register with; repeatable", nodeUrlsArgument)
      .option("--fault-injection", "let clients arm faults in this node")
      .addOption(new Option("--supervised").hideHelp())
      .addOption(new Option("--start-held").hideHelp())
      .addOption(new Option("--crash-at <point>").hideHelp())
      .addOption(new Option("--segment-bytes <bytes>").hideHelp())
      .addOption(new Option("--checkpoint-bytes <bytes>").hideHelp())
      .addOption(new Option("--space-reserve-bytes <bytes>").hideHelp());
  nodeOptions(
    program.command("coordinator").description("one coordinator process"),
    "coordinator",
    DEFAULT_PORTS.coordinator,
  ).action(async (options: NodeOptions) => {
    const { runNode } = await import("./node-command.ts");
    finish(await runNode("coordinator", options));
  });
  const participant = addGroup(program, "participant", "one participant process");
  nodeOptions(
    participant.command("warehouse").description("keeps stock"),
    "warehouse",
    DEFAULT_PORTS.warehouse,
  )
    .option("--inventory <file>", "starting stock of a new directory, CSV or JSON; a sample where absent")
    .action(async (options: NodeOptions) => {
      const { runNode } = await import("./node-command.ts");
      finish(await runNode("warehouse", options));
    });
  nodeOptions(participant.command("ledger").description("keeps accounts"), "ledger", DEFAULT_PORTS.ledger)
    .option("--accounts <file>", "starting accounts of a new directory, CSV or JSON; a sample where absent")
    .action(async (options: NodeOptions) => {
      const { runNode } = await import("./node-command.ts");
      finish(await runNode("ledger", options));
    });
}

function addSubmitCommand(program: Command, finish: Finish): void {
  program
    .command("submit [file]")
    .description("one transaction from a JSON file, or - for standard input; JSON lines for many")
    .addOption(toOption())
    .addOption(tokenOption())
    .option("--timeout-ms <ms>", "bounds all attempts of a transaction together", timeoutArgument, 30_000)
    .option("--example", "print an order to start from")
    .action(
      async (
        file: string | undefined,
        options: { to: string; tokenFile?: string; timeoutMs: number; example?: boolean },
      ) => {
        const { submitOrders } = await import("./submit-command.ts");
        finish(await submitOrders(file, options));
      },
    );
}

function addQueryCommands(program: Command, finish: Finish): void {
  type QueryOptions = { to: string; tokenFile?: string; json?: boolean };
  const query = (command: Command): Command =>
    command.addOption(toOption()).addOption(tokenOption()).option("--json", "one JSON document");
  query(program.command("status").description("the nodes of a cluster and how they are")).action(
    async (options: QueryOptions) => {
      const { showStatus } = await import("./status-command.ts");
      finish(await showStatus(options));
    },
  );
  const transactions = addGroup(program, "tx", "transactions");
  query(transactions.command("list").description("the transactions a node remembers"))
    .option("--limit <count>", "how many, the newest", limitArgument, 50)
    .action(async (options: QueryOptions & { limit: number }) => {
      const { listTransactions } = await import("./tx-command.ts");
      finish(await listTransactions(options));
    });
  query(transactions.command("show <id>").description("one transaction as all its nodes see it")).action(
    async (id: string, options: QueryOptions) => {
      const { showTransaction } = await import("./tx-command.ts");
      finish(await showTransaction(id, options));
    },
  );
  query(program.command("inventory").description("what the warehouse keeps")).action(
    async (options: QueryOptions) => {
      const { showInventory } = await import("./rows-command.ts");
      finish(await showInventory(options));
    },
  );
  query(program.command("ledger").description("what the ledger keeps")).action(
    async (options: QueryOptions) => {
      const { showLedger } = await import("./rows-command.ts");
      finish(await showLedger(options));
    },
  );
}

function addResolveCommand(program: Command, finish: Finish): void {
  program
    .command("resolve")
    .description("settle by hand what stays in doubt; shows first what every node would do")
    .argument("<id>", "the transaction")
    .addArgument(new Argument("<action>", "what to do").choices(["commit", "abort", "forget"]))
    .requiredOption("--reason <text>", "why; kept in the log")
    .option("--by <name>", "who decides; the user's name where absent")
    .option("--node <name>", "only this node")
    .option("--hazard", "forget although the coordinator's decision will never be known")
    .option("--preview", "show what would be done, and do nothing")
    .option("--confirm <id>", "the transaction's id again, in place of the questions")
    .addOption(toOption())
    .addOption(tokenOption())
    .option("--json", "one JSON document")
    .action(async (id: string, action: "commit" | "abort" | "forget", options: ResolveOptions) => {
      const { resolveTransaction } = await import("./resolve-command.ts");
      finish(await resolveTransaction(id, action, options));
    });
}

function addFileCommands(program: Command, finish: Finish): void {
  const log = addGroup(program, "log", "a node's log, read offline");
  log
    .command("inspect <dir>")
    .description("print the records of a node's log")
    .option("--json", "one JSON document")
    .action(async (dir: string, options: { json?: boolean }) => {
      const { printLog } = await import("./log-command.ts");
      finish(await printLog(dir, options));
    });
  log
    .command("verify <dir>")
    .description(
      "check a node's log and change nothing; exit 65 when acknowledged data is damaged, 78 when another version wrote it",
    )
    .option("--json", "one JSON document")
    .action(async (dir: string, options: { json?: boolean }) => {
      const { checkLog } = await import("./log-command.ts");
      finish(await checkLog(dir, options));
    });
  program
    .command("schema")
    .description("print the JSON Schema of the wire")
    .action(async () => {
      const { printSchema } = await import("./schema-command.ts");
      finish(await printSchema());
    });
}

function addProofCommands(program: Command, finish: Finish): void {
  addExploreCommand(program, finish);
  program
    .command("simulate")
    .description(
      "whole clusters on simulated disks, networks and clocks, by seed; a failure says how to repeat it",
    )
    .addOption(
      new Option("--seed <seed>", "play this one, and print everything that happens")
        .argParser(seedArgument)
        .conflicts(["seeds", "from"]),
    )
    .option("--seeds <count>", "play so many, one after another", seedsArgument, 100)
    .option("--from <seed>", "the first of them", seedArgument, 1)
    .addOption(
      new Option(
        "--trace <file>",
        "with --seed: write what every node tells, for check and replay",
      ).conflicts("seeds"),
    )
    .option("--lying-disk", "disks say synced and are not, and power is lost: must be found")
    .option("--json", "one JSON document on standard output")
    .action(async (options: Parameters<Simulate>[0]) => {
      if (options.trace !== undefined && options.seed === undefined)
        throw new TpcError("TPC_USAGE", "--trace needs --seed: a trace is of one world");
      const { simulateClusters } = await import("./simulate-command.ts");
      finish(await simulateClusters(options));
    });
  program
    .command("check <trace>")
    .description(
      "hold a recorded run against the rules of the protocol; names the first step that breaks one",
    )
    .option("--json", "one JSON document")
    .action(async (trace: string, options: { json?: boolean }) => {
      const { checkTrace } = await import("./check-command.ts");
      finish(await checkTrace(trace, options));
    });
}
type Simulate = typeof import("./simulate-command.ts")["simulateClusters"];

function addBenchCommand(program: Command, finish: Finish): void {
  program
    .command("bench")
    .description("load a cluster of real processes, and show what it does beside the floor of this machine")
    .option("--transactions <count>", "how many are measured", transactionsArgument, 20_000)
    .option("--concurrency <count>", "how many are in flight at once", concurrencyArgument, 64)
    .option("--open-loop <rate>", "begin so many a second in place of that", rateArgument)
    .option("--participants <count>", "of each transaction, 2 to 8", benchParticipantsArgument, 2)
    .option("--coordinators <count>", "that take turns, 1 to 8", coordinatorsArgument, 1)
    .addOption(new Option("--hot", "all on one item and one pair of accounts").conflicts("uniform"))
    .addOption(new Option("--uniform", "on a thousand of each in turn; so where neither is said"))
    .option("--abort-rate <share>", "of transactions that are refused", shareArgument, 0)
    .option("--read-only-share <share>", "of transactions that only read", shareArgument, 0)
    .option("--warm-up <count>", "before anything is measured; 60000 where absent", warmUpArgument)
    .option(
      "--growth <count>",
      "also show figures after every so many: how the nodes grow",
      transactionsArgument,
    )
    .option("--no-floor", "do not measure the floor")
    .option("--data <dir>", "keep the cluster's state here; a temporary directory where absent")
    .option("--attach <url>", "load a running cluster; the floor is this machine's", nodeUrlArgument)
    .addOption(tokenOption())
    .option("--json", "one JSON document on standard output")
    .action(async (options: BenchOptions) => {
      const { runBench } = await import("./bench-command.ts");
      finish(await runBench(options));
    });
  program.command("bench-process <role>", { hidden: true }).action(async (role: string) => {
    const { work, WORKER_ROLES } = await import("../bench/worker.ts");
    const known = WORKER_ROLES.find((name) => name === role);
    if (known === undefined) throw new TpcError("TPC_USAGE", `no process of a benchmark is a ${role}`);
    await work(known);
    finish(null);
  });
}
type BenchOptions = Parameters<typeof import("./bench-command.ts")["runBench"]>[0];
