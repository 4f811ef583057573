import { randomUUID } from "node:crypto";
import { connect } from "../client/connect.ts";
import { createOperator } from "../client/operator.ts";
import { type ClusterWatcher, watchCluster } from "../client/watcher.ts";
import { printable, printableJsonText } from "../codec/printable.ts";
import { type Conformance, createMonitor } from "../conform/monitor.ts";
import { judgementText, violationLine } from "../conform/words.ts";
import { TpcError } from "../core/errors.ts";
import { createClock } from "../drivers/clock.ts";
import type { Cast, HeadlessClock, HeadlessPorts, Judgement } from "../headless/ports.ts";
import type { RunEvent } from "../headless/report.ts";
import { jsonDocument, jsonLine } from "../headless/reporters/json-lines.ts";
import { junitXml } from "../headless/reporters/junit.ts";
import { lineReporter } from "../headless/reporters/lines.ts";
import { runScenarios } from "../headless/run.ts";
import type { Scenario } from "../headless/scenario.ts";
import { findScenarios, SCENARIOS } from "../headless/scenarios/catalog.ts";
import type { NodeName } from "../schema/ids.ts";
import { type ClosableQuery, createQuery } from "./cluster-query.ts";
import { onEndSignals } from "./end-signals.ts";
import { type Recording, type RecordingParts, recordEvents } from "./event-recording.ts";
import { exitLines } from "./exit-lines.ts";
import { claimLocalCluster, LOCAL_CAST, type LocalCluster } from "./local-cluster.ts";
import { watchLocal } from "./local-watcher.ts";
import { addressesFrom, addressesOf, type NodeAddresses } from "./node-addresses.ts";
import { findClusterToken, nameOfKind } from "./open-client.ts";
import { openOutput } from "./output-file.ts";
import { textTable } from "./table.ts";
import { openTrace, type TraceFile } from "./trace-file.ts";

export interface RunOptions {
  readonly list?: boolean;
  readonly data?: string;
  readonly attach?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly junit?: string;
  readonly trace?: string;
}

/** A cluster to play on, however it was come by. */
interface Theatre {
  readonly urls: NodeAddresses;
  readonly token: string;
  readonly cast: Cast;
  readonly local: LocalCluster | null;
  close(): Promise<void>;
}

/** Plays scenarios without a screen. Returns 0 when every expectation held, 1 when one failed. */
export async function runHeadless(names: readonly string[], options: RunOptions): Promise<number> {
  if (options.list) return listScenarios(options.json ?? false);
  const scenarios = findScenarios(names);
  refuseImpossible(scenarios, options);
  const junit = options.junit === undefined ? null : openOutput(options.junit);
  const trace = options.trace === undefined ? null : openRunTrace(options.trace, scenarios);
  const theatre =
    options.attach === undefined
      ? await openLocal(options.data)
      : await openAttached(options.attach, options);
  const stopListening = onEndSignals(() => theatre.close());
  const query = createQuery(theatre.urls, theatre.token);
  const operator = createOperator({
    urls: theatre.urls,
    coordinator: theatre.cast.coordinator,
    token: theatre.token,
  });
  theatre.local?.cluster.onChange(exitLines((line) => process.stderr.write(`${printable(line)}\n`)));
  try {
    await theatre.local?.cluster.ready();
    const jsonLines = options.jsonl ? printLine : null;
    const monitor = createMonitor();
    const recording = await startRecording(theatre, { query, jsonLines, trace, monitor });
    const durationsMs: number[] = [];
    const tell = teller(options, durationsMs, trace);
    const judge = async () => {
      await recording.catchUp();
      return judgementOf(monitor.result());
    };
    const report = await runScenarios(scenarios, portsOf(theatre, operator, query, judge), tell);
    await recording.finish();
    junit?.write(junitXml(report, durationsMs));
    if (options.json) printLine(jsonDocument(report));
    return report.ok ? 0 : 1;
  } finally {
    operator.close();
    query.close();
    await theatre.close();
    stopListening();
    junit?.close();
    trace?.close();
  }
}

