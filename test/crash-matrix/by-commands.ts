import type { LogInspection } from "../../src/drivers/log-inspect.ts";
import type { Holdings } from "../../src/headless/conservation.ts";
import type { AccountView, ItemView, NodeView, TransactionView } from "../../src/schema/views.ts";
import type { Home } from "../e2e/program.ts";
import type { Asked } from "./verdict.ts";

/** A cluster that is at rest, as somebody at a shell sees it. */
export interface Sight {
  readonly nodes: readonly { readonly name: string; readonly up: boolean; readonly view: NodeView | null }[];
  /** By node. */
  readonly transactions: Readonly<Record<string, readonly TransactionView[]>>;
  readonly logs: Readonly<Record<string, LogInspection>>;
  readonly holdings: Holdings;
  /** What `submit` said when committed orders were sent again, in their order. */
  readonly again: readonly { readonly transactionId: string; readonly outcome: string }[];
}

export interface Shell {
  readonly home: Home;
  readonly tokenFile: string;
  /** The URL and the directory of each node, by name. */
  readonly places: Readonly<Record<string, { readonly url: string; readonly dir: string }>>;
}

const AGAIN_MAX = 20;

/** Looks at everything by `status`, `tx list`, `inventory`, `ledger` and `log inspect`, after sending orders again by `submit`. */
export async function lookByCommands(shell: Shell, asked: readonly Asked[]): Promise<Sight> {
  const again = await submitAgain(shell, asked);
  const names = Object.keys(shell.places);
  const [status, items, accounts, ...ofNodes] = await Promise.all([
    query<Pick<Sight, "nodes">>(shell, "coordinator", ["status"]),
    query<readonly ItemNumbers[]>(shell, "coordinator", ["inventory"]),
    query<readonly AccountView[]>(shell, "coordinator", ["ledger"]),
    ...names.map((name) =>
      Promise.all([
        query<readonly TransactionView[]>(shell, name, ["tx", "list", "--limit", "1000"]),
        run<LogInspection>(shell, ["log", "inspect", shell.places[name]?.dir ?? "", "--json"]),
      ]),
    ),
  ]);
  const byName = <Value>(pick: (index: number) => Value | undefined) =>
    Object.fromEntries(
      names.flatMap((name, index) => {
        const value = pick(index);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  return {
    nodes: status.nodes,
    transactions: byName((index) => ofNodes[index]?.[0]),
    logs: byName((index) => ofNodes[index]?.[1]),
    holdings: { items: items.map(withStrings), accounts },
    again,
  };
}

/** `inventory --json` prints quantities as numbers. */
type ItemNumbers = Omit<ItemView, "onHand" | "reserved" | "available"> & {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
};

function withStrings(item: ItemNumbers): ItemView {
  const { onHand, reserved, available } = item;
  return { ...item, onHand: String(onHand), reserved: String(reserved), available: String(available) };
}

/** The newest orders once more, at another node than the first time. */
async function submitAgain(shell: Shell, asked: readonly Asked[]): Promise<Sight["again"]> {
  if (asked.length === 0) return [];
  const lines = asked
    .slice(-AGAIN_MAX)
    .map(({ requestId, operations }) => JSON.stringify({ requestId, operations }));
  const { stdout, stderr } = await shell.home.run(["submit", "-", ...access(shell, "warehouse")], {
    input: lines.join("\n"),
  });
  const answers = stdout.split("\n").filter((line) => line !== "");
  if (answers.length !== lines.length) throw new Error(`submit: ${stdout}${stderr}`);
  return answers.map((line) => JSON.parse(line));
}

function query<Answer>(shell: Shell, node: string, words: readonly string[]): Promise<Answer> {
  return run(shell, [...words, "--json", ...access(shell, node)]);
}

function access({ places, tokenFile }: Shell, node: string): string[] {
  return ["--to", places[node]?.url ?? "", "--token-file", tokenFile];
}

async function run<Answer>({ home }: Shell, words: readonly string[]): Promise<Answer> {
  const { status, stdout, stderr } = await home.run(words);
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
