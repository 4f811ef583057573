import { counted } from "../../observe/figures.ts";
import { fitText, type Row, rowWidth, selectedRow, span, type Tone } from "../row.ts";
import { visibleFrom } from "../table.ts";
import { askedRows } from "./asked.ts";
import { type Box, frame } from "./box.ts";
import { choiceWords } from "./resolve-box.ts";
import {
  CHOICE_WORDS,
  chosenNodes,
  isPossible,
  mayBreakAtomicity,
  type ResolveForm,
} from "./resolve-form.ts";
import { questionOfMany, type SettleManyForm, settled, settledNodes } from "./settle-many-form.ts";

/** Beyond this a line is hard to read. */
const WIDTH_MAX = 92;

const HINTS: Record<SettleManyForm["step"], string> = {
  choose: "←→ what  ↑↓ Space which  Enter goes on  Esc",
  reason: "Enter goes on  ↑ back  Esc cancels",
  confirm: "y / N",
  phrase: "Enter settles them  Esc cancels",
};

/** What would become of each transaction, and below it, always in sight, what the user is asked. */
export function settleManyBox(form: SettleManyForm, widthMax: number, heightMax: number): Box {
  const width = Math.min(widthMax - 4, WIDTH_MAX);
  const below = [summaryRow(form, width), ...askedRows(form, questionOfMany(form), width)];
  const room = Math.max(1, heightMax - 3 - below.length);
  const items = form.step === "choose" ? form.items : settled(form);
  const from = visibleFrom(items.length, form.step === "choose" ? form.cursor : 0, room);
  const nameWidth = Math.max(...form.items.map(({ name }) => name.length));
  const listed = items.slice(from, from + room).map((item) => itemRow(form, item, nameWidth, width));
  const choices = choiceWords(form.choice, (choice) => form.items.some((item) => isPossible(item, choice)));
  const first: Row = [...choices, span(" ".repeat(Math.max(0, width - rowWidth(choices))))];
  const more = items.length > room ? ` ${from + 1}-${from + room} of ${items.length}` : "";
  const title = `Settle ${counted(form.items.length, "transaction")} by hand${more}`;
  return frame(title, [first, ...listed, ...below], HINTS[form.step], widthMax, heightMax);
}

/** `[x] 4.17  commit at warehouse and ledger`, or why not. */
function itemRow(form: SettleManyForm, item: ResolveForm, nameWidth: number, width: number): Row {
  const nodes = chosenNodes(item);
  const isUnderCursor = form.step === "choose" && form.items[form.cursor] === item;
  const isLeftOut = form.leftOut.includes(item.transactionId);
  const box = nodes.length === 0 ? " - " : isLeftOut ? "[ ]" : "[x]";
  const head = `${isUnderCursor ? ">" : " "} ${box} ${fitText(item.name, nameWidth)}  `;
  const [text, tone] = outcomeOf(form, item);
  const row: Row = [
    span(head),
    span(fitText(text, Math.max(8, width - head.length)), isLeftOut ? "dim" : tone),
  ];
  return isUnderCursor ? selectedRow(row, width) : row;
}

function outcomeOf(form: SettleManyForm, item: ResolveForm): readonly [string, Tone] {
  const nodes = chosenNodes(item);
  const word = CHOICE_WORDS[form.choice];
  const refused = item.previews[form.choice].filter(({ accepted }) => !accepted);
  const not = refused[0] === undefined ? "" : `; ${refused[0].node} not: ${refused[0].text}`;
  if (nodes.length > 0)
    return [`${word} at ${nodes.join(" and ")}${not}`, mayBreakAtomicity(item) ? "warn" : "good"];
  if (item.previews[form.choice].length < item.nodes.length) return ["is being asked…", "dim"];
  return [refused.map(({ node, text }) => `${node} not: ${text}`).join("; "), "dim"];
}

function summaryRow(form: SettleManyForm, width: number): Row {
  const items = settled(form);
  const beyond = form.beyond === 0 ? "" : `; ${form.beyond} more of the list are not among them`;
  const waiting = form.awaited === 0 ? "" : `; ${counted(form.awaited, "answer")} to come`;
  const text = `${counted(items.length, "transaction")} of ${form.items.length} at ${counted(
    settledNodes(form).length,
    "place",
  )}${waiting}${beyond}`;
  return [span(fitText(text, width), items.length === 0 ? "dim" : "strong")];
}
