import type WebSocket from "ws";
import type { FloorMessage } from "./floor-message.ts";

/** A socket on which all that one turn of the loop says leaves in one frame. */
export interface TurnLine {
  say(message: FloorMessage): void;
}

/** The lines of a process, and what they carried. */
export interface TurnLines {
  /** What goes to nodes is counted, what goes to the load is not. */
  open(
    socket: WebSocket,
    to: "node" | "load",
    take: (message: FloorMessage, line: TurnLine) => void,
  ): TurnLine;
  /** Has `onTurn` called at the end of this turn, before anything leaves. */
  touch(): void;
  readonly sent: { frames: number; bytesSent: number };
}

export function createTurnLines(onTurn: () => void): TurnLines {
  const sent = { frames: 0, bytesSent: 0 };
  const waiting = new Map<WebSocket, string[]>();
  const uncounted = new Set<WebSocket>();
  let isScheduled = false;

  const endTurn = () => {
    isScheduled = false;
    onTurn();
    for (const [socket, parts] of waiting) {
      const frame = `[${parts.join(",")}]`;
      if (!uncounted.has(socket)) {
        sent.frames += 1;
        sent.bytesSent += frame.length;
      }
      socket.send(frame);
    }
    waiting.clear();
  };

  const touch = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(endTurn);
  };

  return {
    touch,
    open(socket, to, take) {
      if (to === "load") uncounted.add(socket);
      const line: TurnLine = {
        say(message) {
          const parts = waiting.get(socket);
          if (parts === undefined) waiting.set(socket, [JSON.stringify(message)]);
          else parts.push(JSON.stringify(message));
          touch();
        },
      };
      socket.on("message", (data) => {
        for (const message of JSON.parse(data.toString())) take(message, line);
      });
      return line;
    },
    sent,
  };
}
