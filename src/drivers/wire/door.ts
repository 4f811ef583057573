import type { WebSocket } from "ws";
import type { Clock } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { HelloNode } from "../../schema/session.ts";
import { greet } from "./greeting.ts";
import type { WireTiming } from "./limits.ts";
import type { CutWay, Link, LinkHandlers, Refusal } from "./link.ts";

export interface DoorOptions {
  readonly clock: Clock;
  readonly timing: WireTiming;
  readonly token: string;
  readonly self: HelloNode;
  isCut(name: NodeName, way: CutWay): boolean;
  review(node: HelloNode): Refusal | null;
  opened(link: Link): void;
  ended(link: Link): void;
  /** A node, or a client where it is null, has shown the token. */
  met(link: Link, node: HelloNode | null): LinkHandlers;
}

/** Greets whoever connects, and counts those who have not said hello yet. */
export interface Door {
  accept(socket: WebSocket): void;
  strangers(): number;
}

export function createDoor(options: DoorOptions): Door {
  const strangers = new Set<WebSocket>();
  return {
    strangers: () => strangers.size,
    accept(socket) {
      strangers.add(socket);
      greet(socket, {
        ...options,
        dialled: false,
        isCut: (met, way) => met !== null && options.isCut(met.name, way),
        review: (met) => (met === null ? null : options.review(met)),
        met: (link, met) => {
          strangers.delete(socket);
          return options.met(link, met);
        },
        failed: () => {
          strangers.delete(socket);
        },
      });
    },
  };
}
