import type { Timer } from "../../core/effects.ts";
import { rememberById, rememberByTwo } from "../explore/remember.ts";
import type { Member } from "./members.ts";
import type { Move, Moves } from "./moves.ts";
import type { CoreModelOptions } from "./options.ts";
import { createRepetition, type Repetition } from "./repetition.ts";

/** What one process has used up of what all share. */
export interface Spent {
  readonly crashes: number;
  readonly cuts: number;
  readonly resolves: number;
  readonly begins: number;
  /** The client was told of an abort here: who asks again wants another one, and what was told before says nothing of it. */
  readonly isDone: boolean;
  /** The client has promised to send the request to nobody else before it is answered here. */
  readonly isPromised: boolean;
}

/** A move, and what taking it breaks by itself; undefined where it breaks nothing. */
export interface CheckedMove {
  readonly move: Move;
  readonly broken: readonly string[] | undefined;
}

/** What may happen to a process in one of its states, whatever the others do: computed once. */
export interface LocalMoves {
  readonly repetition: Repetition;
  isUp(process: number): boolean;
  /** Whether it has a connection to the member at `at`. */
  isLinked(process: number, at: number): boolean;
  spent(process: number): Spent;
  /** What it does by itself within the bounds: timers, the disk, checkpoints; when it is down, its start. */
  own(process: number): readonly CheckedMove[];
  deliveries(process: number, envelope: number): readonly CheckedMove[];
  begins(process: number, isFirstSend: boolean): readonly Move[];
  /** Both halves of a connection, in every combination. */
  connections(one: number, other: number): readonly (readonly [here: Move, there: Move])[];
}

export function createLocalMoves(
  options: CoreModelOptions,
  members: readonly Member[],
  moves: Moves,
): LocalMoves {
  const { processes } = moves;
  const repetition = createRepetition(moves);
  const within = ({ isBeyond }: Move): boolean => !isBeyond;
  const isUp = rememberById((id) => processes.at(id).node !== null);
  const linked = rememberById((id) =>
    members.map(({ name }) => processes.at(id).node?.peers.get(name)?.isConnected === true),
  );
  const early = (id: number): readonly Timer[] => {
    const { timers } = processes.at(id);
    const givesUp = ({ kind }: Timer) => kind === "vote-timeout" || kind === "deadline";
    switch (options.timers) {
      case "all":
        return timers;
      case "patient":
        return timers.filter((timer) => !givesUp(timer));
      case "impatient":
        return timers.filter(givesUp);
      case "none":
        return [];
    }
  };
  const awake = (id: number): readonly Move[] => {
    const { checkpoints, log } = processes.at(id);
    const mayCheckpoint = checkpoints < options.checkpointsMax && log.length > 1;
    return [
      ...early(id).flatMap((timer) => moves.fire(id, timer)),
      ...moves.force(id),
      ...moves.writeBack(id),
      ...(mayCheckpoint ? moves.checkpoint(id) : []),
    ];
  };
  const firstBegins = rememberById((id) => moves.begin(id, true).filter(within));
  const otherBegins = rememberById((id) => moves.begin(id, false).filter(within));
  return {
    repetition,
    isUp,
    isLinked: (id, at) => linked(id)[at] === true,
    spent: rememberById((id): Spent => {
      const { crashes, cuts, resolves, begins, told, node } = processes.at(id);
      const isDone = told.some((text) => text.startsWith("aborted "));
      const isPromised = [...(node?.coordinator.requests.values() ?? [])].some(
        ({ isOnlyHere }) => isOnlyHere,
      );
      return { crashes, cuts, resolves, begins, isDone, isPromised };
    }),
    own: rememberById((id) => {
      if (isUp(id))
        return awake(id)
          .filter(within)
          .map((move) => ({ move, broken: undefined }));
      return moves.restart(id).map((move) => ({ move, broken: repetition.ofRestart(move) }));
    }),
    deliveries: rememberByTwo((id, envelope) =>
      moves
        .deliver(id, envelope)
        .filter(within)
        .map((move) => ({ move, broken: repetition.ofDelivery(id, envelope, move) })),
    ),
    begins: (id, isFirstSend) => (isFirstSend ? firstBegins(id) : otherBegins(id)),
    connections: rememberByTwo((one, other) =>
      moves
        .connect(one, other)
        .filter(within)
        .flatMap((here) =>
          moves
            .connect(other, one)
            .filter(within)
            .map((there) => [here, there] as const),
        ),
    ),
  };
}
