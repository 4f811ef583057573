import { assertNever } from "../core/errors.ts";
import type { EventBody, NodeEvent } from "../schema/events.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { ParticipantView, ResourceRows, TransactionView } from "../schema/views.ts";
import { duration, timeOfDayMs } from "./figures.ts";
import { injectedWords } from "./injected.ts";
import type { LogEntry } from "./model.ts";
import { shortId } from "./short-id.ts";

/** One line for one event: `21:04:11.202 coordinator > warehouse PREPARE 4.17`. `named` puts the coordinator's name before short ids. */
export function describeEvent(event: NodeEvent, named = false): string {
  return `${timeOfDayMs(event.atMs)} ${describeWithoutTime(event, named)}`;
}

/** One line for one entry, without its time; `!` what the user did, or a node that is gone. */
export function entryText(entry: LogEntry, named = false): string {
  if (entry.type === "event") return describeWithoutTime(entry.event, named);
  if (entry.type === "note") return `! ${entry.text}`;
  return `${entry.node} ${LIFE_WORDS[entry.change]}: ${entry.text}`;
}

const LIFE_WORDS = {
  gone: "! gone",
  lost: "! not heard",
  restarted: "= restarted",
  paused: "! paused",
  resumed: "= goes on",
  back: "= back",
  missed: "! missed",
} as const;

/** Wall clock of an entry. */
export function entryTimeMs(entry: LogEntry): number {
  return entry.type === "event" ? entry.event.atMs : entry.atMs;
}

/** `warehouse * prepared 4.17 #881`; `>` sent, `<` received, `x` dropped, `*` forced, `+` appended, `=` changed, `!` alarm or fault. */
export function describeWithoutTime(event: NodeEvent, named = false): string {
  const { node, transactionId, body } = event;
  const id = transactionId === null ? "" : ` ${shortId(transactionId, named)}`;
  switch (body.type) {
    case "message-sent":
      return `${node} > ${body.to} ${body.message.toUpperCase()}${id}${remark(body, transactionId)}`;
    case "message-received":
      return `${node} < ${body.from} ${body.message.toUpperCase()}${id}${remark(body, transactionId)}`;
    case "message-dropped":
      return `${node} x ${body.to} ${body.message.toUpperCase()}${id} lost: ${body.why}`;
    case "message-held":
      return `${node} = ${body.held.to} ${body.held.message.toUpperCase()}${id} held${remark(body.held, transactionId)}`;
    case "record-appended":
      return `${node} + ${body.record}${id} #${body.seq}${body.force ? ", to be forced" : ""}`;
    case "record-forced":
      return `${node} * ${body.record}${id} #${body.seq}`;
    case "client-answered":
      return `${node} > client ${body.outcome.toUpperCase()}${id}, request ${body.requestId}`;
    default:
      return `${node} ${describeState(body, id, named)}`;
  }
}

type StateBody = Exclude<EventBody, { type: `message-${string}` | `record-${string}` | "client-answered" }>;

function describeState(body: StateBody, id: string, named: boolean): string {
  switch (body.type) {
    case "transaction-changed":
      return `= ${describeTransaction(body.view, named)}`;
    case "rows-changed":
      return `= ${describeRows(body.rows)}`;
    case "peer-changed": {
      const { name, connected, roundTripMs } = body.peer;
      const trip = connected && roundTripMs !== null ? `, ${duration(roundTripMs)}` : "";
      return `= ${name} ${connected ? "connected" : "disconnected"}${trip}`;
    }
    case "fault-armed":
      return `! fault: ${body.fault}`;
    case "hold-changed":
      return body.isHolding ? "! holds its messages back" : "= holds its messages back no longer";
    case "injected-changed":
      return `= injected: ${injectedWords(body.injected).join(", ") || "nothing"}`;
    case "fault-fired":
      return `! fault fired: ${body.fault}${id}`;
    case "retry-scheduled":
      return `= attempt ${body.attempt} in ${duration(body.delayMs)}${id}, request ${body.requestId}`;
    case "alarm":
      return `! ${body.text}${id}`;
    case "alarm-cleared":
      return `= over: ${body.text}${id}`;
    case "note":
      return `= ${body.text}${id}`;
    default:
      return assertNever(body, "event");
  }
}

function describeTransaction(view: TransactionView, named: boolean): string {
  const id = shortId(view.transactionId, named);
  const reason = view.reason === null ? "" : `, ${view.reason.code}`;
  if (view.role === "participant") {
    const trouble = view.trouble === null ? "" : `, ${view.trouble}`;
    const vote = view.vote === null ? "" : `, voted ${view.vote}`;
    const byHand = view.heuristic === null ? "" : `, ${describeHeuristic(view.heuristic)}`;
    return `${id} ${view.phase}${vote}${reason}${trouble}${byHand}`;
  }
  const attempt = view.attempt > 1 ? `, attempt ${view.attempt}` : "";
  const outcome = view.outcome === null ? "" : `, ${view.outcome}`;
  return `${id} ${view.phase}${outcome}${reason}${attempt}`;
}

function describeHeuristic({ decision, ending, by }: NonNullable<ParticipantView["heuristic"]>): string {
  return `${decision} by ${by}, ${ending}`;
}

function describeRows(rows: ResourceRows): string {
  if (rows.kind === "warehouse") {
    return rows.items
      .map((item) => `${item.sku} on hand ${item.onHand}, reserved ${item.reserved}`)
      .join("; ");
  }
  return rows.accounts.map((account) => `${account.id} balance ${account.balance}`).join("; ");
}

/** What a message says beyond its name and its transaction. */
function remark(body: { message: string; text: string }, transactionId: TransactionId | null): string {
  let text = body.text;
  if (transactionId !== null) {
    text = text.replaceAll(transactionId, "");
  }
  text = text.trim();
  if (text.toLowerCase().startsWith(body.message.toLowerCase())) text = text.slice(body.message.length);
  text = text.replace(/\s+/g, " ").trim();
  return text === "" ? "" : ` ${text}`;
}
