import { basename, resolve } from "node:path";
import type { ClusterHolder } from "../cluster/directory.ts";
import { printable } from "../codec/printable.ts";
import { type ConsoleOptions, runConsole } from "../console/run-console.tsx";
import type { Colors } from "../console/theme.ts";
import { shadeOfVariable, THEME_NAMES, type ThemeName } from "../console/theme-names.ts";
import { TpcError } from "../core/errors.ts";
import { stateDirectory } from "../drivers/state-directory.ts";
import { onEndSignals } from "./end-signals.ts";
import { readBindings } from "./keys-file.ts";
import { lateOperator } from "./late-operator.ts";
import { LOCAL_CAST, type LocalCluster, openLocalCluster } from "./local-cluster.ts";
import { watchLocal } from "./local-watcher.ts";
import { addressesFrom, addressesOf } from "./node-addresses.ts";
import type { TraceFile } from "./trace-file.ts";
import { userName } from "./user-name.ts";

/** How the console shall look; the terminal's own ways where absent. */
export interface LookOptions {
  readonly theme?: ThemeName;
  /** A file of keys. */
  readonly keys?: string;
  readonly screenReader?: boolean;
}

export interface LocalConsoleOptions extends LookOptions {
  readonly data?: string;
  readonly fresh?: boolean;
  readonly reset?: boolean;
  readonly readOnly?: boolean;
  readonly trace?: string;
}

export interface AttachOptions extends LookOptions {
  readonly tokenFile?: string;
  readonly readOnly?: boolean;
  readonly trace?: string;
}

/** Starts a local cluster and shows the console on it; ends the cluster with the console. */
export async function runLocalConsole(options: LocalConsoleOptions): Promise<number> {
  const look = terminal(options);
  if (options.fresh && options.data !== undefined) {
    throw new TpcError("TPC_USAGE", "--data and --fresh exclude each other");
  }
  const dir = options.fresh ? null : (options.data ?? stateDirectory());
  if (options.reset) {
    if (dir === null) throw new TpcError("TPC_USAGE", "--reset and --fresh exclude each other");
    const { resetState } = await import("./reset-command.ts");
    if (!(await resetState(dir))) return 0;
  }
  const name = options.fresh
    ? "fresh"
    : options.data === undefined
      ? "local"
      : basename(resolve(options.data));
  // Before anything is started: a file that cannot be written is told at once.
  const trace = await traceOf(options, name);
  const claim = await openLocalCluster(dir);
  if (!claim.held) return showLocal(claim.local, name, trace, { ...look, ...own(options, claim.local) });
  trace?.close();
  return offerToAttach(claim.dir, claim.holder, options);
}

async function showLocal(
  local: LocalCluster,
  clusterName: string,
  trace: TraceFile | null,
  shown: Look & Pick<ConsoleOptions, "readOnly" | "tokenFile">,
): Promise<number> {
  const { cluster, token } = local;
  // A recording is to be whole.
  const watcher = watchLocal(cluster, token, trace === null);
  const urls = addressesOf(cluster);
  const operator = lateOperator(async () => {
    const { createOperator } = await import("../client/operator.ts");
    return createOperator({ urls, coordinator: LOCAL_CAST.coordinator, token });
  });
  if (trace !== null) watcher.subscribe(trace.write);
  const close = async (): Promise<void> => {
    operator.close();
    watcher.close();
    await local.close();
    trace?.close();
  };
  const stopListening = onEndSignals(close);
  try {
    await runConsole({
      watcher,
      operator,
      cluster,
      crashPoints,
      recorder: trace,
      clusterName,
      userName: userName(),
      ...shown,
    });
    return 0;
  } finally {
    await close();
    stopListening();
    trace?.onEnd(printProblem);
  }
}

