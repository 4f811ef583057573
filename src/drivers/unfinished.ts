import { storeNumber } from "../codec/frame.ts";
import type { NodeState } from "../core/node-state.ts";
import { logPathOf } from "../log/layout.ts";
import { readRecords } from "../log/open-log.ts";
import { makeNodeTables } from "../runtime/node.ts";
import { createRecovery } from "../runtime/recover.ts";
import type { TransactionId } from "../schema/ids.ts";
import { readIdentity } from "./directory-identity.ts";
import { nodeFiles } from "./node-files.ts";

/**
 * The transactions that a node which is not running has promised and not finished, by what its log says: in doubt, decided and
 * not acked by all, or settled by hand and not taken note of. Null where the log cannot tell, since it is damaged, of another format or cannot be read.
 * Changes nothing.
 */
export async function findUnfinished(path: string): Promise<readonly TransactionId[] | null> {
  try {
    const identity = readIdentity(path);
    if (identity === null) return [];
    const { state } = makeNodeTables(identity, identity.kind !== "coordinator");
    const recovery = createRecovery(state);
    const { reading } = await readRecords(nodeFiles, logPathOf(path), storeNumber(identity.storeId), {
      begin: async (checkpoint) => recovery.begin(null, checkpoint),
      record: recovery.takeRecord,
    });
    if (reading.end.state === "corrupt") return null;
    return unfinishedIn(state);
  } catch {
    // Whatever the reason is, the node itself will say it when it is started.
    return null;
  }
}

function unfinishedIn({ coordinator, participant }: NodeState): readonly TransactionId[] {
  const led = [...coordinator.transactions].filter(([, { phase }]) => phase === "committing");
  const held = [...participant.transactions].filter(
    ([, state]) => state.phase === "prepared" || (state.phase === "heuristic" && state.step !== "ended"),
  );
  return [...new Set([...led, ...held].map(([transactionId]) => transactionId))];
}
