import { join, resolve } from "node:path";
import { TpcError } from "../core/errors.ts";
import { stateDirectory } from "../drivers/state-directory.ts";
import { LOG_POINTS } from "../log/points.ts";
import { type CrashPoint, LOOP_POINTS } from "../runtime/crash-points.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind } from "../schema/views.ts";
import { checkNodeName, DEFAULT_PORTS, DEFAULT_URL, type ListenAddress } from "./arguments.ts";
import { serveNode } from "./serve-node.ts";

export interface NodeCommandOptions {
  readonly name: string;
  readonly listen?: ListenAddress;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly coordinator?: readonly string[];
  readonly inventory?: string;
  readonly accounts?: string;
  readonly faultInjection?: boolean;
  readonly supervised?: boolean;
  readonly startHeld?: boolean;
  readonly crashAt?: string;
  readonly segmentBytes?: string;
  readonly checkpointBytes?: string;
  readonly spaceReserveBytes?: string;
}

/** Runs one node until it is told to end. */
export async function runNode(kind: NodeKind, options: NodeCommandOptions): Promise<number | null> {
  const name = checkNodeName(options.name) as NodeName;
  await serveNode({
    kind,
    name,
    listenHost: options.listen?.host ?? "127.0.0.1",
    listenPort: options.listen?.port ?? DEFAULT_PORTS[kind],
    dataDir: resolve(options.data ?? join(stateDirectory(), name)),
    token: { dataDir: options.data, tokenFile: options.tokenFile },
    coordinatorUrls: options.coordinator ?? (kind === "coordinator" ? [] : [DEFAULT_URL]),
    inventoryPath: options.inventory ?? null,
    accountsPath: options.accounts ?? null,
    faultInjection: options.faultInjection ?? false,
    supervised: options.supervised ?? false,
    startsHeld: options.startHeld ?? false,
    crashAt: crashPoint(options),
    segmentBytesMax: bytes("--segment-bytes", options.segmentBytes),
    checkpointBytes: bytes("--checkpoint-bytes", options.checkpointBytes),
    spaceReserveBytes: bytes("--space-reserve-bytes", options.spaceReserveBytes),
  });
  return null;
}

/** `POINT` or `POINT:COUNT`, where fault injection is on. Throws TPC_USAGE. */
function crashPoint({ crashAt, faultInjection }: NodeCommandOptions): CrashPoint | null {
  if (crashAt === undefined) return null;
  if (!faultInjection) throw new TpcError("TPC_USAGE", "--crash-at needs --fault-injection");
  const [point = "", count = "1"] = crashAt.split(":");
  const points: readonly string[] = [...LOOP_POINTS, ...LOG_POINTS];
  if (!points.includes(point)) throw new TpcError("TPC_USAGE", `there is no crash point ${point}`);
  if (!/^[1-9][0-9]{0,8}$/.test(count)) throw new TpcError("TPC_USAGE", `${count} is not a count`);
  return { point, count: Number(count) };
}

function bytes(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{2,14}$/.test(text))
    throw new TpcError("TPC_USAGE", `${option} ${text} is not a number of bytes`);
  return Number(text);
}
