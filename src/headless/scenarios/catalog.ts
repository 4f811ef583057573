import { TpcError } from "../../core/errors.ts";
import type { Scenario } from "../scenario.ts";
import { BUSY } from "./busy.ts";
import { COORDINATOR_CRASH, PARTICIPANT_CRASH } from "./crashes.ts";
import { ORDER } from "./order.ts";
import { NO_VOTE, RETRY } from "./refusals.ts";
import { ANYWHERE, DUPLICATE } from "./requests.ts";
import { STORM } from "./storm.ts";

/** Every scenario that ships; the first one is played where none is named. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  ORDER,
  BUSY,
  PARTICIPANT_CRASH,
  COORDINATOR_CRASH,
  NO_VOTE,
  RETRY,
  DUPLICATE,
  ANYWHERE,
  STORM,
];

/** The scenarios by name, in the order given; `all` stands for all of them. Throws TPC_USAGE at an unknown name. */
export function findScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return [SCENARIOS[0]];
  return names.flatMap((name) => {
    if (name === "all") return SCENARIOS;
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found !== undefined) return [found];
    const known = SCENARIOS.map((scenario) => scenario.name).join(", ");
    throw new TpcError(
      "TPC_USAGE",
      `there is no scenario ${JSON.stringify(name)}; there are ${known} and all`,
    );
  });
}
