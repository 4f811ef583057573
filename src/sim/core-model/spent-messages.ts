import type { Learning } from "../explore/model.ts";
import { rememberById } from "../explore/remember.ts";
import { componentsOf } from "./components.ts";
import type { CoreState } from "./core-model.ts";
import type { LocalMoves } from "./local-moves.ts";
import type { MessageSets } from "./message-sets.ts";

/*
 * A message is spent when its receiver, in whatever state it may still come to, does not change by it and answers
 * nothing but what is spent itself and was said before as far as anybody promises something by it. Whether a spent
 * message is there or not, the same things can happen and the same facts hold: so it is left out, and what differs in
 * spent messages alone is one state.
 *
 * What a process may still come to is what was seen of it: the steps from state to state so far, by whatever cause. A
 * step that is seen later may show that a message was left out too early; then all is explored anew with what is
 * known now. An exploration that sees no step that it did not reckon with has left out nothing that matters.
 */

/** What a message may still bring about, by itself, in one state of its receiver and all after it. */
type Answers = readonly number[] | "change";

export interface SpentMessages extends Learning {
  /** A process has gone from one state to another. */
  note(before: number, after: number): void;
  /** The set of a state without what is spent. */
  withoutSpent(state: CoreState): number;
}

export function createSpentMessages(options: {
  readonly local: Pick<LocalMoves, "deliveries">;
  readonly sets: MessageSets;
  /** The place of a message's receiver. */
  receiver(envelope: number): number;
  /** The number of what was said, with one message more. */
  sentAlso(sent: number, envelope: number): number;
  readonly setAt: number;
}): SpentMessages {
  const { local, sets, receiver, sentAlso, setAt } = options;
  const steps: Set<number>[] = [];
  let isNews = false;

  const own = (process: number, envelope: number): Answers => {
    const answers = new Set<number>();
    for (const { move } of local.deliveries(process, envelope)) {
      if (move.process !== process) return "change";
      for (const sent of move.sent) answers.add(sent);
    }
    return [...answers];
  };
  let known = knowledge(steps, own);
  /** What was known at each level since the last beginning. */
  let versions = [known];

  const isSpent = (state: CoreState, envelope: number): boolean => {
    const first = known.answersTo(state[receiver(envelope)] ?? 0, envelope);
    if (first === "change") return false;
    if (first.length === 0) return true;
    const seen = [envelope];
    for (let at = 0; at < seen.length; at += 1) {
      const message = seen[at] ?? envelope;
      const answers = known.answersTo(state[receiver(message)] ?? 0, message);
      if (answers === "change") return false;
      for (const answer of answers) {
        const sent = state[setAt + 1] ?? 0;
        if (sentAlso(sent, answer) !== sent) return false;
        if (!seen.includes(answer)) seen.push(answer);
      }
    }
    return true;
  };

  return {
    note(before, after) {
      const from = steps[before];
      if (!from) steps[before] = new Set([after]);
      else if (from.has(after)) return;
      else from.add(after);
      isNews = true;
    },
    withoutSpent(state) {
      let set = state[setAt] ?? 0;
      for (const envelope of sets.messagesOf(set)) {
        if (isSpent(state, envelope)) set = sets.minus(set, envelope);
      }
      return set;
    },
    begin() {
      versions = [known];
    },
    recall(level) {
      known = versions[level - 1] ?? known;
    },
    tookTooMuchForEqual() {
      const before = known;
      if (isNews) known = knowledge(steps, own);
      isNews = false;
      versions.push(known);
      return (
        known !== before &&
        before.asked().some(([process, envelope, answers]) => {
          return !isEqual(answers, known.answersTo(process, envelope));
        })
      );
    },
  };
}

interface Knowledge {
  /** Everything that a message may bring about from a state of its receiver on. */
  answersTo(process: number, envelope: number): Answers;
  /** What was said so far. */
  asked(): readonly (readonly [process: number, envelope: number, answers: Answers])[];
}

/** Goes by the steps that are known when it is made. */
function knowledge(
  steps: readonly (ReadonlySet<number> | undefined)[],
  own: (process: number, envelope: number) => Answers,
): Knowledge {
  const components = componentsOf(steps);
  const ofComponent = new Map<number, Map<number, Answers>>();
  const inComponent = (component: number, envelope: number): Answers => {
    let answers = ofComponent.get(component);
    if (!answers) {
      answers = new Map();
      ofComponent.set(component, answers);
    }
    let known = answers.get(envelope);
    if (known === undefined) {
      known = union([
        ...components.membersOf(component).map((process) => () => own(process, envelope)),
        ...components.after(component).map((next) => () => inComponent(next, envelope)),
      ]);
      answers.set(envelope, known);
    }
    return known;
  };
  const asked: [number, number, Answers][] = [];
  const answersTo = rememberById((process) => {
    const component = components.of(process);
    return rememberById((envelope): Answers => {
      // What was never seen before leads nowhere yet.
      const answers = component === undefined ? own(process, envelope) : inComponent(component, envelope);
      asked.push([process, envelope, answers]);
      return answers;
    });
  });
  return { answersTo: (process, envelope) => answersTo(process)(envelope), asked: () => asked };
}

function union(parts: readonly (() => Answers)[]): Answers {
  const all = new Set<number>();
  for (const part of parts) {
    const answers = part();
    if (answers === "change") return "change";
    for (const answer of answers) all.add(answer);
  }
  return [...all].sort((one, other) => one - other);
}

function isEqual(one: Answers, other: Answers): boolean {
  if (one === "change" || other === "change") return one === other;
  return one.length === other.length && one.every((message) => other.includes(message));
}
