import { drawKnobs, type Knobs, withLyingDisks } from "./knobs.ts";
import { finishWorld } from "./liveness.ts";
import { decideByHand } from "./operator.ts";
import type { Violation } from "./violations.ts";
import { createWeather } from "./weather.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

/** What one seed came to. */
export interface Simulation {
  readonly knobs: Knobs;
  readonly violations: readonly Violation[];
  readonly virtualMs: number;
  readonly committed: number;
  readonly aborted: number;
  readonly messages: number;
  readonly diskCalls: number;
}

/** Plays one seed: first faults, then none. Everything that happens in it follows from its knobs. */
export async function simulate(knobs: Knobs, options: WorldOptions): Promise<Simulation> {
  const world = createWorld(knobs, options);
  const { agenda, machines } = world;
  for (const machine of machines) machine.start();
  planClients(world);
  const weather = createWeather({ ...world, chance: world.chance.split("weather") });
  weather.begin();
  if (knobs.heuristics) planDecisions(world);
  await world.runUntil(knobs.safetyMs);
  if (world.violations.length === 0) {
    world.say("faults end");
    world.setCalm();
    weather.calm();
    await finishWorld(world);
    if (world.violations.length === 0) checkFairWeather(world);
  }
  const outcomes = world.clients.map((client) => client.told()?.outcome);
  return {
    knobs,
    violations: world.violations,
    virtualMs: agenda.nowMs(),
    committed: outcomes.filter((outcome) => outcome === "committed").length,
    aborted: outcomes.filter((outcome) => outcome === "aborted").length,
    messages: world.network.sent(),
    diskCalls: machines.reduce((sum, machine) => sum + machine.disk().calls(), 0),
  };
}

/** The knobs of a seed, and what it comes to; with disks that lie where `isLying`, which must be found. */
export function simulateSeed(
  seed: number,
  options: WorldOptions & { readonly isLying?: boolean; readonly onBegin?: (knobs: Knobs) => void },
): Promise<Simulation> {
  const knobs = options.isLying ? withLyingDisks(drawKnobs(seed)) : drawKnobs(seed);
  options.onBegin?.(knobs);
  return simulate(knobs, options);
}

/** Most nodes have found each other in this time, and where nothing befalls anybody all have, dialling twice, in the longer one. */
const MEETING_MS = 1_500;
const FAIR_MEETING_MS = 2_500;

function planClients(world: World): void {
  const { agenda, knobs, chance } = world;
  const planning = chance.split("planning");
  for (let index = 0; index < knobs.requests; index += 1) {
    const order = world.drawOrder(index);
    const manner = planning.hit(knobs.loyal) ? "loyal" : planning.one(["roaming", "impatient"] as const);
    const client = world.addClient(order, manner, null);
    const beginsMs = planning.between(MEETING_MS, knobs.safetyMs * 0.9);
    agenda.after(isFair(knobs) ? Math.max(FAIR_MEETING_MS, beginsMs) : beginsMs, client.begin);
  }
}

const DECISION_MS = [500, 6_000] as const;

function planDecisions(world: World): void {
  const { agenda, knobs, machines } = world;
  const chance = world.chance.split("decisions");
  const decide = () => {
    agenda.after(chance.between(...DECISION_MS), () => {
      if (agenda.nowMs() > knobs.safetyMs) return;
      decideByHand(chance.one(machines), chance);
      decide();
    });
  };
  decide();
}

/** Where nothing befell anybody, all that can commit has committed (I3). */
function checkFairWeather({ knobs, clients, report }: World): void {
  if (!isFair(knobs)) return;
  for (const client of clients) {
    const { requestId, kind, mayCommit } = client.order;
    // What others hold may stay held until a request's time is over.
    if (!mayCommit || kind === "hot") continue;
    const outcome = client.told()?.outcome;
    if (outcome !== "committed") report("I3", `${requestId} is ${outcome}, and nothing befell anybody`);
  }
}

const FAIR_DELAY_MS = 20;
const FAIR_CALL_MS = 4;

function isFair({ every, crashPoint, wipes, heuristics, network, disk }: Knobs): boolean {
  return (
    Object.values(every).every((everyMs) => everyMs === 0) &&
    crashPoint + wipes + network.loss + network.replays + disk.hang + disk.fail === 0 &&
    !heuristics &&
    network.delayMs[1] <= FAIR_DELAY_MS &&
    disk.callMs[1] <= FAIR_CALL_MS
  );
}