/** Shows the console on a running cluster, whose processes it leaves alone. */
export async function attachConsole(url: string, options: AttachOptions): Promise<number> {
  const look = terminal(options);
  const [{ createOperator }, { watchCluster }, { findClusterToken, nameOfKind, openClients }] =
    await Promise.all([
      import("../client/operator.ts"),
      import("../client/watcher.ts"),
      import("./open-client.ts"),
    ]);
  const trace = await traceOf(options, new URL(url).host);
  const token = await findClusterToken({ to: url, ...options });
  const clients = await openClients({ to: url, tokenFile: options.tokenFile });
  clients.closeAll();
  const coordinator = nameOfKind(clients.view, "coordinator", undefined);
  const watcher = watchCluster({ urls: [url], token, sampling: trace === null });
  const operator = createOperator({ urls: addressesFrom(clients.view, watcher), coordinator, token });
  if (trace !== null) watcher.subscribe(trace.write);
  const close = async (): Promise<void> => {
    operator.close();
    watcher.close();
    trace?.close();
  };
  const stopListening = onEndSignals(close);
  try {
    const shown = {
      clusterName: new URL(url).host,
      readOnly: options.readOnly ?? false,
      tokenFile: options.tokenFile === undefined ? null : resolve(options.tokenFile),
      recorder: trace,
    };
    await runConsole({
      watcher,
      operator,
      cluster: null,
      crashPoints,
      userName: userName(),
      ...shown,
      ...look,
    });
    return 0;
  } finally {
    await close();
    stopListening();
    trace?.onEnd(printProblem);
  }
}

async function traceOf({ trace }: { readonly trace?: string }, name: string): Promise<TraceFile | null> {
  if (trace === undefined) return null;
  const { openTrace } = await import("./trace-file.ts");
  return openTrace(trace, name);
}

async function crashPoints(): Promise<readonly string[]> {
  const { LOOP_POINTS } = await import("../runtime/crash-points.ts");
  return LOOP_POINTS;
}

/** What was told in the console is told again where it stays. */
function printProblem(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

async function offerToAttach(
  dir: string,
  { pid, url }: ClusterHolder,
  { theme, keys, trace, readOnly, screenReader }: LocalConsoleOptions,
): Promise<number> {
  if (url === null)
    throw new TpcError("TPC_DIR_LOCKED", `${dir} is in use by process ${pid}, which is starting`);
  const { ask } = await import("./ask.ts");
  const answer = await ask(`${dir} is in use by process ${pid}. Attach to its cluster at ${url}? [Y/n] `);
  if (answer === null || /^n/i.test(answer)) return 0;
  const shown = {
    ...(theme === undefined ? {} : { theme }),
    ...(keys === undefined ? {} : { keys }),
    ...(trace === undefined ? {} : { trace }),
    ...(screenReader === undefined ? {} : { screenReader }),
  };
  return attachConsole(url, { ...shown, readOnly: readOnly ?? false, tokenFile: `${dir}/token` });
}

/** What only a console on its own cluster is told. Commands look in the state directory for the token by themselves. */
function own(
  { fresh, data, readOnly }: LocalConsoleOptions,
  { tokenFile }: LocalCluster,
): Pick<ConsoleOptions, "readOnly" | "tokenFile"> {
  return { readOnly: readOnly ?? false, tokenFile: fresh || data !== undefined ? tokenFile : null };
}

type Look = Pick<
  ConsoleOptions,
  "stdin" | "stdout" | "colors" | "theme" | "background" | "screenReader" | "inTmux" | "bindings"
>;

/** The terminal, and how the console looks on it. Throws where there is none. */
export function terminal({ theme, keys, screenReader }: LookOptions, isReplay = false): Look {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new TpcError("TPC_NO_TERMINAL", "the console needs a terminal on standard input and output");
  }
  const { TPC_THEME, COLORFGBG, TMUX, INK_SCREEN_READER } = process.env;
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    colors: colorsOf(process.stdout),
    theme: theme ?? themeOfVariable(TPC_THEME) ?? null,
    background: shadeOfVariable(COLORFGBG),
    screenReader: screenReader ?? INK_SCREEN_READER === "true",
    inTmux: Boolean(TMUX),
    bindings: readBindings(keys, isReplay),
  };
}

function themeOfVariable(text: string | undefined): ThemeName | undefined {
  if (text === undefined || text === "") return undefined;
  const name = THEME_NAMES.find((each) => each === text);
  if (name !== undefined) return name;
  throw new TpcError(
    "TPC_USAGE",
    `TPC_THEME is ${JSON.stringify(text)}; it should be one of ${THEME_NAMES.join(", ")}`,
  );
}

/** What Node has found out of `NO_COLOR`, `FORCE_COLOR` and `TERM`, which the launcher has put in order. */
function colorsOf(stdout: NodeJS.WriteStream): Colors {
  const depth = stdout.getColorDepth();
  if (process.env.NO_COLOR || depth === 1) return "none";
  return depth === 4 ? "16" : "256";
}
