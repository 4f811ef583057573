import type { NodeName } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";

export interface InFlight {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly message: ProtocolMessage;
}

/** Messages between nodes, oldest first. Nothing arrives, is lost or comes twice but on command. */
export interface ScriptedNetwork {
  /** `isLinked` is false where nobody listens: it is lost, and can still be found among what was ever sent. */
  send(sent: InFlight, isLinked: boolean): void;
  /** Takes the oldest message that is not held. */
  take(): InFlight | null;
  size(): number;
  at(index: number): InFlight | undefined;
  takeAt(index: number): void;
  /** Holds back messages of these types, and no others. */
  hold(types: readonly string[]): void;
  /** The oldest of a type to somebody that is on its way. */
  find(type: string, to: string): InFlight;
  drop(type: string, to: string): InFlight;
  double(sent: InFlight): void;
  /** The one numbered `place`, from 1, of the different messages of a type ever sent from one to another. */
  everSent(type: string, from: string, to: string, place: number): InFlight;
  loseWhere(isLost: (sent: InFlight) => boolean): void;
}

export function createScriptedNetwork(): ScriptedNetwork {
  const ever: InFlight[] = [];
  const known = new Set<string>();
  const held = new Set<string>();
  let inFlight: InFlight[] = [];
  const indexOf = (type: string, to: string): number => {
    const at = inFlight.findIndex(({ message, to: receiver }) => message.type === type && receiver === to);
    if (at < 0) throw new Error(`no ${type} to ${to} is on its way`);
    return at;
  };
  const network: ScriptedNetwork = {
    send(sent, isLinked) {
      const text = JSON.stringify(sent);
      if (!known.has(text)) ever.push(sent);
      known.add(text);
      if (isLinked) inFlight.push(sent);
    },
    take() {
      const at = inFlight.findIndex(({ message }) => !held.has(message.type));
      return at < 0 ? null : (inFlight.splice(at, 1)[0] ?? null);
    },
    size: () => inFlight.length,
    at: (index) => inFlight[index],
    takeAt: (index) => void inFlight.splice(index, 1),
    hold(types) {
      held.clear();
      for (const type of types) held.add(type);
    },
    find: (type, to) => inFlight[indexOf(type, to)] as InFlight,
    drop: (type, to) => inFlight.splice(indexOf(type, to), 1)[0] as InFlight,
    double: (sent) => void inFlight.push(sent),
    everSent(type, from, to, place) {
      const alike = ever.filter((each) => each.message.type === type && each.from === from && each.to === to);
      const found = alike[place - 1];
      if (!found)
        throw new Error(`${from} has sent ${alike.length} different ${type} to ${to}, not ${place}`);
      return found;
    },
    loseWhere(isLost) {
      inFlight = inFlight.filter((sent) => !isLost(sent));
    },
  };
  return network;
}
