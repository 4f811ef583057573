import type { NodeName } from "../schema/ids.ts";
import type { HeldMessage } from "../schema/injection.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { ClientLink, Clock } from "./ports.ts";

/** A message on its way out. */
export interface Outgoing {
  readonly to: NodeName;
  readonly url: string | null;
  readonly message: ProtocolMessage;
}

/**
 * Step mode: while a client holds the node, its protocol messages wait until they are let go one by one, or dropped.
 * The hold belongs to connections: when the last client that asked for it is gone, everything goes on its way.
 */
export interface Holding {
  isHolding(): boolean;
  /** True where the message waits now. One that says the same as a message that waits already is not kept twice. */
  keep(outgoing: Outgoing): boolean;
  hold(link: ClientLink): void;
  /** The client no longer holds the node. */
  leave(link: ClientLink): void;
  /** Lets these go, or loses them, oldest first. Returns how many of them there were. */
  release(ids: readonly number[], drop: boolean): number;
  /** Lets everything go and holds no more: the node is to end. */
  end(): void;
  held(): HeldMessage[];
}

/** When more wait, the oldest is let go: a hold is for looking at a few transactions. */
const HELD_MAX = 2_000;
/** A node that was started holding waits so long for the client that wanted it. */
const CLAIM_MS = 10_000;

export function createHolding(options: {
  readonly clock: Clock;
  /** What a line about a message says beyond its type. */
  readonly describe: (message: ProtocolMessage) => string;
  readonly kept: (held: HeldMessage, message: ProtocolMessage) => void;
  readonly send: (outgoing: Outgoing, heldId: number) => void;
  readonly drop: (outgoing: Outgoing, heldId: number) => void;
  /** The hold has begun or ended, and everything that waited has gone. */
  readonly changed: (isHolding: boolean) => void;
  readonly startsHeld: boolean;
}): Holding {
  const { clock } = options;
  const waiting = new Map<number, { readonly outgoing: Outgoing; readonly held: HeldMessage }>();
  const keys = new Set<string>();
  const holders = new Set<ClientLink>();
  let isClaimed = !options.startsHeld;
  let count = 0;

  const isHolding = () => holders.size > 0 || !isClaimed;

  const take = (id: number): Outgoing | null => {
    const entry = waiting.get(id);
    if (entry === undefined) return null;
    waiting.delete(id);
    keys.delete(keyOf(entry.outgoing));
    return entry.outgoing;
  };
  const release = (ids: Iterable<number>, drop: boolean): number => {
    let released = 0;
    for (const id of [...ids].sort((a, b) => a - b)) {
      const outgoing = take(id);
      if (outgoing === null) continue;
      released += 1;
      if (drop) options.drop(outgoing, id);
      else options.send(outgoing, id);
    }
    return released;
  };
  const settle = (wasHolding: boolean): void => {
    if (wasHolding === isHolding()) return;
    if (!isHolding()) release(waiting.keys(), false);
    options.changed(isHolding());
  };
  const end = (): void => {
    const wasHolding = isHolding();
    isClaimed = true;
    holders.clear();
    settle(wasHolding);
  };

  if (!isClaimed) {
    clock.schedule(CLAIM_MS, () => {
      if (!isClaimed) end();
    });
  }
  return {
    isHolding,
    keep(outgoing) {
      if (!isHolding()) return false;
      const key = keyOf(outgoing);
      // What is sent again and again while nothing moves waits once.
      if (keys.has(key)) return true;
      const [oldest] = waiting.keys();
      if (waiting.size >= HELD_MAX && oldest !== undefined) release([oldest], false);
      count += 1;
      const { to, message } = outgoing;
      const held: HeldMessage = {
        id: count,
        to,
        message: message.type,
        text: options.describe(message),
        transactionId: message.transactionId,
        atMs: clock.wallMs(),
      };
      waiting.set(count, { outgoing, held });
      keys.add(key);
      options.kept(held, outgoing.message);
      return true;
    },
    hold(link) {
      const wasHolding = isHolding();
      holders.add(link);
      isClaimed = true;
      settle(wasHolding);
    },
    leave(link) {
      const wasHolding = isHolding();
      if (holders.delete(link)) settle(wasHolding);
    },
    release,
    end,
    held: () => [...waiting.values()].map(({ held }) => held),
  };
}

function keyOf({ to, message }: Outgoing): string {
  return `${to} ${JSON.stringify({ ...message, floor: null })}`;
}
