import type { NodeEvent } from "../schema/events.ts";
import type { Mind } from "./knowledge.ts";

/** An event as the rules are to see it; only learned from, where they cannot judge it. */
export interface Said {
  readonly event: NodeEvent;
  readonly isJudged: boolean;
}

/**
 * In step mode a node says a message when it is kept, as it would have sent it then. What it has done until the message is let go, the
 * message does not know, as it would not on its way. So the rules see it when it is kept, and not again; null is what they have seen.
 * Where its keeping was not seen, or told without its facts, nobody can say what stood when it was said.
 */
export function whenSaid(mind: Mind, event: NodeEvent): Said | null {
  const { body } = event;
  switch (body.type) {
    case "message-held": {
      const { held, facts } = body;
      if (facts === undefined) return null;
      const { id, to, message, text } = held;
      mind.kept.add(id);
      return {
        event: { ...event, body: { type: "message-sent", to, message, text, facts } },
        isJudged: true,
      };
    }
    case "message-sent":
      if (body.heldId === undefined) return { event, isJudged: true };
      return mind.kept.delete(body.heldId) ? null : { event, isJudged: false };
    case "message-dropped":
      if (body.heldId !== undefined) mind.kept.delete(body.heldId);
      return { event, isJudged: true };
    default:
      return { event, isJudged: true };
  }
}
