import type { Asked } from "./asked.ts";

/** A form in which one of several choices is made and a list stands below it. */
interface ChoosingForm extends Asked {
  readonly cursor: number;
  /** The user has chosen: no answer moves the choice any more. */
  readonly isChosen: boolean;
}

/** What its keys do. */
interface Choosing<Form> {
  /** How long the list is. */
  readonly count: number;
  /** The form with the next choice (1), or the one before (-1). */
  turn(step: 1 | -1): Form;
  /** With what is under the cursor marked the other way. */
  toggle(): Form;
  /** Why it cannot go on to the questions; null where it can. */
  problem(): string | null;
}

/** The form after a key of `keyInDialog`, where one of several choices is made and a list stands below it. */
export function pressInChoosing<Form extends ChoosingForm>(
  form: Form,
  key: string,
  nowMs: number,
  { count, turn, toggle, problem }: Choosing<Form>,
): Form {
  const moveTo = (cursor: number): Form => ({ ...form, cursor: Math.max(0, Math.min(count - 1, cursor)) });
  switch (key) {
    case "right":
    case "tab":
      return turn(1);
    case "left":
    case "shift-tab":
      return turn(-1);
    case "down":
      return moveTo(form.cursor + 1);
    case "up":
      return moveTo(form.cursor - 1);
    case " ":
      return toggle();
    case "enter": {
      const found = problem();
      if (found !== null) return { ...form, problem: found };
      return { ...form, isChosen: true, step: "reason", problem: null, openedAtMs: nowMs };
    }
    default:
      return form;
  }
}
