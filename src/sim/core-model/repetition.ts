import { parseTransactionId } from "../../core/ids.ts";
import type { PromiseNumber } from "../promises.ts";
import type { CoreAction } from "./core-model.ts";
import type { Move, Moves } from "./moves.ts";
import { canonicalText } from "./node-copy.ts";
import type { Process } from "./process.ts";

const AGAIN = "repetition: a message that comes twice in a row changes nothing the second time";
const OVER = "repetition: who has met a coordinator's next run takes up no prepare of the one before";
const RECOVERY = "repetition: a crash inside recovery, whatever it had appended, changes nothing";

/** What is checked of steps rather than of states, and which promises it guards. */
export const REPETITION: Readonly<Record<string, readonly PromiseNumber[]>> = {
  [AGAIN]: ["I10"],
  [OVER]: ["I10"],
  [RECOVERY]: ["I10"],
};

/** Tries each delivery a second time, and each restart again after a crash at once, whatever the bounds say. */
export interface Repetition {
  /** The names of what a delivery to a process breaks; undefined where it breaks nothing. */
  ofDelivery(process: number, envelope: number, move: Move): readonly string[] | undefined;
  ofRestart(move: Move): readonly string[] | undefined;
  isAbout(invariant: string): boolean;
  /** The step that shows what is broken. */
  again(last: CoreAction): readonly CoreAction[];
}

export function createRepetition(moves: Moves): Repetition {
  const { processes } = moves;
  const verdicts = new Map<Move, readonly string[] | undefined>();
  const once = (move: Move, isSound: () => boolean, name: string): readonly string[] | undefined => {
    if (!verdicts.has(move)) verdicts.set(move, isSound() ? undefined : [name]);
    return verdicts.get(move);
  };
  const takesUpWhatIsOver = (process: number, envelope: number, move: Move): boolean => {
    const { from, message } = moves.envelopes.at(envelope);
    if (message.type !== "prepare") return false;
    const { transactionId } = message;
    const [before, after] = [processes.at(process).node, processes.at(move.process).node];
    const met = before?.peers.get(from)?.epoch ?? 0;
    const isTaken =
      after?.participant.transactions.has(transactionId) === true &&
      before?.participant.transactions.has(transactionId) === false;
    return isTaken && met > parseTransactionId(transactionId).epoch;
  };
  return {
    ofDelivery(process, envelope, move) {
      if (takesUpWhatIsOver(process, envelope, move)) return [OVER];
      if (move.label.endsWith("fails)")) return undefined; // What failed is tried again, as it should be.
      const isSame = ({ process }: Move) => process === move.process;
      return once(move, () => moves.deliver(move.process, envelope).every(isSame), AGAIN);
    },
    ofRestart: (move) =>
      once(
        move,
        () => {
          const recovered = essenceOf(processes.at(move.process));
          return moves
            .crash(move.process)
            .flatMap(({ process }) => moves.restart(process))
            .every(({ process }) => essenceOf(processes.at(process)) === recovered);
        },
        RECOVERY,
      ),
    isAbout: (invariant) => invariant === AGAIN,
    again: (last) => [last],
  };
}

/** What a process knows, but for which run it is in. */
function essenceOf({ node, log, tokens, told }: Process): string {
  if (!node) return "down";
  const { coordinator, participant, isRecovered } = node;
  const records = log.filter(({ record }) => record.type !== "run-start").map(({ record }) => record);
  return canonicalText({ coordinator, participant, isRecovered, records, tokens, told });
}
