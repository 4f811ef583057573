import type { Abort, Commit, DecidedInquiry, Prepare, ProtocolMessage } from "../schema/protocol.ts";

/** What only a transaction's coordinator says; all else names who says it. */
export function isCoordinatorsWord(
  message: ProtocolMessage,
): message is Prepare | Commit | Abort | DecidedInquiry {
  switch (message.type) {
    case "prepare":
    case "commit":
    case "abort":
    case "decided-inquiry":
      return true;
    default:
      return false;
  }
}
