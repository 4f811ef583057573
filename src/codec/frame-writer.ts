import type { TextBytes } from "./canonical-pieces.ts";
import { type Added, createFrameDraft } from "./frame-draft.ts";

export interface WrittenFrames<Message> {
  /** Each is the caller's own. */
  readonly frames: readonly TextBytes[];
  /** Messages that alone exceed the limit; they are in no frame. */
  readonly tooLarge: readonly Message[];
}

/** Writes messages into frames of at most `bytesMax` bytes and `messagesMax` messages each, in order: one frame wherever one is enough. */
export type FrameWriter = <Message>(
  messages: readonly Message[],
  bytesMax: number,
  messagesMax?: number,
) => WrittenFrames<Message>;

const START_BYTES = 64 * 1024;

export function createFrameWriter(allocate: (bytes: number) => TextBytes): FrameWriter {
  const draft = createFrameDraft(allocate, START_BYTES);
  return (messages, bytesMax, messagesMax) => {
    const tooLarge: (typeof messages)[number][] = [];
    for (const message of messages) {
      let added: Added = draft.addCanonical(message, bytesMax, messagesMax);
      if (added === "not-canonical") added = draft.addText(JSON.stringify(message), bytesMax, messagesMax);
      if (added === "too-large") tooLarge.push(message);
    }
    return { frames: draft.take(), tooLarge };
  };
}
