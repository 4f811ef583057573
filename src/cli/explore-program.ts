import { type Command, InvalidArgumentError, Option } from "commander";
import {
  budgetArgument,
  exploredCoordinatorsArgument,
  memoryArgument,
  participantsArgument,
  statesArgument,
} from "./arguments.ts";
import type { Finish } from "./options.ts";

/** An option, and what holds where it is not given. */
export interface ExploreOption {
  readonly option: Option;
  readonly byDefault: string;
}

/** `explore` and what can be chosen of it. */
export function addExploreCommand(program: Command, finish: Finish): void {
  const command = program
    .command("explore")
    .description("visit every state that a model can reach, and say whether its invariants hold in each");
  for (const { option } of exploreOptions()) command.addOption(option);
  command.action(async (options: ExploreOptions) => {
    const { exploreModel } = await import("./explore-command.ts");
    finish(await exploreModel(options));
  });
}
type ExploreOptions = Parameters<typeof import("./explore-command.ts")["exploreModel"]>[0];

export function exploreOptions(): ExploreOption[] {
  const model = new Option(
    "--model <model>",
    "which; core is the shipped protocol, the canary is broken and must be found",
  )
    .choices(["two-phase", "t-commit", "core", "canary"])
    .default("two-phase");
  const participants = new Option("--participants <count>", "how many participants, 1 to 9; of core 1 to 4")
    .argParser(participantsArgument)
    .default(3);
  return [
    { option: model, byDefault: "two-phase" },
    { option: participants, byDefault: "3" },
    {
      option: new Option("--states-max <count>", "end after so many states").argParser(statesArgument),
      byDefault: "all",
    },
    {
      option: new Option(
        "--memory-max <MiB>",
        "end once the process holds so much memory, or nearly all that Node gives it",
      ).argParser(memoryArgument),
      byDefault: "three quarters of the machine's",
    },
    { option: new Option("--json", "one JSON document"), byDefault: "text" },
    ...coreOptions(),
  ];
}

function coreOptions(): ExploreOption[] {
  const count = (flag: string, what: string, byDefault = "0") => ({
    option: new Option(`--${flag} <count>`, `of core: ${what}, 0 to 3`).argParser(budgetArgument),
    byDefault,
  });
  const choice = (flags: string, what: string, choices: readonly string[], byDefault: string) => ({
    option: new Option(flags, `of core: ${what}`).choices(choices),
    byDefault,
  });
  const flag = (flags: string, what: string) => ({
    option: new Option(flags, `of core: ${what}`),
    byDefault: "no",
  });
  return [
    count("crashes", "crashes of processes, at any point, with any part of the unforced log kept"),
    choice("--crashing <who>", "who may crash", ["everybody", "coordinators"], "everybody"),
    count("cuts", "links that are cut, so that participants ask each other"),
    count("resolves", "words of an operator: commit, abort or forget, wherever one is accepted"),
    count("checkpoints", "checkpoints of each process, at any point"),
    count("readers", "participants that only read"),
    {
      option: new Option(
        "--coordinators <count>",
        "of core: nodes that are given the one request, 1 to 3",
      ).argParser(exploredCoordinatorsArgument),
      byDefault: "1",
    },
    flag("--joint", "the participants coordinate, in place of nodes that do nothing else"),
    count("begins", "how often each coordinator is sent the request", "1"),
    count("attempts", "attempts of the request in one run of a coordinator", "1"),
    {
      option: new Option("--refusals <votes>", "of core: none, no, busy, or no,busy").argParser(
        refusalsArgument,
      ),
      byDefault: "no",
    },
    flag("--failures", "performing and finishing may fail"),
    choice(
      "--timers <which>",
      "which may fire early; the patient ones do not give up",
      ["all", "patient", "impatient", "none"],
      "all",
    ),
    flag("--write-back", "what is not forced may reach the disk all the same"),
    choice(
      "--lying-disk <record>",
      "a disk that says too early that it has these",
      ["prepared", "commit", "committed", "aborted", "heuristic"],
      "honest",
    ),
    flag(
      "--unreduced",
      "no state stands for others, those that differ in names, in spent messages or in what changes nothing",
    ),
  ];
}

function refusalsArgument(text: string): readonly ("no" | "busy")[] {
  if (text === "none") return [];
  const words = text.split(",");
  const known = words.filter((word) => word === "no" || word === "busy");
  if (known.length === words.length) return known;
  throw new InvalidArgumentError("it should be none, no, busy, or no,busy");
}
