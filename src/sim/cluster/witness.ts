import type { Node } from "../../runtime/node.ts";
import type { Recovered, Resource } from "../../runtime/ports.ts";
import type { NodeName, StoreId } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { LogRecord } from "../../schema/records.ts";
import type { OutcomeMessage } from "../../schema/session.ts";
import type { NodeKind } from "../../schema/views.ts";

/** One run of a node on a store, as it is seen from outside. */
export interface Run {
  readonly name: NodeName;
  readonly kind: NodeKind;
  readonly storeId: StoreId;
  readonly epoch: number;
  readonly pid: number;
  readonly node: () => Node | null;
}

/** What can be seen of a cluster from outside: at its logs, its disks, its wires and its clients. */
export interface Witness {
  recovered(run: Run, recovered: Recovered): void;
  /** The node has taken in what was recovered; `resource` is as that left it. */
  restored(run: Run, resource: Resource | null): void;
  serves(run: Run, node: Node): void;
  appended(run: Run, record: LogRecord, seq: number): void;
  forced(run: Run, throughSeq: number): void;
  checkpointed(run: Run, image: unknown): void;
  sent(run: Run, to: NodeName, message: ProtocolMessage): void;
  /** A client is told an outcome. */
  answered(run: Run, outcome: OutcomeMessage): void;
  /** A call on a file that is written has failed in the process with that pid. */
  diskFailed(name: NodeName, pid: number, call: string): void;
  ended(run: Run): void;
  /** A node has thrown what nobody catches. */
  threw(name: NodeName, error: unknown): void;
}

/** The parts of a witness that a checker cares for. */
export type Checker = Partial<Witness>;

/** Tells every checker of everything, in their order. */
export function witnessOf(checkers: readonly Checker[]): Witness {
  return {
    recovered: (...seen) => checkers.forEach((checker) => void checker.recovered?.(...seen)),
    restored: (...seen) => checkers.forEach((checker) => void checker.restored?.(...seen)),
    serves: (...seen) => checkers.forEach((checker) => void checker.serves?.(...seen)),
    appended: (...seen) => checkers.forEach((checker) => void checker.appended?.(...seen)),
    forced: (...seen) => checkers.forEach((checker) => void checker.forced?.(...seen)),
    checkpointed: (...seen) => checkers.forEach((checker) => void checker.checkpointed?.(...seen)),
    sent: (...seen) => checkers.forEach((checker) => void checker.sent?.(...seen)),
    answered: (...seen) => checkers.forEach((checker) => void checker.answered?.(...seen)),
    diskFailed: (...seen) => checkers.forEach((checker) => void checker.diskFailed?.(...seen)),
    ended: (...seen) => checkers.forEach((checker) => void checker.ended?.(...seen)),
    threw: (...seen) => checkers.forEach((checker) => void checker.threw?.(...seen)),
  };
}
