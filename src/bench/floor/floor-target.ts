import { createClock } from "../../drivers/clock.ts";
import type { NodeFigures } from "../../schema/views.ts";
import type { LoadJob, NodeAt } from "../job.ts";
import type { Target } from "../load-process.ts";
import { placeOf, type TransactionKind } from "../mixture.ts";
import { type FloorMessage, unpaddedBytes } from "./floor-message.ts";
import { openFloorSocket } from "./floor-process.ts";
import { messageSizes } from "./floor-sizes.ts";
import { createTurnLines, type TurnLine } from "./turn-lines.ts";

const POLL_MS = 10;

interface FloorPeer extends NodeAt {
  readonly line: TurnLine;
  /** Called with the next figures that come. */
  hear: (figures: NodeFigures, unfinished: number) => void;
}

/** The nodes of the floor under load. */
export async function openFloor(job: LoadJob): Promise<Target> {
  const clock = createClock();
  const lines = createTurnLines(() => {});
  const waiting = new Map<number, (error: Error | null) => void>();
  const begins = beginPads(job);
  const sockets: { close(): void }[] = [];

  const open = async (node: NodeAt): Promise<FloorPeer> => {
    const socket = await openFloorSocket(node.url);
    sockets.push(socket);
    const take = (message: FloorMessage) => {
      if (message.type === "figures") peer.hear(message.figures, message.unfinished);
      if (message.type !== "outcome") return;
      const done = waiting.get(message.id);
      waiting.delete(message.id);
      done?.(null);
    };
    const peer: FloorPeer = { ...node, line: lines.open(socket, "load", take), hear: () => {} };
    socket.on("close", () => {
      for (const done of waiting.values()) done(new Error(`${node.name} of the floor has gone away`));
    });
    return peer;
  };
  const ask = (peer: FloorPeer) =>
    new Promise<{ figures: NodeFigures; unfinished: number }>((resolve) => {
      peer.hear = (figures, unfinished) => resolve({ figures, unfinished });
      peer.line.say({ type: "figures-wanted" });
    });

  const coordinators = await Promise.all(job.coordinators.map(open));
  const peers = [...coordinators, ...(await Promise.all(job.participants.map(open)))];
  return {
    begin(id, done) {
      const { kind } = placeOf(id, job.shape);
      waiting.set(id, done);
      coordinators[id % coordinators.length]?.line.say({ type: "begin", id, kind, pad: begins[kind] });
    },
    async figures() {
      const asked = peers.map(async (peer) => [peer.name, (await ask(peer)).figures] as const);
      return Object.fromEntries(await Promise.all(asked));
    },
    async settled() {
      for (const peer of peers) {
        while ((await ask(peer)).unfinished > 0) {
          await new Promise<void>((resolve) => void clock.schedule(POLL_MS, resolve));
        }
      }
    },
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}

function beginPads({ participants }: LoadJob): Readonly<Record<TransactionKind, string>> {
  const bytes = messageSizes(participants.map(({ name }) => name)).begin ?? 0;
  const padOf = (kind: TransactionKind) => "x".repeat(Math.max(0, bytes - unpaddedBytes("begin", kind)));
  return { update: padOf("update"), read: padOf("read"), abort: padOf("abort") };
}
