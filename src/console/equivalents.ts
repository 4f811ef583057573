import { counted } from "../observe/figures.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { Action, ActionPorts } from "./actions.ts";
import type { Doing } from "./command-log.ts";
import { type InjectAction, injectWords } from "./injecting.ts";
import { commandsFor } from "./resolving.ts";
import { shellWord } from "./shell-word.ts";

/** A longer command is not shown whole in the log. */
const SHOWN_MAX = 400;

type Ports = Pick<ActionPorts, "cluster" | "addressOf" | "tokenFile">;

/** What an action is called, and what does the same from a shell. */
export function describeAction(ports: Ports, action: Action): Doing {
  const text = actionWords(action);
  if (action.type === "hold" || action.type === "release") return { text, commands: [], whyNone: NO_HOLD };
  return { text, commands: shellCommands(ports, action) };
}

/** What an action is called: `arm vote-no in ledger`. */
export function actionWords(action: Action): string {
  switch (action.type) {
    case "order":
      return `order: ${action.label}`;
    case "burst":
      return `burst: ${counted(action.orders.length, "order")}`;
    case "fault":
      return `${action.count === 0 ? "disarm" : "arm"} ${action.fault} in ${action.node}`;
    case "kill":
      return `kill ${action.node}`;
    case "restart":
      return `restart ${action.node}`;
    case "reset":
      return "delete what the cluster keeps, and start it anew";
    case "resolve":
      return `settle ${action.name}: ${action.choice}`;
    case "resolve-many":
      return `settle ${counted(action.each.length, "transaction")}: ${action.choice}`;
    default:
      return injectWords(action);
  }
}

function shellCommands(
  ports: Ports,
  action: Exclude<Action, { type: "hold" | "release" }>,
): readonly string[] {
  switch (action.type) {
    case "order":
      return [submitCommand(ports, [action.operations])];
    case "burst":
      return [submitCommand(ports, action.orders)];
    case "fault": {
      const { node, fault, count } = action;
      return [`2pc-console fault arm ${fault} --node ${node} --times ${count}${access(ports, node)}`];
    }
    case "kill": {
      const pid = ports.cluster?.processes().find(({ name }) => name === action.node)?.pid ?? null;
      return pid === null ? [] : [`kill -9 ${pid}`];
    }
    case "restart":
      return startCommand(ports, action.node);
    case "reset": {
      // The same at the next start, once this console is left.
      const dir = ports.cluster?.dir;
      return dir === undefined ? [] : [`2pc-console --data ${shellWord(dir)} --reset`];
    }
    case "resolve":
      return commandsFor(ports, action);
    case "resolve-many":
      return action.each.flatMap((each) => commandsFor(ports, each));
    default:
      return injectCommands(ports, action);
  }
}

const NO_HOLD =
  "a shell has no equivalent: messages are held for as long as the connection lasts of whoever holds them, and a command ends";

function injectCommands(
  ports: Ports,
  action: Exclude<InjectAction, { type: "hold" | "release" }>,
): readonly string[] {
  switch (action.type) {
    case "crash-point": {
      const { node, point, count } = action;
      return [`2pc-console fault arm ${point} --node ${node} --times ${count}${access(ports, node)}`];
    }
    case "cut": {
      const { node, peer, direction } = action;
      const way = direction === null || direction === "both" ? "" : ` --direction ${direction}`;
      return [
        `2pc-console fault ${direction === null ? "heal" : "cut"} ${node} ${peer}${way}${access(ports, null)}`,
      ];
    }
    case "pause":
    case "resume": {
      const pid = ports.cluster?.processes().find(({ name }) => name === action.node)?.pid ?? null;
      return pid === null ? [] : [`kill -${action.type === "pause" ? "STOP" : "CONT"} ${pid}`];
    }
    case "heal-all":
      return [`2pc-console fault clear${access(ports, null)}`];
  }
}

/** An action with its command, in one line for the log. */
export function doingLine({ text, commands }: Doing): string {
  const [first, ...others] = commands;
  if (first === undefined) return text;
  const more = others.length === 0 ? "" : `  and ${counted(others.length, "more command")}`;
  return `${text}  $ ${first.length > SHOWN_MAX ? `${first.slice(0, SHOWN_MAX)}…` : first}${more}`;
}

/** Orders as JSON lines, for `submit` makes up the request ids as the console does. */
function submitCommand(ports: Ports, orders: readonly (readonly Operation[])[]): string {
  const lines = orders.map((operations) => shellWord(JSON.stringify({ operations }))).join(" ");
  return `printf '%s\\n' ${lines} | 2pc-console submit -${access(ports, null)}`;
}

function startCommand(ports: Ports, node: NodeName): readonly string[] {
  const words = ports.cluster?.startCommand(node) ?? null;
  return words === null ? [] : [["2pc-console", ...words.map(shellWord)].join(" ")];
}

/** Where the cluster is and how a command is let in, as far as it would not find that by itself. */
export function access(ports: Pick<Ports, "addressOf" | "tokenFile">, node: NodeName | null): string {
  const address = ports.addressOf(node);
  const to = address === null ? "" : ` --to ${shellWord(address)}`;
  return ports.tokenFile === null ? to : `${to} --token-file ${shellWord(ports.tokenFile)}`;
}
