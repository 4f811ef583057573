import { TpcError } from "../core/errors.ts";
import { isLowSpaceAlarm } from "../core/low-space.ts";
import type { HeadlessPorts } from "./ports.ts";

/** Looks at the nodes' disks while a scenario plays. */
export interface RoomWatch {
  /** Rejects with TPC_NODE_FAILED, which names the nodes, when a disk is nearly full; never resolves. */
  readonly lost: Promise<never>;
  /** Which disks are nearly full, in words; empty as long as all have room. */
  full(): readonly string[];
  end(): void;
}

const LOOK_MS = 500;

/**
 * Orders to a node whose disk is nearly full are refused and tried again until their time is over: once one is, there is
 * nothing more to wait for. Resolves when it has looked once.
 */
export async function watchRoom(ports: HeadlessPorts): Promise<RoomWatch> {
  let full = await fullDisks(ports);
  let hasEnded = false;
  const look = async (): Promise<never> => {
    while (full.length === 0) {
      await ports.clock.pause(LOOK_MS);
      if (hasEnded) return new Promise<never>(() => {});
      full = await fullDisks(ports);
    }
    throw new TpcError("TPC_NODE_FAILED", full.join("; "));
  };
  const lost = look();
  // Whoever waits for something hears of it; where nobody does, it is asked for at the end.
  lost.catch(() => {});
  return {
    lost,
    full: () => full,
    end() {
      hasEnded = true;
    },
  };
}

async function fullDisks({ cast, query }: HeadlessPorts): Promise<readonly string[]> {
  const names = [cast.coordinator, cast.warehouse, cast.ledger];
  const nodes = await Promise.allSettled(names.map((name) => query.node(name)));
  return nodes.flatMap((node) =>
    node.status === "fulfilled" ? node.value.alarms.filter(isLowSpaceAlarm) : [],
  );
}
