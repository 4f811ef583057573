import { entryText, entryTimeMs } from "../../observe/describe.ts";
import { counted, duration, timeOfDayMs } from "../../observe/figures.ts";
import type { LifeChange, LogEntry, Model } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { clean } from "../cell-width.ts";
import { factsOfEntry } from "../facts.ts";
import { type Filter, parseFilter, passes } from "../filter.ts";
import { gapsNote } from "../gaps.ts";
import { LEVELS, type Level } from "../level.ts";
import { fitText, hardWrapped, type Row, selectedRow, span, type Tone, titleRow } from "../row.ts";
import { type Keys, sorted, sortNote } from "../sort.ts";
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

/** A line of the log that is shown: one that the filter is for, or one around it. */
export interface LogLine {
  readonly entry: LogEntry;
  readonly isMatch: boolean;
}

/** A frame and its keys ask for the same lines several times. */
let last: { readonly key: readonly unknown[]; readonly lines: readonly LogLine[] } = { key: [], lines: [] };

/** The lines that the filter leaves, oldest first, with as many around each as the user wants. */
export function filteredLog({ model, ui }: View): readonly LogLine[] {
  const text = ui.screen === "log" ? ui.filter : "";
  const named = hasManyCoordinators(model);
  // Only where a line's transaction is asked for, its state counts.
  const key = [model.log, text, ui.logContext, named, ui.sorts.log, text === "" ? null : model.transactions];
  if (last.key.length !== key.length || key.some((each, index) => each !== last.key[index])) {
    last = { key, lines: sorted(findLines(model, parseFilter(text), ui.logContext), ui.sorts.log, LOG_KEYS) };
  }
  return last.lines;
}

/** What the log can be sorted by; in its own order it is as it was heard. */
export const LOG_KEYS: Keys<LogLine> = {
  TIME: ({ entry }) => entryTimeMs(entry),
  NODE: ({ entry }) => (entry.type === "event" ? entry.event.node : entry.type === "life" ? entry.node : ""),
  TX: ({ entry }) => (entry.type === "event" ? (entry.event.transactionId ?? "") : ""),
  // The gravest stand below, where one looks first.
  LEVEL: ({ entry }) => LEVELS.indexOf(levelOf(entry)),
};

function findLines(model: Model, filter: Filter, context: number): readonly LogLine[] {
  const { log } = model;
  if (filter.terms.length === 0) return log.map((entry) => ({ entry, isMatch: true }));
  const lines: LogLine[] = [];
  let shownTo = 0;
  for (const [index, entry] of log.entries()) {
    if (!entryPasses(model, entry, filter)) continue;
    const from = Math.max(shownTo, index - context);
    const to = Math.min(log.length, index + context + 1);
    // What stands after the match before may be a match itself.
    if (shownTo > index) lines.splice(index - shownTo, 1, { entry, isMatch: true });
    for (const around of log.slice(from, to)) lines.push({ entry: around, isMatch: around === entry });
    shownTo = Math.max(shownTo, to);
  }
  return lines;
}

/** Whether a filter is for a line of the log. */
export function entryPasses(model: Model, entry: LogEntry, filter: Filter): boolean {
  const text = textOf(entry, hasManyCoordinators(model));
  return passes(filter, factsOfEntry(model, entry, text, levelOf(entry)));
}

/** How grave a line is. */
function levelOf(entry: LogEntry): Level {
  const tone = entryTone(entry);
  return tone === "bad" ? "error" : tone === "warn" ? "warn" : tone === "dim" ? "detail" : "info";
}

/** The newest lines, without those that only repeat what another line says. */
export function eventTail(view: View, width: number, height: number): readonly Row[] {
  const named = hasManyCoordinators(view.model);
  const shown: LogEntry[] = [];
  const asked = new Set<string>();
  for (let index = view.model.log.length - 1; index >= 0 && shown.length < height - 1; index -= 1) {
    const entry = view.model.log[index];
    if (entry === undefined || !isNews(entry)) continue;
    // What is in doubt asks on and on, and what is retried tries on and on: only the last time is news.
    const question = repetitionKey(entry);
    if (question !== null && asked.has(question)) continue;
    if (question !== null) asked.add(question);
    shown.push(entry);
  }
  const rows = shown.reverse().map((entry) => entryRow(entry, named));
  const note = [...(view.ui.frozen === null ? [] : ["frozen"]), gapsNote(view, "events", oldestMs(shown))];
  const title = titleRow("Events", width, { note: note.filter((each) => each !== "").join(", ") });
  return rows.length === 0 ? [title, [span("  nothing has happened yet", "dim")]] : [title, ...rows];
}

