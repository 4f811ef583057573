import type { WireMessage } from "../../codec/wire.ts";
import type { WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import { PROTOCOL_MESSAGES, type ProtocolMessage } from "../../schema/protocol.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import { CLOSE } from "./limits.ts";
import type { Link, LinkHandlers, Refusal } from "./link.ts";
import type { PeerTable } from "./peer-table.ts";

/** Hears a link to a node that has proved who it is. Delivers a frame whole, or refuses the link and delivers nothing. */
export function nodeSession(
  link: Link,
  node: HelloNode,
  peers: PeerTable,
  handlers: () => Pick<WireHandlers, "protocol" | "directory" | "roundTrip">,
): LinkHandlers {
  const { name } = node;
  return {
    frame(messages) {
      for (const message of messages) {
        if (isDirectory(message)) continue;
        if (!isProtocolMessage(message)) return link.refuse(misplaced(message));
        const speaker = speakerOf(message);
        if (speaker !== null && speaker !== name) return link.refuse(impersonation(name, speaker));
      }
      for (const message of messages) if (isDirectory(message)) handlers().directory(message.nodes);
      const protocol = messages.every(isProtocolMessage) ? messages : messages.filter(isProtocolMessage);
      if (protocol.length > 0) handlers().protocol(name, protocol);
    },
    roundTrip(milliseconds) {
      peers.noteRoundTrip(name, milliseconds);
      handlers().roundTrip(name, milliseconds);
    },
    closed: () => peers.remove(name, link),
  };
}

function isDirectory(message: WireMessage): message is Directory {
  return message.type === "directory";
}

const PROTOCOL_TYPES: ReadonlySet<string> = new Set(Object.keys(PROTOCOL_MESSAGES));

function isProtocolMessage(message: WireMessage): message is ProtocolMessage {
  return PROTOCOL_TYPES.has(message.type);
}

/** The node in whose name a message is said, where the message says so. */
function speakerOf(message: ProtocolMessage): NodeName | null {
  switch (message.type) {
    case "prepare":
      return message.coordinator.name;
    case "commit":
    case "abort":
    case "decided-inquiry":
      return null;
    default:
      return message.from;
  }
}

function impersonation(name: NodeName, speaker: NodeName): Refusal {
  return {
    closeCode: CLOSE.forbidden,
    code: "impersonation",
    message: `${name} spoke in the name of ${speaker}`,
  };
}

function misplaced(message: WireMessage): Refusal {
  return {
    closeCode: CLOSE.forbidden,
    code: "not-for-nodes",
    message: `a node does not send ${message.type} to a node`,
  };
}
