import { counted } from "../../observe/figures.ts";
import type { NodeName, TransactionId } from "../../schema/ids.ts";
import type { Resolution } from "../../schema/session.ts";
import { type Asked, nothingAsked, pressInAsked, type Question } from "./asked.ts";
import { pressInChoosing } from "./choosing.ts";
import {
  addPreview,
  CHOICE_WORDS,
  chosenNodes,
  isPossible,
  mayBreakAtomicity,
  RESOLVE_CHOICES,
  type ResolveChoice,
  type ResolveForm,
  turnedChoice,
} from "./resolve-form.ts";

/** Settling by hand all that a list shows: one choice for all, each transaction with what its nodes would do. */
export interface SettleManyForm extends Asked {
  readonly items: readonly ResolveForm[];
  /** How many more the list has than can be settled at once. */
  readonly beyond: number;
  readonly choice: ResolveChoice;
  /** False while the choice may still move to the first that somebody accepts. */
  readonly isChosen: boolean;
  /** Left out by the user. */
  readonly leftOut: readonly TransactionId[];
  readonly cursor: number;
  /** Previews that are still to come. */
  readonly awaited: number;
}

/** What a node has answered. */
export interface ItemPreview {
  readonly transactionId: TransactionId;
  readonly choice: ResolveChoice;
  readonly preview: Resolution;
}

export function openSettleMany(
  items: readonly ResolveForm[],
  beyond: number,
  awaited: number,
  nowMs: number,
): SettleManyForm {
  const asked = nothingAsked(nowMs);
  return { ...asked, items, beyond, choice: "commit", isChosen: false, leftOut: [], cursor: 0, awaited };
}

/** The form with more answers; until the user has chosen it proposes the first choice that any node accepts. */
export function addPreviews(form: SettleManyForm, answers: readonly ItemPreview[]): SettleManyForm {
  const items = form.items.map((item) =>
    answers
      .filter(({ transactionId }) => transactionId === item.transactionId)
      .reduce((each, { choice, preview }) => addPreview(each, choice, preview), item),
  );
  const possible = RESOLVE_CHOICES.find((choice) => items.some((item) => isPossible(item, choice)));
  const choice = form.isChosen ? form.choice : (possible ?? form.choice);
  const next = { ...form, items, awaited: Math.max(0, form.awaited - answers.length) };
  return withChoice(next, choice);
}

function withChoice(form: SettleManyForm, choice: ResolveChoice): SettleManyForm {
  const items = form.items.map((item) => ({ ...item, choice, isChosen: true }));
  return { ...form, items, choice };
}

/** What will be settled: the transactions that are not left out and have a node that would do it. */
export function settled(form: SettleManyForm): readonly ResolveForm[] {
  return form.items.filter(
    (item) => !form.leftOut.includes(item.transactionId) && chosenNodes(item).length > 0,
  );
}

export function settledNodes(form: SettleManyForm): readonly NodeName[] {
  return settled(form).flatMap(chosenNodes);
}

export function questionOfMany(form: SettleManyForm): Question {
  const items = settled(form);
  return {
    text: `${CHOICE_WORDS[form.choice]} ${counted(items.length, "transaction")}?`,
    phrase: `${form.choice} ${items.length}`,
    isDangerous: items.some(mayBreakAtomicity),
  };
}

/** The form after a key; `act` when it is to be done, `close` when it is not. */
export function pressInSettleMany(
  form: SettleManyForm,
  key: string,
  nowMs: number,
): SettleManyForm | "act" | "close" {
  if (form.step !== "choose") return pressInAsked(form, key, nowMs, questionOfMany(form));
  return pressInChoosing(form, key, nowMs, {
    count: form.items.length,
    turn: (step) => withChoice({ ...form, isChosen: true, problem: null }, turnedChoice(form.choice, step)),
    toggle: () => toggleItem(form),
    problem: () => problemOf(form),
  });
}

function problemOf(form: SettleManyForm): string | null {
  if (settled(form).length === 0) return `no node is to ${CHOICE_WORDS[form.choice]} any`;
  // Whoever answers later would change what was agreed to.
  return form.awaited > 0 ? "not all nodes have said what they would do" : null;
}

function toggleItem(form: SettleManyForm): SettleManyForm {
  const item = form.items[form.cursor];
  if (item === undefined) return form;
  const { transactionId: id } = item;
  const leftOut = form.leftOut.includes(id)
    ? form.leftOut.filter((each) => each !== id)
    : [...form.leftOut, id];
  return { ...form, leftOut, problem: null };
}
