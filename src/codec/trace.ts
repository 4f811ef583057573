import { Compile } from "typebox/compile";
import { EventBody } from "../schema/events.ts";
import { TRACE_LINES, TRACE_VERSION, TraceHeader, type TraceLine } from "../schema/trace.ts";
import { printable } from "./printable.ts";
import { type Checker, typeOf, violation } from "./violation.ts";

/** What a line of a trace is. A type that this version does not know is skipped; what is no line of a trace is a problem. */
export type ReadTraceLine =
  | { readonly is: "line"; readonly line: TraceLine }
  | { readonly is: "unknown"; readonly type: string }
  | { readonly is: "problem"; readonly problem: string };

/** `isNewer`: it is a trace, of a format that only a newer program reads. */
export type ReadTraceHeader =
  | { readonly header: TraceHeader }
  | { readonly problem: string; readonly isNewer: boolean };

const header = Compile(TraceHeader);
const COMPILED: Readonly<Record<TraceLine["type"], Checker>> = {
  snapshot: Compile(TRACE_LINES.snapshot),
  event: Compile(TRACE_LINES.event),
  connected: Compile(TRACE_LINES.connected),
  disconnected: Compile(TRACE_LINES.disconnected),
  process: Compile(TRACE_LINES.process),
  note: Compile(TRACE_LINES.note),
};
const CHECKS: ReadonlyMap<string, Checker> = new Map(Object.entries(COMPILED));

/** The line as it is written, without its line end. */
export function formatTraceLine(line: TraceHeader | TraceLine): string {
  return JSON.stringify(line);
}

/** Reads the first line of a trace. Newer versions are a problem, older ones are not. */
export function readTraceHeader(text: string): ReadTraceHeader {
  const refuse = (problem: string, isNewer = false): ReadTraceHeader => ({ problem, isNewer });
  const json = parseLine(text);
  if ("problem" in json || typeOf(json.value) !== "trace") {
    return refuse('a trace begins with a line { "type": "trace", "version", "startedAtMs" }');
  }
  // A newer header may look otherwise; of it only the version is sure.
  const version = versionOf(json.value);
  if (version > TRACE_VERSION) {
    return refuse(`its format is version ${version}, this program reads up to ${TRACE_VERSION}`, true);
  }
  if (!header.Check(json.value)) return refuse(violation("the header", header, json.value));
  return { header: json.value };
}

function versionOf(value: unknown): number {
  const version = (value as { readonly version?: unknown }).version;
  return typeof version === "number" && Number.isSafeInteger(version) ? version : 0;
}

/** Reads a line after the header. */
export function readTraceLine(text: string): ReadTraceLine {
  const json = parseLine(text);
  if ("problem" in json) return { is: "problem", problem: json.problem };
  const type = typeOf(json.value);
  if (type === null) return { is: "problem", problem: "a line of a trace is an object with a type" };
  const check = CHECKS.get(type);
  if (check === undefined) return { is: "unknown", type };
  if (!check.Check(json.value)) return { is: "problem", problem: problemOf(type, check, json.value) };
  return { is: "line", line: json.value as TraceLine };
}

/** Of an event, what is wrong with a body of its own type, rather than that it is none of the others. */
function problemOf(type: string, check: Checker, value: unknown): string {
  const body = (value as { event?: { body?: unknown } }).event?.body;
  const kind = typeOf(body);
  const schema = EventBody.anyOf.find(({ properties }) => properties.type.const === kind);
  if (type !== "event" || kind === null || schema === undefined) return violation(type, check, value);
  const own: Checker = Compile(schema);
  return own.Check(body) ? violation(type, check, value) : violation(`event ${kind}`, own, body);
}

function parseLine(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: printable(error instanceof SyntaxError ? error.message : "not JSON") };
  }
}
