import { isCoordinatorsWord } from "../core/coordinators-words.ts";
import { runOf } from "../core/ids.ts";
import type { NodeInput } from "../core/node.ts";
import type { NodeName } from "../schema/ids.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { Reach } from "./crash-points.ts";
import { describeMessage, messageFacts, wordsOf } from "./event-facts.ts";
import type { Faults } from "./faults.ts";
import type { History, Role } from "./history.ts";
import { createHolding, type Holding, type Outgoing } from "./holding.ts";
import type { Clock, Network } from "./ports.ts";
import type { Watchers } from "./watchers.ts";

/** The way out of a node for its protocol messages, with everything that fault injection may do to one. */
export interface Sending {
  send(outgoing: Outgoing): void;
  /** The turn's messages have left. */
  flushed(): void;
  readonly holding: Holding;
}

const DELAYED_MESSAGE_MS = 2_000;

export function createSending(options: {
  readonly self: NodeName;
  readonly clock: Clock;
  readonly network: Network;
  readonly faults: Faults | null;
  readonly reach: Reach;
  readonly history: History;
  readonly watchers: Watchers;
  readonly push: (input: NodeInput) => void;
  readonly isHalted: () => boolean;
  readonly startsHeld: boolean;
  readonly holdChanged: (isHolding: boolean) => void;
}): Sending {
  const { self, clock, network, faults, reach, history, watchers } = options;
  const sentTypes: ProtocolMessage["type"][] = [];
  let crashAfterFlush = false;

  const send = (outgoing: Outgoing) => {
    const { to, message } = outgoing;
    const { transactionId, type } = message;
    reach()?.(`send-${type}`);
    history.countMessage(speaksAs(self, message), transactionId);
    if (faults?.fires("drop-message")) {
      watchers.attend(transactionId);
      watchers.emit(transactionId, { type: "message-dropped", to, message: type, why: "fault injection" });
      return;
    }
    if (!holding.keep(outgoing)) leave(outgoing, null);
  };

  const leave = (outgoing: Outgoing, heldId: number | null) => {
    const { message } = outgoing;
    if (options.isHalted()) return;
    if (reach() !== null) sentTypes.push(message.type);
    noteSent(outgoing, heldId);
    if (faults?.fires("delay-message")) {
      clock.schedule(DELAYED_MESSAGE_MS, () => {
        if (options.isHalted()) return;
        deliver(outgoing);
        network.flush();
      });
      return;
    }
    deliver(outgoing);
    if (faults?.fires("duplicate-message")) deliver(outgoing);
    if (message.type === "vote" && message.vote === "yes" && faults?.fires("crash-after-vote"))
      crashAfterFlush = true;
  };

  /** A node's words to itself are messages like any other; they only need no wire. */
  const deliver = ({ to, url, message }: Outgoing) => {
    if (to === self) options.push({ type: "message-received", from: to, message });
    else network.send(to, url, message);
  };

  const noteSent = ({ to, message }: Outgoing, heldId: number | null) => {
    if (!watchers.tells(message.transactionId)) return;
    const body = { type: "message-sent", to, ...wordsOf(message) } as const;
    watchers.emit(message.transactionId, heldId === null ? body : { ...body, heldId });
  };

  const holding = createHolding({
    clock,
    describe: describeMessage,
    kept(held, message) {
      watchers.attend(held.transactionId);
      const facts = messageFacts(message) ?? {};
      watchers.emit(held.transactionId, { type: "message-held", held, facts });
    },
    send: leave,
    drop({ to, message }, heldId) {
      const why = "dropped while it was held";
      watchers.emit(message.transactionId, {
        type: "message-dropped",
        to,
        message: message.type,
        why,
        heldId,
      });
    },
    changed: options.holdChanged,
    startsHeld: options.startsHeld,
  });

  return {
    send,
    flushed() {
      if (crashAfterFlush) faults?.crash();
      if (sentTypes.length > 0) for (const type of sentTypes.splice(0)) reach()?.(`sent-${type}`);
    },
    holding,
  };
}

/** The role in which a node says this: an inquiry is answered by the coordinator itself, or by a peer. */
function speaksAs(self: NodeName, message: ProtocolMessage): Role {
  if (isCoordinatorsWord(message)) return "coordinator";
  if (message.type !== "inquiry-answer") return "participant";
  return runOf(message.transactionId).coordinatorName === self ? "coordinator" : "participant";
}
