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
  readonly strangersMax: number;
  isCut(name: NodeName, way: CutWay): boolean;
  review(node: HelloNode): Refusal | null;
  opened(link: Link): void;
  ended(link: Link): void;
  /** A node, or a client where it is null, has shown the token. */
  met(link: Link, node: HelloNode | null): LinkHandlers;
}

/** Greets whoever connects. Where too many have not said hello yet, who has been silent for longest makes room. */
export interface Door {
  accept(socket: WebSocket): void;
}

export function createDoor(options: DoorOptions): Door {
  const strangers = new Map<WebSocket, Link>();
  return {
    accept(socket) {
      const [longest] = strangers;
      if (longest !== undefined && strangers.size >= options.strangersMax) {
        const [silent, link] = longest;
        strangers.delete(silent);
        link.terminate("silent while others came");
      }
      const link = greet(socket, {
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
      strangers.set(socket, link);
    },
  };
}
