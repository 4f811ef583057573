import { sparesMax } from "../../log/segments.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { ResourceRows } from "../../schema/views.ts";
import { checkSums } from "./check-sums.ts";
import type { Machine } from "./machine.ts";
import { askNode, settleByHand } from "./operator.ts";
import type { World } from "./world.ts";

const LOOK_MS = 250;
const BY_HAND_MS = 3_000;
/** Requests of the workload have lower numbers. */
const CLOSING_INDEX = 20;
/** A checkpoint, its log's segments and its mark are on disk after this. */
const CHECKPOINT_MS = 5_000;
const SLACK_BYTES = 4_096;

/**
 * Faults have ended. Everything must finish within the knobs' bound (I11), then one more request from each node must
 * commit, and what is left must be what is active (I12), with all sums right.
 */
export async function finishWorld(world: World): Promise<void> {
  const { agenda, knobs } = world;
  const boundMs = agenda.nowMs() + knobs.livenessMs;
  if (!(await rest(world, boundMs))) return;
  const closing = world.machines.map((machine, at) =>
    world.addClient(world.drawOrder(CLOSING_INDEX + at, "everywhere"), "loyal", machine),
  );
  for (const client of closing) client.begin();
  if (!(await rest(world, boundMs))) return;
  for (const client of closing) {
    const told = client.told();
    if (told?.outcome !== "committed")
      world.report(
        "I3",
        `${client.order.requestId}, begun when all was well, is ${told?.outcome}: ${told?.reason?.message}`,
      );
  }
  checkSums(keptBy(world), world.clients, world.outcomes, world.report);
  await checkSizes(world);
}

async function rest(world: World, boundMs: number): Promise<boolean> {
  const { agenda, machines, chance } = world;
  const handChance = chance.split("settling by hand");
  let byHandMs = agenda.nowMs() + BY_HAND_MS;
  for (;;) {
    await world.runUntil(agenda.nowMs() + LOOK_MS);
    if (world.violations.length > 0) return false;
    const unrest = unrestOf(world);
    if (unrest === null) return true;
    if (agenda.nowMs() > boundMs) {
      world.report("I11", unrest);
      return false;
    }
    // A lost store waits for its operator, and so does what one has begun.
    if (agenda.nowMs() > byHandMs && (world.lost.size > 0 || world.knobs.heuristics)) {
      byHandMs = agenda.nowMs() + BY_HAND_MS;
      for (const machine of machines) settleByHand(machine, handChance);
    }
  }
}

/** What is not finished yet, in words; null when all is. */
function unrestOf({ machines, clients, lost }: World): string | null {
  for (const machine of machines) {
    const node = machine.serving();
    if (node === null) return `${machine.name} does not serve`;
    if (machine.disk().isBusy()) return `the disk of ${machine.name} is busy`;
    const { unfinished, inDoubt, alarms, violations, peers } = node.view();
    if (peers.length < machines.length - 1) return `${machine.name} has not met everybody`;
    const away = peers.find(({ connected }) => !connected);
    if (away) return `${machine.name} is not connected to ${away.name}`;
    if (unfinished > 0 || inDoubt > 0)
      return `${machine.name} has ${unfinished} unfinished, ${inDoubt} in doubt`;
    if (violations.length > 0) return `${machine.name}: ${violations.join("; ")}`;
    // What a lost store refuses is told until its node starts again; a disk that was full is told until it has room.
    const alarm = alarms.find((text) => lost.size === 0 || text.startsWith("the disk of"));
    if (alarm) return `${machine.name}: ${alarm}`;
  }
  const waiting = clients.find((client) => !client.isDone());
  return waiting ? `${waiting.order.requestId} is ${waiting.told()?.outcome ?? "unanswered"}` : null;
}

function keptBy({ machines, lost }: World): ReadonlyMap<NodeName, ResourceRows | null> {
  const kept = new Map<NodeName, ResourceRows | null>();
  for (const machine of machines) {
    const node = machine.serving();
    if (node === null || machine.kind === "coordinator") continue;
    kept.set(machine.name, lost.has(machine.name) ? null : askNode(node, "rows"));
  }
  return kept;
}

async function checkSizes(world: World): Promise<void> {
  const { agenda, machines, report } = world;
  /** What is not covered, and what is kept to be written over. */
  const segmentsMax = 2 + sparesMax(world.knobs.log);
  for (const machine of machines) machine.ask((node) => void node.checkpoint());
  await world.runUntil(agenda.nowMs() + CHECKPOINT_MS);
  for (const machine of machines) {
    const image = world.images.get(machine.name);
    const imageBytes = JSON.stringify(image).length;
    const mostBytes = imageBytes + segmentsMax * world.knobs.log.segmentBytesMax + SLACK_BYTES;
    const usedBytes = machine.disk().usedBytes();
    if (usedBytes > mostBytes)
      report("I12", `${machine.name} keeps ${usedBytes} bytes on disk, ${imageBytes} of them its checkpoint`);
    checkImage(world, machine, image as Partial<Record<string, Record<string, readonly unknown[]>>>);
  }
}

function checkImage(
  world: World,
  { name }: Machine,
  image: Partial<Record<string, Record<string, readonly unknown[]>>>,
) {
  const {
    commits = [],
    prepared = [],
    heuristics = [],
    finished = [],
    settled = [],
    held = [],
  } = image.node ?? {};
  const isByHand = world.lost.size > 0 || world.knobs.heuristics;
  const most = {
    commits: 0,
    prepared: isByHand ? Number.POSITIVE_INFINITY : 0,
    heuristics: isByHand ? Number.POSITIVE_INFINITY : 0,
    // The last one of each coordinator, which no later floor has passed.
    finished: world.lost.size > 0 ? Number.POSITIVE_INFINITY : 2 * world.machines.length,
    settled: world.clients.length,
    held: world.clients.length,
  };
  for (const [table, entries] of Object.entries({ commits, prepared, heuristics, finished, settled, held })) {
    const bound = most[table as keyof typeof most];
    if (entries.length > bound) world.report("I12", `${name} still keeps ${entries.length} ${table}`);
  }
}
