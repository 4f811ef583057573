import type { ClientLink, WireHandlers } from "../../runtime/ports.ts";
import type { ArmFault, Begin, Query, Subscribe } from "../../schema/session.ts";
import { CLIENT_FRAME_BYTES_MAX, CLOSE, SNAPSHOT_FRAME_BYTES_MAX } from "./limits.ts";
import type { Link, LinkHandlers } from "./link.ts";

type ClientMessage = Begin | Query | Subscribe | ArmFault;

/** Hears a link to a client: only what clients may say, a frame whole or not at all. */
export function clientSession(
  link: Link,
  handlers: () => Pick<WireHandlers, "client" | "clientGone">,
): LinkHandlers {
  const client: ClientLink = {
    send(message) {
      if (link.bufferedBytes() > SNAPSHOT_FRAME_BYTES_MAX) {
        link.terminate("the client does not read");
        return;
      }
      const tooLarge = link.send([message], SNAPSHOT_FRAME_BYTES_MAX);
      if (tooLarge.length > 0) client.close("too-large", `${message.type} does not fit into a frame`);
    },
    bufferedBytes: () => link.bufferedBytes(),
    close: (code, message) => link.refuse({ closeCode: CLOSE.policy, code, message }),
  };
  return {
    frame(messages, bytes) {
      if (bytes > CLIENT_FRAME_BYTES_MAX) {
        const message = `a client's frame has at most ${CLIENT_FRAME_BYTES_MAX} bytes`;
        return link.refuse({ closeCode: CLOSE.tooBig, code: "frame-too-large", message });
      }
      const requests: ClientMessage[] = [];
      for (const message of messages) {
        switch (message.type) {
          case "begin":
          case "query":
          case "subscribe":
          case "arm-fault":
            requests.push(message);
            break;
          default: {
            const text = `a client does not send ${message.type}`;
            return link.refuse({ closeCode: CLOSE.forbidden, code: "not-for-clients", message: text });
          }
        }
      }
      for (const request of requests) handlers().client(client, request);
    },
    roundTrip: () => {},
    closed: () => handlers().clientGone(client),
  };
}
