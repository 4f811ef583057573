import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { openLog } from "../../log/open-log.ts";
import { LOG_POINTS, type LogPoint } from "../../log/points.ts";
import { LOOP_POINTS, type LoopPoint, watchPoints } from "../../runtime/crash-points.ts";
import { createFaults, type Faults } from "../../runtime/faults.ts";
import { createNode, type Node, type NodeWire } from "../../runtime/node.ts";
import type { Log } from "../../runtime/ports.ts";
import { FAULT_NAMES } from "../../schema/faults.ts";
import type { NodeId, NodeName, StoreId } from "../../schema/ids.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import type { NodeKind } from "../../schema/views.ts";
import type { Agenda } from "./agenda.ts";
import { type Chance, digestOf } from "./chance.ts";
import { createDisk, type Disk, HOME } from "./disk.ts";
import type { Knobs } from "./knobs.ts";
import type { SimulatedNetwork, Station } from "./network.ts";
import { createProcess, isExit, type Process } from "./process.ts";
import { openResource } from "./resources.ts";
import type { Run, Witness } from "./witness.ts";

/** A machine with one node: its disk, and the process that runs on it now. */
export interface Machine {
  readonly name: NodeName;
  readonly kind: NodeKind;
  /** The node that serves; null while it is down, starting, stopped or ending. */
  serving(): Node | null;
  isUp(): boolean;
  /** Runs something in the serving process; false where there is none. */
  ask(act: (node: Node) => void): boolean;
  start(): void;
  /** Ends the process, and with it the power where `losesPower`. It is started again after a while. */
  crash(losesPower: boolean): void;
  /** Ends the process as SIGTERM does. */
  shutDown(): void;
  stop(): void;
  goOn(): void;
  /** The disk is lost; the next start finds an empty one. */
  wipe(): void;
  jump(milliseconds: number): void;
  faults(): Faults | null;
  /** The run of the process there is; null before it has read its log. */
  run(): Run | null;
  disk(): Disk;
  /** Faults end: calls on the disk succeed, and nothing crashes by itself. */
  calm(): void;
}

export interface MachineParts {
  readonly name: NodeName;
  readonly kind: NodeKind;
  readonly knobs: Knobs;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly network: SimulatedNetwork;
  readonly witness: Witness;
  /** Whom it registers with. */
  readonly coordinatorUrls: readonly string[];
  /** Promises may have something to go on with. */
  readonly stir: () => void;
  /** Says what befell it. */
  readonly say: (text: string) => void;
  /** Its store is lost. */
  readonly onLost: () => void;
}

const RESTART_MS = [50, 5_000] as const;
const DRAIN_MS = 1_500;
const EVERY_POINT: readonly (LoopPoint | LogPoint)[] = [...LOOP_POINTS, ...LOG_POINTS];
/** A named point is reached this often before the process crashes there, at most. */
const POINT_COUNT_MAX = 6;

