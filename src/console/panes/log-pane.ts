import { entryText, entryTimeMs } from "../../observe/describe.ts";
import { timeOfDayMs } from "../../observe/figures.ts";
import type { LogEntry } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { type Row, span, type Tone, titleRow } from "../row.ts";
import type { View } from "../view.ts";

/** The log's lines in words are made once for each entry, for a filter looks at thousands of them. */
const texts = new WeakMap<LogEntry, { readonly named: boolean; readonly text: string }>();

function textOf(entry: LogEntry, named: boolean): string {
  const known = texts.get(entry);
  if (known?.named === named) return known.text;
  const text = entryText(entry, named);
  texts.set(entry, { named, text });
  return text;
}

/** The entries that the filter leaves, oldest first. */
export function filteredLog(view: View): readonly LogEntry[] {
  const needle = view.ui.screen === "log" ? view.ui.filter.toLowerCase() : "";
  if (needle === "") return view.model.log;
  const named = hasManyCoordinators(view.model);
  return view.model.log.filter((entry) => textOf(entry, named).toLowerCase().includes(needle));
}

/** The newest lines, without those that only repeat what another line says. */
export function eventTail(view: View, width: number, height: number): readonly Row[] {
  const named = hasManyCoordinators(view.model);
  const shown: LogEntry[] = [];
  const asked = new Set<string>();
  for (let index = view.model.log.length - 1; index >= 0 && shown.length < height - 1; index -= 1) {
    const entry = view.model.log[index];
    if (entry === undefined || !isNews(entry)) continue;
    // What is in doubt asks on and on: only the last time is news.
    const question = inquiryKey(entry);
    if (question !== null && asked.has(question)) continue;
    if (question !== null) asked.add(question);
    shown.push(entry);
  }
  const rows = shown.reverse().map((entry) => entryRow(entry, named));
  const title = titleRow("Events", width, { note: view.ui.frozen === null ? "" : "frozen" });
  return rows.length === 0 ? [title, [span("  nothing has happened yet", "dim")]] : [title, ...rows];
}

/** The same for every transaction that one node asks another about, or answers alike. */
function inquiryKey(entry: LogEntry): string | null {
  if (entry.type !== "event" || entry.event.body.type !== "message-sent") return null;
  const { to, message, text } = entry.event.body;
  if (message !== "inquiry" && message !== "inquiry-answer") return null;
  return `${entry.event.node} ${to} ${message} ${text}`;
}

function isNews(entry: LogEntry): boolean {
  if (entry.type !== "event") return true;
  const { body } = entry.event;
  if (body.type === "record-appended") return !body.force;
  return body.type !== "message-received" && body.type !== "transaction-changed";
}

/** The whole log, scrolled to its anchor. */
export function logPane(view: View, width: number, height: number): readonly Row[] {
  const named = hasManyCoordinators(view.model);
  const entries = filteredLog(view);
  const end = endIndex(entries, view.ui.logAnchor);
  const room = Math.max(1, height - 1);
  const slice = entries.slice(Math.max(0, end - room), end);
  const { filter, logAnchor } = view.ui;
  const matching = filter === "" ? "" : `${entries.length} of ${view.model.log.length} match ${filter}, `;
  const place = logAnchor === null ? "follows" : `line ${end} of ${entries.length}, G follows`;
  const title = titleRow("Log", width, { focused: true, note: matching + place });
  if (slice.length === 0) {
    const text = filter === "" ? "nothing has happened yet" : "nothing matches; Esc clears the filter";
    return [title, [span(`  ${text}`, "dim")]];
  }
  return [title, ...slice.map((entry) => entryRow(entry, named))];
}

/** The index after the lowest line shown. */
export function endIndex(entries: readonly LogEntry[], anchor: number | null): number {
  if (anchor === null) return entries.length;
  const index = entries.findLastIndex((entry) => entry.serial <= anchor);
  return index === -1 ? Math.min(1, entries.length) : index + 1;
}

/** One line of the log, with its time. */
export function entryRow(entry: LogEntry, named: boolean): Row {
  return [span(`${timeOfDayMs(entryTimeMs(entry))} `, "dim"), span(textOf(entry, named), entryTone(entry))];
}

function entryTone(entry: LogEntry): Tone {
  if (entry.type === "note") return "accent";
  if (entry.type === "life") return entry.change === "gone" || entry.change === "lost" ? "bad" : "good";
  const { body } = entry.event;
  switch (body.type) {
    case "message-dropped":
    case "alarm":
    case "fault-fired":
      return "bad";
    case "fault-armed":
    case "retry-scheduled":
      return "warn";
    case "record-forced":
      return "good";
    case "message-received":
    case "record-appended":
    case "transaction-changed":
    case "peer-changed":
      return "dim";
    default:
      return "plain";
  }
}
