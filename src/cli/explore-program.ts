import { type Command, InvalidArgumentError, Option } from "commander";
import {
  budgetArgument,
  exploredCoordinatorsArgument,
  participantsArgument,
  statesArgument,
} from "./arguments.ts";
import type { Finish } from "./options.ts";

/** `explore` and what can be chosen of it. */
export function addExploreCommand(program: Command, finish: Finish): void {
  const command = program
    .command("explore")
    .description("visit every state that a model can reach, and say whether its invariants hold in each")
    .addOption(
      new Option(
        "--model <model>",
        "which; core is the shipped protocol, the canary is broken and must be found",
      )
        .choices(["two-phase", "t-commit", "core", "canary"])
        .default("two-phase"),
    )
    .option("--participants <count>", "how many participants, 1 to 9", participantsArgument, 3)
    .option("--states-max <count>", "end after so many states", statesArgument)
    .option("--json", "one JSON document");
  for (const option of coreOptions()) command.addOption(option);
  command.action(async (options: ExploreOptions) => {
    const { exploreModel } = await import("./explore-command.ts");
    finish(await exploreModel(options));
  });
}
type ExploreOptions = Parameters<typeof import("./explore-command.ts")["exploreModel"]>[0];

function coreOptions(): Option[] {
  const count = (flag: string, what: string) =>
    new Option(`--${flag} <count>`, `of core: ${what}, 0 to 3`).argParser(budgetArgument);
  return [
    count("crashes", "crashes of processes, at any point, with any part of the unforced log kept"),
    new Option("--crashing <who>", "of core: who may crash").choices(["everybody", "coordinators"]),
    count("cuts", "links that are cut, so that participants ask each other"),
    count("resolves", "words of an operator: commit, abort or forget, wherever one is accepted"),
    count("checkpoints", "checkpoints of each process, at any point"),
    count("readers", "participants that only read"),
    new Option("--coordinators <count>", "of core: nodes that are given the one request, 1 to 3").argParser(
      exploredCoordinatorsArgument,
    ),
    new Option("--joint", "of core: the participants coordinate, in place of nodes that do nothing else"),
    count("begins", "how often each coordinator is sent the request"),
    count("attempts", "attempts of the request in one run of a coordinator"),
    new Option("--refusals <votes>", "of core: none, no, busy, or no,busy").argParser(refusalsArgument),
    new Option("--failures", "of core: performing and finishing may fail"),
    new Option("--timers <which>", "of core: which may fire early; the patient ones do not give up").choices([
      "all",
      "patient",
      "impatient",
      "none",
    ]),
    new Option("--write-back", "of core: what is not forced may reach the disk all the same"),
    new Option("--lying-disk <record>", "of core: a disk that says too early that it has these").choices([
      "prepared",
      "commit",
      "committed",
      "aborted",
      "heuristic",
    ]),
  ];
}

function refusalsArgument(text: string): readonly ("no" | "busy")[] {
  if (text === "none") return [];
  const words = text.split(",");
  const known = words.filter((word) => word === "no" || word === "busy");
  if (known.length === words.length) return known;
  throw new InvalidArgumentError("it should be none, no, busy, or no,busy");
}
