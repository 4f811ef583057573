import { type Command, Option } from "commander";
import { THEME_NAMES, type ThemeName } from "../console/theme-names.ts";
import { TpcError } from "../core/errors.ts";
import { nodeUrlArgument } from "./arguments.ts";
import { type Finish, tokenOption } from "./options.ts";

export type LookOptions = { theme?: ThemeName; keys?: string };

export function themeOption(): Option {
  const text = "the console's colours; the variable TPC_THEME does the same";
  return new Option("--theme <name>", text).choices(THEME_NAMES);
}

export function keysOption(): Option {
  return new Option(
    "--keys <file>",
    "the console's keys; else keys.json in the configuration directory, if there",
  );
}

export function screenReaderOption(): Option {
  const text = "lines for a screen reader; the variable INK_SCREEN_READER=true does the same";
  return new Option("--screen-reader", text);
}

export function addConsoleCommands(program: Command, finish: Finish): void {
  program
    .command("attach <url>")
    .description("the console on a running coordinator")
    .addOption(tokenOption())
    .option("--read-only", "watch only: no transactions, no faults; L in the console unlocks it")
    .option("--trace <file>", "record every event of every node, to be replayed")
    .addOption(themeOption())
    .addOption(keysOption())
    .addOption(screenReaderOption())
    .action(async (url: string, options: Parameters<Attach>[1]) => {
      const { attachConsole } = await import("./console-command.ts");
      finish(await attachConsole(nodeUrlOf(url), { ...program.opts<LookOptions>(), ...options }));
    });
  program
    .command("replay <trace>")
    .description("the console on a recorded run, forward and backward; as text where there is no terminal")
    .option("--json", "what it holds, in figures: one JSON document")
    .addOption(themeOption())
    .addOption(keysOption())
    .addOption(screenReaderOption())
    .action(async (trace: string, options: Parameters<Replay>[1]) => {
      const { replayTrace } = await import("./replay-command.ts");
      finish(await replayTrace(trace, { ...program.opts<LookOptions>(), ...options }));
    });
  program
    .command("run [scenario...]")
    .description("play scenarios without a screen, and say whether what they expect held")
    .option("--list", "list the scenarios")
    .option("--data <dir>", "keep the cluster's state here; a temporary directory where absent")
    .option("--attach <url>", "play on a running cluster", nodeUrlArgument)
    .addOption(tokenOption())
    .addOption(new Option("--json", "one JSON document on standard output").conflicts("jsonl"))
    .option("--jsonl", "events as JSON lines on standard output, as they come")
    .option("--junit <file>", "write a JUnit report")
    .option("--trace <file>", "record every event of every node, to be replayed")
    .action(async (scenarios: string[], options: Parameters<RunHeadless>[1]) => {
      const { runHeadless } = await import("./run-command.ts");
      finish(await runHeadless(scenarios, options));
    });
}
type Replay = typeof import("./replay-command.ts")["replayTrace"];
type Attach = typeof import("./console-command.ts")["attachConsole"];
type RunHeadless = typeof import("./run-command.ts")["runHeadless"];
/** Names an argument as commander names an option's. */
function nodeUrlOf(text: string): string {
  try {
    return nodeUrlArgument(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is no address";
    throw new TpcError("TPC_USAGE", `the URL ${JSON.stringify(text)} is invalid; ${why}`);
  }
}
