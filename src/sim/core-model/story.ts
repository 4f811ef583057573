import type { LogRecord } from "../../schema/records.ts";
import type { TraceStep } from "../explore/violation.ts";
import { play } from "../world/play.ts";
import { createWorld } from "../world/world.ts";
import type { World } from "../world/world-commands.ts";
import type { CoreAction, CoreModel, CoreState } from "./core-model.ts";

/** A trace of the model as a golden trace: production nodes are led the same way, and what they did is written down. */
export interface Story {
  readonly text: string;
  /** Where the nodes' logs are not what the model says, in words; then one of the two is wrong. */
  readonly differences: readonly string[];
}

export function tellStory(
  model: CoreModel,
  title: string,
  trace: readonly TraceStep<CoreState, CoreAction>[],
): Story {
  const sentBefore: number[] = [];
  const steps = trace.flatMap(({ step }) => {
    if (!step) return [];
    const commands = commandsOf(model, step, sentBefore);
    for (const id of step.sent) if (!sentBefore.includes(id)) sentBefore.push(id);
    return [commands.join("\n")];
  });
  const world = createWorld();
  const script = [`# ${title}`, setUpOf(model).join("\n"), ...steps, "show"].join("\n\n");
  const text = play(script, world);
  const end = trace.at(-1)?.state;
  return { text, differences: end ? differencesOf(model, world, end) : [] };
}

function setUpOf({ members, options }: CoreModel): string[] {
  const nodes = members.map(
    ({ name, isParticipant }) => `${name}:${isParticipant ? "warehouse" : "coordinator"}`,
  );
  return [
    `nodes ${nodes.join(" ")}`,
    ...members.map(({ name }) => `hold-force ${name}`),
    ...(options.lies.length > 0 ? members.map(({ name }) => `lie ${name} ${options.lies.join(" ")}`) : []),
  ];
}

const FAULTS: Readonly<Record<string, string>> = {
  no: "vote-no",
  busy: "vote-no-transient",
  "perform-fails": "perform-fails",
  "finish-fails": "finish-fails",
};

function commandsOf(model: CoreModel, step: CoreAction, sentBefore: readonly number[]): string[] {
  const [, command = "", chosen = ""] = /^(.*?)(?: \((.*)\))?$/.exec(step.label) ?? [];
  const name = model.members[step.at]?.name ?? "";
  const faults = chosen
    .split(", ")
    .flatMap((word) => (FAULTS[word] ? [`fault ${name} ${FAULTS[word]}`] : []));
  const [verb = ""] = command.split(" ");
  switch (verb) {
    case "begin":
      return [...faults, withOperations(model, command)];
    case "pass":
      return [...faults, `${command} ${placeOf(model, step, sentBefore)}`];
    case "restart": {
      // It comes back without a connection; each is made when the trace says so.
      const others = model.members.filter((other) => other.name !== name);
      return [...others.map((other) => `partition ${name} ${other.name}`), ...faults, command];
    }
    case "crash":
      // The others hear of it before anything else happens.
      return [command, "deliver 0"];
    case "fire":
      // Where one process stands for others a round may have passed before, which only marks what is to be said in the next.
      return [...faults, command, ...(model.options.isReduced && isRound(command) ? [command] : [])];
    default:
      return [...faults, command];
  }
}

function isRound(command: string): boolean {
  return /^fire \S+ (?:resend|inquire) /.test(command);
}

function withOperations({ members, options }: CoreModel, command: string): string {
  const [verb, node, requestId, ...rest] = command.split(" ");
  const names = members.filter(({ isParticipant }) => isParticipant).map(({ name }) => name);
  const operations = names.map((name, at) =>
    at < names.length - options.readers ? `${name}:ship:LAMP-01:1` : `${name}:read:LAMP-01`,
  );
  return [verb, node, requestId, ...operations, ...rest].join(" ");
}

/** Which it is of the different messages of its kind that were sent so far. */
function placeOf(model: CoreModel, { passed = -1 }: CoreAction, sentBefore: readonly number[]): number {
  const { from, to, message } = model.envelope(passed);
  const alike = sentBefore.filter((id) => {
    const other = model.envelope(id);
    return other.from === from && other.to === to && other.message.type === message.type;
  });
  return alike.indexOf(passed) + 1;
}

function differencesOf(model: CoreModel, world: World, end: CoreState): string[] {
  return model.members.flatMap(({ name }, at) => {
    const ours = model.processAt(end, at).log.map(({ record }) => wordsOf(record));
    const theirs = world.logOf(name).map(({ record }) => wordsOf(record));
    const [one, other] = [ours.join(", "), theirs.join(", ")];
    return one === other ? [] : [`${name}: the model's log is ${one}; the node's is ${other}`];
  });
}

function wordsOf(record: LogRecord): string {
  return record.type === "run-start" ? `run ${record.epoch}` : `${record.type} ${record.transactionId}`;
}
