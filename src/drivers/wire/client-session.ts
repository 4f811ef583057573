import type { WireMessage } from "../../codec/wire.ts";
import type { ClientLink, WireHandlers } from "../../runtime/ports.ts";
import type { ClientMessage, SessionMessage } from "../../schema/session.ts";
import {
  CLIENT_FRAME_BYTES_MAX,
  CLIENT_LAGGING_BYTES,
  CLIENTS_BACKLOG_BYTES_MAX,
  CLOSE,
  SNAPSHOT_FRAME_BYTES_MAX,
} from "./limits.ts";
import type { Link, LinkHandlers } from "./link.ts";
import type { TurnEnd } from "./turn-end.ts";

/**
 * Hears a link to a client: only what clients may say, a frame whole or not at all. `clients` holds the links of all
 * clients of the node: what they leave unread is bounded for all of them together, however many they are. What one turn
 * says to a client goes to it in one frame.
 */
export function clientSession(
  link: Link,
  clients: Set<Link>,
  turnEnd: TurnEnd,
  handlers: () => Pick<WireHandlers, "client" | "clientGone">,
): LinkHandlers {
  clients.add(link);
  /** A snapshot may be large; it counts only if the client asks for more while it leaves that unread. */
  let grantedBytes = 0;
  let said: SessionMessage[] = [];
  const flush = () => {
    const messages = said;
    said = [];
    const unreadBytes = link.bufferedBytes();
    if (unreadBytes > grantedBytes + CLIENT_LAGGING_BYTES && isOverBudget(clients)) {
      clients.delete(link);
      link.terminate("the client does not read");
      return;
    }
    const [tooLarge] = link.send(messages, SNAPSHOT_FRAME_BYTES_MAX).tooLarge;
    if (tooLarge) client.close("too-large", `${tooLarge.type} does not fit into a frame`);
    if (unreadBytes === 0) grantedBytes = link.bufferedBytes();
  };
  const client: ClientLink = {
    send(message) {
      said.push(message);
      if (said.length === 1) turnEnd.atEnd(flush);
    },
    bufferedBytes: () => link.bufferedBytes(),
    close(code, message) {
      if (said.length > 0) flush();
      link.refuse({ closeCode: CLOSE.policy, code, message });
    },
  };
  return {
    frame(messages, bytes) {
      if (bytes > CLIENT_FRAME_BYTES_MAX) {
        const message = `a client's frame has at most ${CLIENT_FRAME_BYTES_MAX} bytes`;
        return link.refuse({ closeCode: CLOSE.tooBig, code: "frame-too-large", message });
      }
      const stranger = messages.find((message) => !isClientMessage(message));
      if (stranger !== undefined) {
        const text = `a client does not send ${stranger.type}`;
        return link.refuse({ closeCode: CLOSE.forbidden, code: "not-for-clients", message: text });
      }
      for (const message of messages) {
        if (clients.has(link) && isClientMessage(message)) handlers().client(client, message);
      }
    },
    roundTrip: () => {},
    closed: () => {
      clients.delete(link);
      handlers().clientGone(client);
    },
  };
}

function isClientMessage(message: WireMessage): message is ClientMessage {
  switch (message.type) {
    case "begin":
    case "query":
    case "subscribe":
    case "sample":
    case "arm-fault":
    case "arm-crash":
    case "cut-link":
    case "hold":
    case "release-held":
    case "resolve":
      return true;
    default:
      return false;
  }
}

function isOverBudget(clients: ReadonlySet<Link>): boolean {
  let unreadBytes = 0;
  for (const link of clients) unreadBytes += link.bufferedBytes();
  return unreadBytes > CLIENTS_BACKLOG_BYTES_MAX;
}
