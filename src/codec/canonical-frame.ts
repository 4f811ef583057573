import { emptied } from "../core/emptied.ts";
import { PROTOCOL_MESSAGES } from "../schema/protocol.ts";
import { SESSION_MESSAGES } from "../schema/session.ts";
import { MESSAGES_MAX } from "./batch.ts";
import { madeLater, wordAt } from "./canonical-code.ts";
import { place, type TextBytes } from "./canonical-pieces.ts";
import type { PutValue } from "./canonical-puts.ts";
import { type CanonicalReader, compileReader } from "./canonical-reader.ts";
import { compileWriter } from "./canonical-writer.ts";
import type { WireMessage } from "./wire.ts";

/** The messages that a transaction consists of. */
const HOT = [
  PROTOCOL_MESSAGES.prepare,
  PROTOCOL_MESSAGES.vote,
  PROTOCOL_MESSAGES.commit,
  PROTOCOL_MESSAGES.ack,
  PROTOCOL_MESSAGES.abort,
  PROTOCOL_MESSAGES.decided,
  SESSION_MESSAGES.begin,
  SESSION_MESSAGES.outcome,
] as const;

interface HotMessage {
  readonly type: WireMessage["type"];
  /** The four bytes that tell its type from the others', behind `BEFORE_TYPE`. */
  readonly word: number;
  readonly reader: () => CanonicalReader | null;
  readonly writer: () => PutValue | null;
}

const BEFORE_TYPE = '{"type":"'.length;
const MESSAGES: readonly HotMessage[] = HOT.map((schema) => {
  const type = schema.properties.type.const;
  const reader = madeLater(() => compileReader(schema));
  const writer = madeLater(() => compileWriter(schema));
  return { type, word: wordAt(`${type}"`, 0), reader, writer };
});

const OPENING = 0x5b;
const CLOSING = 0x5d;
const COMMA = 0x2c;

/**
 * The messages of a frame in which each stands as this program writes it, and is of a type that transactions consist of. Null for any
 * other frame, about which nothing is said by that. Parts that are equal may be one object: nobody may change them.
 */
export function readCanonicalFrame(bytes: TextBytes): readonly WireMessage[] | null {
  const isWhole = gather(bytes);
  const messages = isWhole ? gathered.slice() : null;
  emptied(gathered);
  return messages;
}

/** Messages are gathered in a list that stays, so that the one that is handed out is no longer than it must be. */
const gathered: WireMessage[] = [];

/** False for a frame that is not as this program writes it. */
function gather(bytes: TextBytes): boolean {
  const { length } = bytes;
  if (bytes[0] !== OPENING || bytes[length - 1] !== CLOSING) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let at = 1;
  while (gathered.length < MESSAGES_MAX && at + BEFORE_TYPE + 4 <= length) {
    const reader = readerFor(view.getInt32(at + BEFORE_TYPE));
    const message = reader?.(bytes, view, at);
    if (message === undefined) return false;
    gathered.push(message as WireMessage);
    at = place.end;
    if (at === length - 1) return true;
    if (bytes[at] !== COMMA) return false;
    at += 1;
  }
  return false;
}

function readerFor(word: number): CanonicalReader | null {
  for (const message of MESSAGES) if (message.word === word) return message.reader();
  return null;
}

/** Puts a message of this type as it is read above; null for a type that is written by `JSON.stringify`. */
export function writerFor(type: string): PutValue | null {
  for (const message of MESSAGES) if (message.type === type) return message.writer();
  return null;
}
