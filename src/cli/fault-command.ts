import { TpcError } from "../core/errors.ts";
import { FAULT_NAMES } from "../schema/faults.ts";
import type { NodeName } from "../schema/ids.ts";
import { type ClusterAccess, withClients } from "./open-client.ts";

export interface FaultOptions extends ClusterAccess {
  readonly node: string;
  /** 0 disarms. */
  readonly times: number;
}

/** Arms a fault in a node that was started with fault injection, or disarms it. Rejects with TPC_FORBIDDEN elsewhere. */
export async function armFault(name: string, options: FaultOptions): Promise<number> {
  const { node, times } = options;
  const fault = FAULT_NAMES.find((each) => each === name);
  if (fault === undefined) {
    throw new TpcError(
      "TPC_USAGE",
      `there is no fault ${JSON.stringify(name)}; there are ${FAULT_NAMES.join(", ")}`,
    );
  }
  await withClients(options, async (clients) => (await clients.at(node as NodeName)).armFault(fault, times));
  const often = times === 1 ? "once" : `${times} times`;
  process.stdout.write(
    times === 0 ? `disarmed in ${node}: ${fault}\n` : `armed in ${node}: ${fault}, ${often}\n`,
  );
  return 0;
}