/** The same for every transaction that one node asks another about, or answers alike, and for every attempt of a request. */
function repetitionKey(entry: LogEntry): string | null {
  if (entry.type !== "event") return null;
  if (entry.event.body.type === "retry-scheduled") return `${entry.event.node} ${entry.event.body.requestId}`;
  if (entry.event.body.type !== "message-sent") return null;
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
  const lines = filteredLog(view);
  const end = endIndex(lines, view.ui.logAnchor);
  const room = Math.max(1, height - 1);
  const title = titleRow("Log", width, { focused: true, note: placeNote(view, lines, end) });
  if (lines.length === 0) {
    const text =
      view.ui.filter === "" ? "nothing has happened yet" : "nothing matches; Esc clears the filter";
    return [title, [span(`  ${text}`, "dim")]];
  }
  const shown: Row[] = [];
  // At the top the page stays full, and only the cursor goes up.
  const below = Math.max(end, Math.min(room, lines.length));
  for (let index = below - 1; index >= 0 && shown.length < room; index -= 1) {
    const rows = lineRows(view, lines, index, width);
    const isChosen = index === end - 1 && view.ui.logAnchor !== null;
    shown.unshift(...(isChosen ? rows.map((row) => selectedRow(row, width)) : rows));
  }
  return [title, ...shown.slice(-room)];
}

function placeNote(view: View, lines: readonly LogLine[], end: number): string {
  const { model, ui } = view;
  const gaps = gapsNote(view, "events", oldestMs(model.log));
  const matches = lines.filter(({ isMatch }) => isMatch).length;
  return [
    ...(ui.filter === "" ? [] : [`${matches} of ${model.log.length} match`]),
    ...(ui.filter === "" || ui.logContext === 0 ? [] : [`${counted(ui.logContext, "line")} around each`]),
    ...(ui.logAnchor === null ? ["follows"] : [`line ${end} of ${lines.length}, G follows`]),
    ...(ui.sorts.log === null ? [] : [sortNote(ui.sorts.log)]),
    ...(ui.wrap ? ["wrapped"] : []),
    ...(gaps === "" ? [] : [gaps]),
  ].join(", ");
}

function oldestMs([oldest]: readonly LogEntry[]): number | null {
  if (oldest === undefined) return null;
  return oldest.type === "event" ? oldest.event.atMs : oldest.atMs;
}

function lineRows(view: View, lines: readonly LogLine[], index: number, width: number): readonly Row[] {
  const line = lines[index];
  if (line === undefined) return [];
  const { ui } = view;
  const named = hasManyCoordinators(view.model);
  const before = lines[index - 1]?.entry;
  const time = ui.times === "clock" ? entryTime(line.entry) : sinceText(line.entry, before);
  // A mark as well as a tone: around a match is not a match.
  const mark = ui.filter === "" || ui.logContext === 0 ? "" : line.isMatch ? "> " : "  ";
  const tone = line.isMatch ? entryTone(line.entry) : "dim";
  const text = textOf(line.entry, named);
  const lead = `${mark}${time} `;
  if (!ui.wrap) return [[span(lead, "dim"), span(text, tone)]];
  return hardWrapped(clean(text), width - lead.length).map(
    (part, row): Row => [span(row === 0 ? lead : " ".repeat(lead.length), "dim"), span(part, tone)],
  );
}

function entryTime(entry: LogEntry): string {
  return timeOfDayMs(entryTimeMs(entry));
}

/** How long after the line above it; events of several nodes may be told out of order. */
function sinceText(entry: LogEntry, before: LogEntry | undefined): string {
  if (before === undefined) return entryTime(entry);
  const apartMs = entryTimeMs(entry) - entryTimeMs(before);
  return fitText(apartMs <= 0 ? "" : `+${duration(apartMs)}`, 12, "right");
}

/** The line that the cursor is on; the newest while the log follows. */
export function lineUnderCursor(view: View): LogEntry | null {
  const lines = filteredLog(view);
  return lines[endIndex(lines, view.ui.logAnchor) - 1]?.entry ?? null;
}

/** The index after the line that the cursor is on. */
export function endIndex(lines: readonly LogLine[], anchor: number | null): number {
  if (anchor === null) return lines.length;
  const own = lines.findIndex(({ entry }) => entry.serial === anchor);
  if (own !== -1) return own + 1;
  const index = lines.findLastIndex(({ entry }) => entry.serial <= anchor);
  return index === -1 ? Math.min(1, lines.length) : index + 1;
}

/** One line of the log, with its time. */
export function entryRow(entry: LogEntry, named: boolean): Row {
  return [span(`${timeOfDayMs(entryTimeMs(entry))} `, "dim"), span(textOf(entry, named), entryTone(entry))];
}

const LIFE_TONES = {
  gone: "bad",
  lost: "bad",
  restarted: "good",
  paused: "warn",
  resumed: "good",
  back: "good",
  missed: "warn",
} as const satisfies Record<LifeChange, Tone>;

function entryTone(entry: LogEntry): Tone {
  if (entry.type === "note") return "accent";
  if (entry.type === "life") return LIFE_TONES[entry.change];
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
