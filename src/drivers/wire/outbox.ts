import { emptied } from "../../core/emptied.ts";
import type { Network } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import { BACKLOG_CUT_BYTES, BACKLOG_DROP_BYTES, FRAME_BYTES_MAX } from "./limits.ts";
import type { Link } from "./link.ts";

export interface OutboxOptions {
  linkTo(name: NodeName): Link | null;
  /** There is no link to `name`; one is wanted. */
  demand(name: NodeName, url: string): void;
  /** So much went to peers in one turn. */
  onSent(messages: number, frames: number, bytes: number): void;
  /** A peer that does not keep up, or a message that fits into no frame. */
  onProblem(text: string): void;
}

/**
 * What one turn of the node produced, one frame a peer. Messages without a link, and messages to a peer that does
 * not keep up, are dropped: the protocol sends them again.
 */
export function createOutbox(options: OutboxOptions): Network {
  /**
   * A peer that was once sent something keeps its entry. A Map that is cleared leaves behind what was in it, which points to what
   * replaced that: once one of these is old, all that follow it are kept alive, with the messages of their turns.
   */
  const queues = new Map<NodeName, ProtocolMessage[]>();

  const flushTo = (name: NodeName, messages: readonly ProtocolMessage[]) => {
    const link = options.linkTo(name);
    if (link === null) return;
    const backlog = link.bufferedBytes();
    if (backlog > BACKLOG_CUT_BYTES) {
      options.onProblem(`${name} has left ${backlog} bytes unread; its link is cut`);
      link.terminate("too slow");
      return;
    }
    if (backlog > BACKLOG_DROP_BYTES) return;
    const { frames, bytes, tooLarge } = link.send(messages, FRAME_BYTES_MAX);
    if (frames > 0) options.onSent(messages.length - tooLarge.length, frames, bytes);
    for (const message of tooLarge) {
      options.onProblem(`a ${message.type} to ${name} exceeds ${FRAME_BYTES_MAX} bytes and was not sent`);
    }
  };

  return {
    send(to, url, message) {
      const queue = queues.get(to);
      // Where something waits already there was a link; should it be gone, the turn's end finds that.
      if (queue !== undefined && queue.length > 0) queue.push(message);
      else if (options.linkTo(to) === null) {
        if (url !== null) options.demand(to, url);
      } else if (queue === undefined) queues.set(to, [message]);
      else queue.push(message);
    },
    flush() {
      for (const [name, messages] of queues) {
        if (messages.length === 0) continue;
        flushTo(name, messages);
        emptied(messages);
      }
    },
  };
}