export function createMachine(parts: MachineParts): Machine {
  const { name, kind, knobs, agenda, network, witness, say } = parts;
  const chance = parts.chance.split(name);
  const chances = { disk: chance.split("disk"), runs: chance.split("runs") };
  let stores = 0;
  let storeId = newStoreId();
  let disk = createDisk(agenda, chances.disk, knobs.disk);
  let knownNodes: Directory["nodes"] = [];
  let wallOffsetMs = 0;
  let isCalm = false;
  let runs = 0;
  let current: Running | null = null;
  let isRestarting = false;

  interface Running {
    readonly process: Process;
    readonly faults: Faults;
    run: Run | null;
    node: Node | null;
    log: Log | null;
    station: Station | null;
    isEnding: boolean;
  }

  function newStoreId(): StoreId {
    stores += 1;
    return digestOf(`${name} ${stores}`).slice(0, 12) as StoreId;
  }

  const end = (running: Running, why: string, losesPower: boolean) => {
    if (running !== current) return;
    current = null;
    running.process.end();
    running.node?.halt();
    if (running.station) network.leave(running.station);
    if (losesPower) disk.losePower();
    else disk.loseProcess();
    say(`${name} ${why}`);
    if (running.run) witness.ended(running.run);
    restartLater();
  };

  const restartLater = () => {
    if (isRestarting) return;
    isRestarting = true;
    const [least, most] = RESTART_MS;
    agenda.after(chances.runs.between(least, isCalm ? least * 2 : most), () => {
      isRestarting = false;
      if (current === null) start();
    });
  };

  const crashNow = (running: Running) => {
    const losesPower = !isCalm && chances.runs.hit(knobs.powerLoss);
    end(running, losesPower ? "lost power" : "crashed", losesPower);
  };

  const start = () => {
    if (current !== null) return;
    runs += 1;
    const process = createProcess({
      agenda,
      onCrash: () => crashNow(running),
      onError: (error) => {
        if (isExit(error)) return end(running, `ended: ${error.message}`, false);
        witness.threw(name, error);
      },
    });
    const running: Running = {
      process,
      faults: createFaults(() => process.crash()),
      run: null,
      node: null,
      log: null,
      station: null,
      isEnding: false,
    };
    current = running;
    process.start(() => boot(running));
    parts.stir();
  };

  const boot = async (running: Running): Promise<void> => {
    const { process, faults } = running;
    const pid = runs;
    const store = storeId;
    const clock = process.clock(() => wallOffsetMs);
    const reach = drawPoint(process);
    const files = disk.filesFor({
      deliver: (act) =>
        process.deliver(() => {
          // Said when it happens: in a process that is stopped, that is when it goes on.
          parts.stir();
          act();
        }),
      failed: (call) => process.isAlive() && witness.diskFailed(name, pid, call),
    });
    const { log, recovered } = await openLog(
      { path: HOME, storeId: store },
      {
        ...knobs.log,
        spaceReserveBytes: knobs.every["low-space"] > 0 ? SPACE_RESERVE_BYTES : 0,
        files,
        clock,
        reach,
        warn: () => {},
        onFatal: (error) => {
          running.node?.halt();
          if (process.isAlive()) end(running, `ended: ${error.message}`, false);
        },
      },
    );
    const run: Run = { name, kind, storeId: store, epoch: recovered.epoch, pid, node: () => running.node };
    running.run = run;
    running.log = log;
    witness.recovered(run, recovered);
    const resource = openResource(kind);
    const node = createNode({
      name,
      kind,
      storeId: store,
      pid,
      clock,
      random: parts.chance.split(`${name} run ${pid}`),
      log: watchLog(log, run, process),
      recovered,
      resource,
      digest: digestOf,
      faults,
      reach,
      settings: {
        ...DEFAULT_SETTINGS,
        requestWindowMs: knobs.requestWindowMs,
        atOnceMax: knobs.atOnceMax,
      },
      knownNodes,
      keepNodes: (nodes) => {
        knownNodes = nodes;
      },
      report: () => {},
    });
    running.node = node;
    witness.restored(run, resource);
    if (recovered.checkpoint === null && resource) await node.checkpoint();
    serve(running, run, node);
  };

  const serve = (running: Running, run: Run, node: Node) => {
    const { process } = running;
    const { nodeId } = node.view();
    const station: Station = {
      hello: helloOf(run, nodeId),
      handlers: node.handlers,
      isAlive: process.isAlive,
      isRunning: process.isRunning,
      deliver: process.deliver,
    };
    running.station = station;
    const wire = network.join(station);
    node.start(watchWire(wire, run));
    for (const url of parts.coordinatorUrls) wire.dial(url);
    say(`${name} serves, run ${run.epoch}`);
    witness.serves(run, node);
  };

  const watchWire = (wire: NodeWire, run: Run): NodeWire => ({
    ...wire,
    network: {
      send(to, url, message) {
        witness.sent(run, to, message);
        wire.network.send(to, url, message);
      },
      flush: wire.network.flush,
    },
  });

  const watchLog = (log: Log, run: Run, process: Process): Log => ({
    ...log,
    append(record, force) {
      const seq = log.append(record, force);
      witness.appended(run, record, seq);
      return seq;
    },
    flush(isAwaited) {
      parts.stir();
      log.flush(isAwaited);
    },
    onForced: (listener) =>
      log.onForced((throughSeq) => {
        if (!process.isAlive()) return;
        witness.forced(run, throughSeq);
        process.deliver(() => listener(throughSeq));
      }),
    checkpoint(image, pages, throughSeq) {
      parts.stir();
      witness.checkpointed(run, image);
      return log.checkpoint(image, pages, throughSeq);
    },
  });

  /** Some processes crash at a named point, recovery's own among them. */
  const drawPoint = (process: Process): ((point: LoopPoint | LogPoint) => void) => {
    if (isCalm || !chances.runs.hit(knobs.crashPoint)) return () => {};
    const point = chances.runs.one(EVERY_POINT);
    const count = 1 + chances.runs.below(POINT_COUNT_MAX);
    return watchPoints({ point, count }, () => {
      if (!isCalm) process.crash();
    });
  };

  const shutDown = (running: Running) => {
    const { process, node, log, station } = running;
    if (node === null || log === null || station === null || running.isEnding) return;
    running.isEnding = true;
    process.deliver(() => node.drain());
    agenda.after(DRAIN_MS, () =>
      process.start(async () => {
        network.leave(station);
        node.halt();
        running.station = null;
        parts.stir();
        await log.close();
        end(running, "was shut down", false);
      }),
    );
  };

  return {
    name,
    kind,
    serving: () =>
      current?.station && current.process.isRunning() && !current.isEnding ? current.node : null,
    isUp: () => current !== null,
    ask(act) {
      const running = current;
      if (!running?.station || !running.node) return false;
      const { node } = running;
      running.process.deliver(() => act(node));
      return true;
    },
    start,
    crash(losesPower) {
      if (current) end(current, losesPower ? "lost power" : "crashed", losesPower);
      else if (losesPower) disk.losePower();
    },
    shutDown: () => current && shutDown(current),
    stop() {
      if (!current?.process.isRunning()) return;
      current.process.stop();
      if (current.station) network.freeze(current.station);
      say(`${name} is stopped`);
    },
    goOn() {
      if (!current || current.process.isRunning()) return;
      current.process.goOn();
      say(`${name} goes on`);
    },
    wipe() {
      parts.onLost();
      if (current) end(current, "lost its disk", true);
      else say(`${name} lost its disk`);
      disk = createDisk(agenda, chances.disk, knobs.disk);
      if (isCalm) disk.calm();
      storeId = newStoreId();
      knownNodes = [];
    },
    jump(milliseconds) {
      wallOffsetMs += milliseconds;
    },
    run: () => current?.run ?? null,
    faults: () => current?.faults ?? null,
    disk: () => disk,
    calm() {
      isCalm = true;
      disk.calm();
      for (const fault of FAULT_NAMES) current?.faults.arm(fault, 0);
      current?.process.goOn();
      if (current === null) restartLater();
    },
  };
}

const SPACE_RESERVE_BYTES = 64 * 1024;

function helloOf(run: Run, nodeId: NodeId): HelloNode {
  const { name, kind, storeId, epoch } = run;
  return { name, kind, nodeId, storeId, epoch, url: `ws://${name}` };
}
