import { counted } from "../observe/figures.ts";
import type { Operator, ResolveRequest } from "../observe/ports.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Resolution } from "../schema/session.ts";
import { CHOICE_REQUESTS, type ResolveChoice } from "./dialogs/resolve-form.ts";
import { access } from "./equivalents.ts";
import { shellWord } from "./shell-word.ts";
import type { Flash } from "./ui.ts";

/** A transaction settled by hand, at some or all of its nodes. */
export interface ResolveAction {
  readonly type: "resolve";
  readonly transactionId: TransactionId;
  readonly name: string;
  readonly choice: ResolveChoice;
  readonly reason: string;
  readonly nodes: readonly NodeName[];
  /** No other node would do it, so that a command need not name these. */
  readonly isWhole: boolean;
}

/** Several transactions settled by hand, with one choice. */
export interface ResolveManyAction {
  readonly type: "resolve-many";
  readonly choice: ResolveChoice;
  readonly each: readonly ResolveAction[];
}

interface ResolvePorts {
  readonly operator: Operator;
  readonly userName: string;
  note(text: string): void;
}

/** What a node would do; one that cannot be asked would do nothing. */
export async function previewResolve(
  { operator, userName }: Pick<ResolvePorts, "operator" | "userName">,
  node: NodeName,
  request: Omit<ResolveRequest, "by" | "reason" | "preview">,
): Promise<Resolution> {
  try {
    return await operator.resolve(node, { ...request, by: userName, reason: "preview", preview: true });
  } catch (error) {
    return failed(request.transactionId, node, `cannot be asked: ${words(error)}`);
  }
}

/** Tells every node, notes each node's answer, and says in a line how it went. */
export async function resolveByHand(ports: ResolvePorts, action: ResolveAction): Promise<Flash> {
  const { name, choice, nodes } = action;
  const answers = await Promise.all(nodes.map((node) => tell(ports, node, action)));
  for (const { node, accepted, text } of answers) {
    ports.note(`${name} ${choice} at ${node}: ${accepted ? "done" : `not done: ${text}`}`);
  }
  const done = answers.filter((answer) => answer.accepted).map((answer) => answer.node);
  const refused = answers.filter((answer) => !answer.accepted);
  const first = refused[0] === undefined ? "" : `; ${refused[0].node} not: ${refused[0].text}`;
  if (done.length === 0) return { text: `${name} is not settled${first}`, tone: "bad" };
  const what = choice === "hazard" ? "forgotten, hazard recorded" : PAST[choice];
  return { text: `${name} ${what} by hand at ${done.join(" and ")}${first}`, tone: "warn" };
}

/** Transactions that are told to their nodes together. */
const TOGETHER_MAX = 4;

/** Settles one after another, each with a row of its own in the command log, and sums up how it went. */
export async function resolveMany(
  ports: ResolvePorts,
  { choice, each }: ResolveManyAction,
  begin: (action: ResolveAction) => (ended: Flash) => void,
): Promise<Flash> {
  const rest = [...each];
  const failed: Flash[] = [];
  const goOn = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const end = begin(next);
      const ended = await resolveByHand(ports, next);
      end(ended);
      if (ended.tone === "bad") failed.push(ended);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER_MAX }, goOn));
  const done = each.length - failed.length;
  const first = failed[0] === undefined ? "" : `; ${failed[0].text}`;
  const text = `${choice} by hand: ${done} of ${counted(each.length, "transaction")} settled; @ lists each${first}`;
  return { text, tone: failed.length > 0 ? "bad" : "warn" };
}

const PAST = { commit: "committed", abort: "aborted", forget: "taken note of" } as const;

async function tell(ports: ResolvePorts, node: NodeName, action: ResolveAction): Promise<Resolution> {
  const { transactionId, choice, reason } = action;
  const request = { transactionId, ...CHOICE_REQUESTS[choice], reason, by: ports.userName, preview: false };
  try {
    return await ports.operator.resolve(node, request);
  } catch (error) {
    return failed(transactionId, node, words(error));
  }
}

/** The same from a shell: one line, or one a node where not all are meant. */
export function commandsFor(
  ports: { addressOf(node: NodeName | null): string | null; readonly tokenFile: string | null },
  action: ResolveAction,
): readonly string[] {
  const { transactionId, choice, reason, nodes, isWhole } = action;
  const { action: word, acceptHazard } = CHOICE_REQUESTS[choice];
  const reached = nodes.find((node) => ports.addressOf(node) !== null) ?? null;
  const hazard = acceptHazard ? " --hazard" : "";
  const words = `${transactionId} ${word} --reason ${shellWord(reason)}${hazard}`;
  const command = `2pc-console resolve ${words}${access(ports, reached)}`;
  return isWhole ? [command] : nodes.map((node) => `${command} --node ${node}`);
}

function failed(transactionId: TransactionId, node: NodeName, text: string): Resolution {
  return { transactionId, node, accepted: false, text, mayBreakAtomicity: false };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
