import type { WireMessage } from "../../codec/wire.ts";
import type { WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { Directory, HelloNode, SessionMessage } from "../../schema/session.ts";
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
  /** Mostly there is nothing but protocol messages in a frame. */
  const takeApart = (messages: readonly WireMessage[]) => {
    for (const message of messages) if (isDirectory(message)) handlers().directory(message.nodes);
    const protocol = messages.filter(isProtocolMessage);
    if (protocol.length > 0) handlers().protocol(name, protocol);
  };
  return {
    frame(messages) {
      let isMixed = false;
      for (const message of messages) {
        if (isProtocolMessage(message)) {
          const speaker = speakerOf(message) ?? name;
          if (speaker !== name) return link.refuse(impersonation(name, speaker));
        } else if (isDirectory(message)) isMixed = true;
        else return link.refuse(misplaced(message));
      }
      if (isMixed) takeApart(messages);
      else handlers().protocol(name, messages as readonly ProtocolMessage[]);
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

/** Asked of every message: a few words are told from one another sooner than a Set finds one. */
function isProtocolMessage(message: WireMessage): message is ProtocolMessage {
  switch (message.type) {
    case "prepare":
    case "vote":
    case "commit":
    case "ack":
    case "abort":
    case "decided":
    case "decided-inquiry":
    case "inquiry":
    case "inquiry-answer":
    case "commit-refused":
      return true;
    default:
      // A type of the protocol that is missing above is an error of the types.
      message satisfies SessionMessage;
      return false;
  }
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
