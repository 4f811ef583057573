import { hash } from "node:crypto";
import { Socket } from "node:net";
import { SUPERVISOR_FD } from "../cluster/node-process.ts";
import { printable } from "../codec/printable.ts";
import { errorLine, TpcError } from "../core/errors.ts";
import { createClock } from "../drivers/clock.ts";
import { type DataDirectory, openDataDirectory } from "../drivers/data-directory.ts";
import { type FileLogOptions, openFileLog } from "../drivers/file-log.ts";
import { fitGarbageCollector } from "../drivers/garbage.ts";
import { createMeter } from "../drivers/meter.ts";
import { diskBytesOf } from "../drivers/node-files.ts";
import { createRandom } from "../drivers/random.ts";
import { readAccounts, readInventory } from "../drivers/seed-file.ts";
import { findOrMakeToken, type TokenPlace } from "../drivers/token.ts";
import { startWire, type Wire } from "../drivers/wire/wire.ts";
import { createLedger } from "../resources/ledger.ts";
import { SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../resources/sample.ts";
import { createWarehouse } from "../resources/warehouse.ts";
import { type CrashPoint, watchPoints } from "../runtime/crash-points.ts";
import { createFaults } from "../runtime/faults.ts";
import { createNode, makeNodeTables, type Node } from "../runtime/node.ts";
import type { Log, Resource } from "../runtime/ports.ts";
import { createRecovery } from "../runtime/recover.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind } from "../schema/views.ts";

export interface ServeOptions {
  readonly kind: NodeKind;
  readonly name: NodeName;
  readonly listenHost: string;
  /** 0 picks a free one. */
  readonly listenPort: number;
  readonly dataDir: string;
  readonly token: TokenPlace;
  readonly coordinatorUrls: readonly string[];
  /** Starting stock or accounts; read only into a new directory. */
  readonly inventoryPath: string | null;
  readonly accountsPath: string | null;
  readonly faultInjection: boolean;
  /** Holds its messages until the client comes that wants that, or for a moment; only with fault injection. */
  readonly startsHeld: boolean;
  /** Ends the process with SIGKILL at a named point; only with fault injection. */
  readonly crashAt: CrashPoint | null;
  /** Sizes in bytes in place of the log's own, for tests. */
  readonly segmentBytesMax?: number | undefined;
  readonly checkpointBytes?: number | undefined;
  readonly spaceReserveBytes?: number | undefined;
  /** A supervisor holds the other end of file descriptor 3: when it closes, the node ends. */
  readonly supervised: boolean;
}

/** How long a node that is told to end waits for what is unfinished. */
const DRAIN_MS = 1_500;
const DRAIN_POLL_MS = 20;

/**
 * Runs one node in this process: opens its directory, recovers, listens, prints one JSON line when it is ready, and
 * serves until SIGTERM or SIGINT. Rejects with a TpcError while starting; afterwards a failing disk ends the process.
 */
export async function serveNode(options: ServeOptions): Promise<void> {
  fitGarbageCollector();
  const clock = createClock();
  const random = createRandom();
  const report = (text: string) => {
    process.stderr.write(`${new Date(clock.wallMs()).toISOString()} ${options.name} ${printable(text)}\n`);
  };
  const directory = openDataDirectory(options.dataDir, { name: options.name, kind: options.kind });
  const { token } = await findOrMakeToken(options.token);
  let node: Node | null = null;
  const crash = () => process.kill(process.pid, "SIGKILL");
  const reach = options.crashAt ? watchPoints(options.crashAt, crash) : null;
  const { segmentBytesMax, checkpointBytes, spaceReserveBytes } = options;
  const meter = createMeter();
  const { storeId } = directory;
  const tables = makeNodeTables({ name: options.name, storeId }, options.kind !== "coordinator");
  let isNew = true;
  let resource: Resource | null = null;
  const settings: FileLogOptions = {
    diskBytes: await diskBytesOf(directory.path),
    files: meter.files,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
    ...(checkpointBytes === undefined ? {} : { checkpointBytes }),
    ...(spaceReserveBytes === undefined ? {} : { spaceReserveBytes }),
    ...(reach ? { reach } : {}),
    clock,
    warn: report,
    onFatal(error) {
      // Nobody is answered any more; a restart finds out what is on disk.
      node?.halt();
      report(errorLine(error));
      process.exit(error.exitCode);
    },
  };
  const recovery = createRecovery(tables.state);
  const { log, recovered } = await openFileLog(directory, settings, {
    async begin(checkpoint) {
      isNew = checkpoint === null;
      resource = await openResource(options, isNew, report);
      recovery.begin(resource, checkpoint);
    },
    record: recovery.takeRecord,
  });
  recovery.finish(recovered);
  const known = directory.readPeers();
  const served = createNode({
    name: options.name,
    kind: options.kind,
    storeId,
    pid: process.pid,
    clock,
    random,
    log: meter.log(log),
    recovered,
    tables,
    resource,
    digest: (text) => hash("sha256", text, "base64url"),
    faults: options.faultInjection ? createFaults(crash) : null,
    reach,
    startsHeld: options.startsHeld,
    knownNodes: known,
    keepNodes: (nodes) => directory.writePeers(nodes),
    figures: meter.figures,
    report,
  });
  node = served;
  // A new participant's stock is on disk before it can be sold.
  if (isNew && resource) await served.checkpoint();
  const { name, kind, listenHost: host, listenPort: port } = options;
  const nodeId = served.view().nodeId;
  const wire = await startWire({
    self: { name, kind, nodeId, storeId, epoch: recovered.epoch },
    host,
    port,
    token,
    allowRemote: options.token.tokenFile !== undefined,
    clock,
    random,
    onProblem: report,
    onSent: meter.sent,
  }).catch((error: unknown) => {
    throw options.supervised ? portLost(error) : error;
  });
  served.start(wire);
  wire.serve(served.handlers);
  for (const url of options.coordinatorUrls) wire.dial(url);
  report(`run ${recovered.epoch} at ${wire.url}; log: ${recovered.summary}`);
  endOnSignals(() => shutDown(served, wire, log, directory), options.supervised);
  process.stdout.write(`${JSON.stringify({ url: wire.url, pid: process.pid, name, role: kind })}\n`);
}

/** Nobody chose the address of a supervised node: it listens again where its peers know it. */
function portLost(error: unknown): unknown {
  const isTaken = error instanceof TpcError && error.code === "TPC_PORT_TAKEN";
  return isTaken ? new TpcError("TPC_PORT_LOST", error.message, { cause: error }) : error;
}

async function openResource(
  options: ServeOptions,
  isNew: boolean,
  report: (text: string) => void,
): Promise<Resource | null> {
  const given = options.kind === "warehouse" ? options.inventoryPath : options.accountsPath;
  if (options.kind === "coordinator") return null;
  if (!isNew && given) report(`keeps what it has; ${given} is read only into a new directory`);
  if (options.kind === "warehouse") {
    return createWarehouse(isNew && given ? await readInventory(given) : SAMPLE_ITEMS);
  }
  return createLedger(isNew && given ? await readAccounts(given) : SAMPLE_ACCOUNTS);
}

function endOnSignals(shut: () => Promise<void>, supervised: boolean): void {
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    shut().then(
      () => process.exit(0),
      (error) => {
        const known = error instanceof TpcError ? error : new TpcError("TPC_INTERNAL", String(error));
        process.stderr.write(`${printable(errorLine(known))}\n`);
        process.exit(known.exitCode);
      },
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  // The terminal is gone: without a supervisor nobody would end this node otherwise.
  process.on("SIGHUP", end);
  if (!supervised) return;
  // A socket, not a file stream: a read that blocks in the thread pool would keep the process from ending.
  const pipe = new Socket({ fd: SUPERVISOR_FD, readable: true, writable: false });
  pipe.on("error", () => process.exit(0));
  pipe.on("close", () => process.exit(0));
  pipe.resume();
}

/** Takes no new work, lets what is under way finish for a moment, and leaves a log that ends cleanly. */
async function shutDown(node: Node, wire: Wire, log: Log, directory: DataDirectory): Promise<void> {
  node.drain();
  const untilMs = performance.now() + DRAIN_MS;
  while (node.unfinished() > 0 && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
  await wire.close();
  node.halt();
  await log.close();
  directory.close();
}
