import { fitText, type Row, span } from "../row.ts";
import { CONFIRM_GUARD_MS } from "./guard.ts";

/** How far somebody is who settles by hand: what and where, why, and then the questions. */
export interface Asked {
  readonly step: "choose" | "reason" | "confirm" | "phrase";
  readonly reason: string;
  readonly typed: string;
  readonly problem: string | null;
  /** When the present step began: keys typed just before must not answer a question. */
  readonly openedAtMs: number;
}

/** What is asked in the end. */
export interface Question {
  readonly text: string;
  /** What has to be typed where atomicity may break. */
  readonly phrase: string;
  readonly isDangerous: boolean;
}

/** The longest reason that a log record takes, in characters. */
const REASON_LENGTH_MAX = 256;

export function nothingAsked(openedAtMs: number): Asked {
  return { step: "choose", reason: "", typed: "", problem: null, openedAtMs };
}

/** The form after a key, once it has been chosen what and where; `act` when it is to be done, `close` when it is not. */
export function pressInAsked<Form extends Asked>(
  form: Form,
  key: string,
  nowMs: number,
  question: Question,
): Form | "act" | "close" {
  switch (form.step) {
    case "choose":
      return form;
    case "reason":
      return pressInReason(form, key, nowMs);
    case "confirm":
      if (nowMs - form.openedAtMs < CONFIRM_GUARD_MS) return form;
      if (key !== "y" && key !== "Y") return "close";
      return question.isDangerous ? { ...form, step: "phrase", typed: "" } : "act";
    case "phrase":
      return pressInPhrase(form, key, question.phrase);
  }
}

function pressInReason<Form extends Asked>(form: Form, key: string, nowMs: number): Form {
  if (key === "backspace") return { ...form, reason: [...form.reason].slice(0, -1).join(""), problem: null };
  if (key === "up" || key === "shift-tab") return { ...form, step: "choose", problem: null };
  if (key === "enter") {
    if (form.reason.trim() === "") return { ...form, problem: "a reason is needed; it is kept in the log" };
    return { ...form, reason: form.reason.trim(), step: "confirm", problem: null, openedAtMs: nowMs };
  }
  if ([...key].length !== 1 || form.reason.length + key.length > REASON_LENGTH_MAX) return form;
  return { ...form, reason: form.reason + key, problem: null };
}

function pressInPhrase<Form extends Asked>(form: Form, key: string, phrase: string): Form | "act" {
  if (key === "backspace") return { ...form, typed: form.typed.slice(0, -1), problem: null };
  if (key !== "enter") {
    if ([...key].length !== 1) return form;
    return { ...form, typed: (form.typed + key).slice(0, phrase.length + 1), problem: null };
  }
  if (form.typed === phrase) return "act";
  return { ...form, problem: `that is not ${phrase}; Esc leaves everything as it is` };
}

/** What the user is asked, below what would be done. */
export function askedRows(form: Asked, question: Question, width: number): readonly Row[] {
  const rows: Row[] = [];
  if (question.isDangerous) rows.push(warningRow(width));
  if (form.step !== "choose") rows.push(reasonRow(form, width));
  return [...rows, ...questionRows(form, question)];
}

/** The question of the present step, and what was wrong with the last answer. */
export function questionRows(form: Asked, question: Question): readonly Row[] {
  const rows: Row[] = [];
  if (form.step === "confirm") {
    rows.push([
      span(`${question.text}  `, "strong"),
      span("y", "title"),
      span(" yes   "),
      span("N", "title"),
      span(" no (default)"),
    ]);
  }
  if (form.step === "phrase") {
    rows.push([
      span(`type ${question.phrase} to confirm  `, "strong"),
      span(` ${fitText(`${form.typed}_`, question.phrase.length + 2)}`, "selected"),
    ]);
  }
  if (form.problem !== null) rows.push([span(form.problem, "bad")]);
  return rows;
}

function warningRow(width: number): Row {
  const long = "! may break atomicity: others may have ended, or end, otherwise";
  return [span(long.length <= width ? long : "! may break atomicity", "bad")];
}

function reasonRow(form: Asked, width: number): Row {
  const room = Math.max(8, width - 10);
  if (form.step !== "reason") return [span("reason  ", "dim"), span(fitText(form.reason, room))];
  const typed = [...form.reason];
  const shown = typed.length + 1 > room - 2 ? `…${typed.slice(-(room - 5)).join("")}` : form.reason;
  return [span("reason  ", "strong"), span(` ${fitText(`${shown}_`, room)}`, "selected")];
}
