import type { NodeName, TransactionId } from "../../schema/ids.ts";
import type { Resolution, Resolve } from "../../schema/session.ts";
import { type Asked, nothingAsked, pressInAsked, type Question } from "./asked.ts";
import { pressInChoosing } from "./choosing.ts";

/** What an operator can do by hand; `hazard` is `forget` although nobody knows the coordinator's decision. */
export const RESOLVE_CHOICES = ["commit", "abort", "forget", "hazard"] as const;
export type ResolveChoice = (typeof RESOLVE_CHOICES)[number];

export const CHOICE_REQUESTS: Record<
  ResolveChoice,
  { readonly action: Resolve["action"]; readonly acceptHazard: boolean }
> = {
  commit: { action: "commit", acceptHazard: false },
  abort: { action: "abort", acceptHazard: false },
  forget: { action: "forget", acceptHazard: false },
  hazard: { action: "forget", acceptHazard: true },
};

export const CHOICE_WORDS: Record<ResolveChoice, string> = {
  commit: "commit",
  abort: "abort",
  forget: "forget",
  hazard: "forget, hazard",
};

/** Settling one transaction by hand: what, where, why, and then the questions. */
export interface ResolveForm extends Asked {
  readonly transactionId: TransactionId;
  /** Its short id, which has to be typed where atomicity may break. */
  readonly name: string;
  readonly coordinator: NodeName | null;
  readonly nodes: readonly NodeName[];
  /** What each node said that it would do; a node that is still being asked is missing. */
  readonly previews: Record<ResolveChoice, readonly Resolution[]>;
  readonly choice: ResolveChoice;
  /** False while the choice may still move to the first that somebody accepts. */
  readonly isChosen: boolean;
  readonly cursor: number;
  /** Nodes of the present choice that differ from what is proposed. */
  readonly toggled: readonly NodeName[];
}

export function openResolveForm(
  base: Pick<ResolveForm, "transactionId" | "name" | "coordinator" | "nodes" | "openedAtMs">,
): ResolveForm {
  return {
    ...base,
    ...nothingAsked(base.openedAtMs),
    previews: { commit: [], abort: [], forget: [], hazard: [] },
    choice: "commit",
    isChosen: false,
    cursor: 0,
    toggled: [],
  };
}

/** The form with one more answer; it proposes the first choice that a node accepts. */
export function addPreview(form: ResolveForm, choice: ResolveChoice, preview: Resolution): ResolveForm {
  const previews = { ...form.previews, [choice]: [...form.previews[choice], preview] };
  const next = { ...form, previews };
  if (form.isChosen) return next;
  const first = RESOLVE_CHOICES.find((each) => isPossible(next, each));
  return first === undefined ? next : { ...next, choice: first };
}

export function previewOf(form: ResolveForm, choice: ResolveChoice, node: NodeName): Resolution | null {
  return form.previews[choice].find((preview) => preview.node === node) ?? null;
}

export function isPossible(form: ResolveForm, choice: ResolveChoice): boolean {
  return form.previews[choice].some((preview) => preview.accepted);
}

/** The nodes that will be told. */
export function chosenNodes(form: ResolveForm): readonly NodeName[] {
  return form.nodes.filter((node) => {
    if (previewOf(form, form.choice, node)?.accepted !== true) return false;
    return isProposed(form, node) !== form.toggled.includes(node);
  });
}

/** A participant that takes note acks by itself: its coordinator need not be told to wait no longer. */
function isProposed({ previews, choice, coordinator }: ResolveForm, node: NodeName): boolean {
  if (node !== coordinator || CHOICE_REQUESTS[choice].action !== "forget") return true;
  return !previews[choice].some((preview) => preview.accepted && preview.node !== coordinator);
}

export function mayBreakAtomicity(form: ResolveForm): boolean {
  return chosenNodes(form).some((node) => previewOf(form, form.choice, node)?.mayBreakAtomicity === true);
}

/** What is asked in the end. */
export function questionOf(form: ResolveForm): Question {
  return {
    text: `${CHOICE_WORDS[form.choice]} at ${chosenNodes(form).join(" and ")}?`,
    phrase: form.name,
    isDangerous: mayBreakAtomicity(form),
  };
}

/** The form after a key; `act` when it is to be done, `close` when it is not. */
export function pressInResolveForm(
  form: ResolveForm,
  key: string,
  nowMs: number,
): ResolveForm | "act" | "close" {
  if (form.step !== "choose") return pressInAsked(form, key, nowMs, questionOf(form));
  return pressInChoosing(form, key, nowMs, {
    count: form.nodes.length,
    turn(step) {
      const choice = turnedChoice(form.choice, step);
      return { ...form, choice, isChosen: true, toggled: [], problem: null };
    },
    toggle: () => toggleNode(form),
    problem: () => (chosenNodes(form).length === 0 ? `no node is to ${form.choice} it` : null),
  });
}

/** The next choice, or the one before. */
export function turnedChoice(choice: ResolveChoice, step: 1 | -1): ResolveChoice {
  const count = RESOLVE_CHOICES.length;
  return RESOLVE_CHOICES[(RESOLVE_CHOICES.indexOf(choice) + step + count) % count] ?? "commit";
}

function toggleNode(form: ResolveForm): ResolveForm {
  const node = form.nodes[form.cursor];
  if (node === undefined || previewOf(form, form.choice, node)?.accepted !== true) return form;
  const toggled = form.toggled.includes(node)
    ? form.toggled.filter((name) => name !== node)
    : [...form.toggled, node];
  return { ...form, toggled, isChosen: true, problem: null };
}
