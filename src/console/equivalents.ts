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
  switch (action.type) {
    case "order":
      return { text: `order: ${action.label}`, commands: [submitCommand(ports, [action.operations])] };
    case "burst": {
      const text = `burst: ${counted(action.orders.length, "order")}`;
      return { text, commands: [submitCommand(ports, action.orders)] };
    }
    case "fault": {
      const { node, fault, count } = action;
      const words = `${fault} --node ${node} --times ${count}${access(ports, node)}`;
      return {
        text: `${count === 0 ? "disarm" : "arm"} ${fault} in ${node}`,
        commands: [`2pc-console fault arm ${words}`],
      };
    }
    case "kill": {
      const pid = ports.cluster?.processes().find(({ name }) => name === action.node)?.pid ?? null;
      return { text: `kill ${action.node}`, commands: pid === null ? [] : [`kill -9 ${pid}`] };
    }
    case "restart":
      return { text: `restart ${action.node}`, commands: startCommand(ports, action.node) };
    case "reset": {
      // The same at the next start, once this console is left.
      const dir = ports.cluster?.dir;
      const commands = dir === undefined ? [] : [`2pc-console --data ${shellWord(dir)} --reset`];
      return { text: "delete what the cluster keeps, and start it anew", commands };
    }
    case "resolve":
      return { text: `settle ${action.name}: ${action.choice}`, commands: commandsFor(ports, action) };
    case "resolve-many": {
      const commands = action.each.flatMap((each) => commandsFor(ports, each));
      return { text: `settle ${counted(action.each.length, "transaction")}: ${action.choice}`, commands };
    }
    case "hold":
    case "release":
      return { text: injectWords(action), commands: [], whyNone: NO_HOLD };
    default:
      return { text: injectWords(action), commands: injectCommands(ports, action) };
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
