import { join } from "node:path";
import { TpcError } from "../../core/errors.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { FloorJob, NodeAt } from "../job.ts";
import { startWorker, type WorkerProcess } from "../worker-process.ts";

/** The processes of the floor, as many as the cluster has. */
export interface FloorCluster {
  readonly coordinators: readonly NodeAt[];
  readonly participants: readonly NodeAt[];
  end(): Promise<void>;
}

/** Starts a floor whose nodes have the same names and log to files in `dir`. Rejects with what a node failed with. */
export async function startFloor(
  entry: string,
  dir: string,
  names: { readonly coordinators: readonly NodeName[]; readonly participants: readonly NodeName[] },
): Promise<FloorCluster> {
  const processes: WorkerProcess[] = [];
  const end = async () => {
    await Promise.all(processes.map((process) => process.end()));
  };
  const start = async (name: NodeName, coordinatorUrls: FloorJob["coordinatorUrls"]): Promise<NodeAt> => {
    const job = {
      name,
      logPath: join(dir, `${name}.log`),
      coordinatorUrls,
      participants: names.participants,
    };
    const process = startWorker(entry, "floor-node", job);
    processes.push(process);
    const line = await process.next();
    if (line.type === "ready") return { name, url: line.url };
    throw new TpcError("TPC_INTERNAL", `a node of the floor said ${line.type} before it was ready`);
  };
  try {
    const coordinators = await Promise.all(names.coordinators.map((name) => start(name, null)));
    const urls = coordinators.map(({ url }) => url);
    const participants = await Promise.all(names.participants.map((name) => start(name, urls)));
    return { coordinators, participants, end };
  } catch (error) {
    await end();
    throw error;
  }
}
