import { Compile } from "typebox/compile";
import { PROTOCOL_MESSAGES, type ProtocolMessage } from "../schema/protocol.ts";
import { PROTOCOL_VERSION, SESSION_MESSAGES, type SessionMessage } from "../schema/session.ts";
import { MESSAGES_MAX } from "./batch.ts";
import { readCanonicalFrame } from "./canonical-frame.ts";
import type { TextBytes } from "./canonical-pieces.ts";
import { type JsonProblem, parseJson } from "./json-text.ts";
import { once } from "./once.ts";
import { printable } from "./printable.ts";
import { type Checker, typeOf, violation } from "./violation.ts";

export type WireMessage = ProtocolMessage | SessionMessage;

export type FrameProblem = {
  readonly code: JsonProblem | "not-a-batch" | "unknown-type" | "schema";
  /** One printable line that names the message type and the place in it. */
  readonly message: string;
};

export type DecodedFrame = { readonly messages: readonly WireMessage[] } | { readonly problem: FrameProblem };

type MessageValidator = Checker & { Check(value: unknown): value is WireMessage };

const MESSAGES = { ...PROTOCOL_MESSAGES, ...SESSION_MESSAGES };

/** Compiled when the first such message comes. A message without its line is an error of the types. */
const COMPILED = {
  prepare: () => Compile(MESSAGES.prepare),
  vote: () => Compile(MESSAGES.vote),
  commit: () => Compile(MESSAGES.commit),
  abort: () => Compile(MESSAGES.abort),
  ack: () => Compile(MESSAGES.ack),
  "commit-refused": () => Compile(MESSAGES["commit-refused"]),
  inquiry: () => Compile(MESSAGES.inquiry),
  "inquiry-answer": () => Compile(MESSAGES["inquiry-answer"]),
  decided: () => Compile(MESSAGES.decided),
  "decided-inquiry": () => Compile(MESSAGES["decided-inquiry"]),
  hello: () => Compile(MESSAGES.hello),
  error: () => Compile(MESSAGES.error),
  directory: () => Compile(MESSAGES.directory),
  begin: () => Compile(MESSAGES.begin),
  outcome: () => Compile(MESSAGES.outcome),
  query: () => Compile(MESSAGES.query),
  reply: () => Compile(MESSAGES.reply),
  subscribe: () => Compile(MESSAGES.subscribe),
  snapshot: () => Compile(MESSAGES.snapshot),
  sample: () => Compile(MESSAGES.sample),
  events: () => Compile(MESSAGES.events),
  tally: () => Compile(MESSAGES.tally),
  "arm-fault": () => Compile(MESSAGES["arm-fault"]),
  "arm-crash": () => Compile(MESSAGES["arm-crash"]),
  "cut-link": () => Compile(MESSAGES["cut-link"]),
  hold: () => Compile(MESSAGES.hold),
  "release-held": () => Compile(MESSAGES["release-held"]),
  resolve: () => Compile(MESSAGES.resolve),
};

const BY_TYPE: Readonly<Record<WireMessage["type"], () => MessageValidator>> = COMPILED;
const VALIDATORS: ReadonlyMap<string, () => MessageValidator> = new Map(
  Object.entries(BY_TYPE).map(([type, compile]) => [type, once(compile)]),
);

/** Reads one frame, a JSON array of 1 to `MESSAGES_MAX` messages: all of them valid, or a problem and none. */
export function decodeFrame(text: string): DecodedFrame {
  const json = parseJson(text);
  if ("problem" in json) {
    return { problem: { code: json.problem.code, message: printable(json.problem.message) } };
  }
  if (!Array.isArray(json.value) || json.value.length === 0 || json.value.length > MESSAGES_MAX) {
    return refuse("not-a-batch", `a frame is an array of 1 to ${MESSAGES_MAX} messages`);
  }
  for (const value of json.value) {
    const type = typeOf(value);
    const validator = type === null ? undefined : VALIDATORS.get(type)?.();
    if (validator === undefined) return refuse("unknown-type", `no message has the type ${shorten(type)}`);
    if (!validator.Check(value)) return refuse("schema", violation(String(type), validator, value));
  }
  return { messages: json.value };
}

/** The same of a frame as it came: what stands in it as this program writes it is read without parsing. */
export function decodeBytes(bytes: TextBytes): DecodedFrame {
  const messages = readCanonicalFrame(bytes);
  return messages === null ? decodeFrame(bytes.toString("utf8")) : { messages };
}

/** Whether a value is a message; for what this program itself has encoded, where no key can stand twice. */
export function isMessage(value: unknown): value is WireMessage {
  const type = typeOf(value);
  return type !== null && VALIDATORS.get(type)?.().Check(value) === true;
}

function refuse(code: FrameProblem["code"], message: string): DecodedFrame {
  return { problem: { code, message } };
}

function shorten(text: string | null): string {
  return text === null ? "none" : `"${printable(text.slice(0, 40))}"`;
}

/**
 * The published contract: one JSON Schema (draft 2020-12) of a frame, with every message under `$defs`.
 * Beyond what a schema can say, a key that stands twice in one object and the key `__proto__` are refused.
 */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:2pc-console:wire:${PROTOCOL_VERSION}`,
    title: `2pc-console wire, version ${PROTOCOL_VERSION}: one frame`,
    type: "array",
    minItems: 1,
    maxItems: MESSAGES_MAX,
    items: { anyOf: Object.keys(MESSAGES).map((type) => ({ $ref: `#/$defs/${type}` })) },
    $defs: MESSAGES,
  };
}