function listScenarios(json: boolean): number {
  const rows = SCENARIOS.map(({ name, description }) => ({ name, description }));
  const columns = [
    { title: "SCENARIO", align: "left", cell: (row: Pick<Scenario, "name" | "description">) => row.name },
    {
      title: "WHAT HAPPENS",
      align: "left",
      cell: (row: Pick<Scenario, "name" | "description">) => row.description,
    },
  ] as const;
  printLine(json ? JSON.stringify(rows, null, 2) : textTable(columns, rows, "none"));
  return 0;
}

function refuseImpossible(scenarios: readonly Scenario[], options: RunOptions): void {
  if (options.attach === undefined) return;
  if (options.data !== undefined) throw new TpcError("TPC_USAGE", "--data and --attach exclude each other");
  const impossible = scenarios.filter((scenario) => scenario.needsProcesses).map((scenario) => scenario.name);
  if (impossible.length === 0) return;
  throw new TpcError(
    "TPC_USAGE",
    `${impossible.join(", ")}: restarts processes, so it cannot run with --attach`,
  );
}

async function openLocal(data: string | undefined): Promise<Theatre> {
  const local = await claimLocalCluster(data ?? null);
  return {
    urls: addressesOf(local.cluster),
    token: local.token,
    cast: LOCAL_CAST,
    local,
    close: () => local.close(),
  };
}

async function openAttached(url: string, options: RunOptions): Promise<Theatre> {
  const token = await findClusterToken({ to: url, ...options });
  const client = await connect(url, { token });
  const view = await client.nodeView();
  client.close();
  return {
    urls: addressesFrom(view, null),
    token,
    cast: {
      coordinator: nameOfKind(view, "coordinator", undefined),
      warehouse: nameOfKind(view, "warehouse", undefined),
      ledger: nameOfKind(view, "ledger", undefined),
    },
    local: null,
    close: async () => {},
  };
}

function portsOf(
  theatre: Theatre,
  operator: HeadlessPorts["operator"],
  query: ClosableQuery,
  judge: HeadlessPorts["judge"],
): HeadlessPorts {
  return {
    judge,
    operator,
    query,
    cluster: theatre.local?.cluster ?? null,
    clock: headlessClock(),
    cast: theatre.cast,
    newRequestId: () => `run-${randomUUID()}`,
  };
}

function headlessClock(): HeadlessClock {
  const clock = createClock();
  return {
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    pause: (delayMs) => new Promise((resolve) => void clock.schedule(delayMs, resolve)),
  };
}

async function startRecording(
  theatre: Theatre,
  parts: Omit<RecordingParts, "watcher" | "names">,
): Promise<Recording> {
  const names: readonly NodeName[] = [theatre.cast.coordinator, theatre.cast.warehouse, theatre.cast.ledger];
  const first = theatre.urls.get(theatre.cast.coordinator);
  const watcher: ClusterWatcher =
    theatre.local === null
      ? watchCluster({ urls: first === undefined ? [] : [first], token: theatre.token })
      : watchLocal(theatre.local.cluster, theatre.token);
  return recordEvents({ ...parts, watcher, names });
}

function judgementOf(result: Conformance): Judgement {
  const { violation } = result;
  return { ok: violation === null, detail: violation ? violationLine(violation) : judgementText(result) };
}

/** Lines for people on standard output, or on standard error where that belongs to a document. */
function teller(
  options: RunOptions,
  durationsMs: number[],
  trace: TraceFile | null,
): (event: RunEvent) => void {
  const isForPeople = options.json !== true && options.jsonl !== true;
  const lines = lineReporter(
    (line) => void (isForPeople ? process.stdout : process.stderr).write(`${line}\n`),
  );
  return (event) => {
    if (event.type === "scenario-ended") durationsMs.push(event.durationMs);
    lines(event);
    if (event.type === "scenario-started") trace?.note(`${event.scenario}: ${event.description}`);
    if (event.type === "step") trace?.note(event.text);
    if (options.jsonl) printLine(jsonLine(event));
  };
}

function openRunTrace(path: string, scenarios: readonly Scenario[]): TraceFile {
  const name = scenarios.length === 1 ? (scenarios[0]?.name ?? "") : `${scenarios.length} scenarios`;
  const trace = openTrace(path, name);
  trace.onEnd((line) => process.stderr.write(`${printable(line)}\n`));
  return trace;
}

function printLine(line: string): void {
  process.stdout.write(`${printableJsonText(line)}\n`);
}
