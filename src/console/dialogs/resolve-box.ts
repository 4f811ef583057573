import { fitText, type Row, rowWidth, type Span, selectedRow, span, wrapText } from "../row.ts";
import { askedRows } from "./asked.ts";
import { type Box, frame } from "./box.ts";
import {
  CHOICE_WORDS,
  chosenNodes,
  isPossible,
  previewOf,
  questionOf,
  RESOLVE_CHOICES,
  type ResolveChoice,
  type ResolveForm,
} from "./resolve-form.ts";

/** Beyond this a line is hard to read. */
const WIDTH_MAX = 92;

const HINTS: Record<ResolveForm["step"], string> = {
  choose: "←→ what  ↑↓ Space which nodes  Enter goes on  Esc",
  reason: "Enter goes on  ↑ back  Esc cancels",
  confirm: "y / N",
  phrase: "Enter settles it  Esc cancels",
};

/** What every node would do, and below it, always in sight, what the user is asked. */
export function resolveBox(form: ResolveForm, widthMax: number, heightMax: number): Box {
  const width = Math.min(widthMax - 4, WIDTH_MAX);
  const asked = askedRows(form, questionOf(form), width);
  const room = Math.max(0, heightMax - 2 - asked.length);
  const whole = nodeRows(form, width, false);
  const above = [choiceRow(form, width), ...(whole.length < room ? whole : nodeRows(form, width, true))];
  const shown = above.length <= room ? above : [...above.slice(0, Math.max(0, room - 1)), [span("…", "dim")]];
  const rows = [...shown.slice(0, room), ...asked];
  const wide = rows.map((row, index): Row => {
    const fill = Math.max(0, width - rowWidth(row));
    return index === 0 ? [...row, span(" ".repeat(fill))] : row;
  });
  return frame(`Settle ${form.name} by hand`, wide, HINTS[form.step], widthMax, heightMax);
}

function choiceRow(form: ResolveForm, width: number): Row {
  const words = choiceWords(form.choice, (choice) => isPossible(form, choice));
  const note = isPossible(form, form.choice) || isAsking(form) ? "" : " refused everywhere";
  return rowWidth(words) + note.length <= width ? [...words, span(note, "warn")] : words;
}

/** Every choice, the present one marked, those that nobody would do dimmed. */
export function choiceWords(present: ResolveChoice, isPossibleNow: (choice: ResolveChoice) => boolean): Row {
  return RESOLVE_CHOICES.flatMap((choice): Span[] => {
    const isPresent = choice === present;
    const text = isPresent ? `‹ ${CHOICE_WORDS[choice]} ›` : `  ${CHOICE_WORDS[choice]}  `;
    return [span(text, isPresent ? "selected" : isPossibleNow(choice) ? "plain" : "dim"), span(" ")];
  });
}

function isAsking({ previews, choice, nodes }: ResolveForm): boolean {
  return previews[choice].length < nodes.length;
}

/**
 * `[x] warehouse  abort here: …`, in as many lines as it takes; only the chosen nodes once the reason is asked. `isLow`
 * leaves one line to each but the one under the cursor.
 */
function nodeRows(form: ResolveForm, width: number, isLow: boolean): readonly Row[] {
  const chosen = chosenNodes(form);
  const listed = form.step === "choose" ? form.nodes : chosen;
  const nameWidth = Math.min(14, Math.max(...form.nodes.map((name) => name.length)));
  const rows = listed.flatMap((node): Row[] => {
    const preview = previewOf(form, form.choice, node);
    const isUnderCursor = form.step === "choose" && form.nodes[form.cursor] === node;
    const box = preview?.accepted !== true ? " - " : chosen.includes(node) ? "[x]" : "[ ]";
    const head = `${isUnderCursor ? ">" : " "} ${box} ${fitText(node, nameWidth)} `;
    const text =
      preview === null ? "is being asked…" : preview.accepted ? preview.text : `no: ${preview.text}`;
    const tone = preview?.accepted !== true ? "dim" : preview.mayBreakAtomicity ? "warn" : "good";
    const room = Math.max(10, width - head.length);
    const lines = isLow && !isUnderCursor ? [fitText(text, room)] : wrapText(text, room);
    return lines.map((line, index): Row => {
      const row: Row = [span(index === 0 ? head : " ".repeat(head.length)), span(line, tone)];
      return isUnderCursor && index === 0 ? selectedRow(row, width) : row;
    });
  });
  return rows;
}
