import type { NodeName } from "../../schema/ids.ts";
import type { NodeKind } from "../../schema/views.ts";
import { type Agenda, createAgenda } from "./agenda.ts";
import { type Books, createBooks } from "./books.ts";
import { type Chance, createChance } from "./chance.ts";
import { createLogChecker } from "./check-log.ts";
import { createOutcomeChecker, type OutcomeChecker } from "./check-outcomes.ts";
import { createSilenceChecker } from "./check-silence.ts";
import { createStepChecker, type Told, watchNode } from "./check-steps.ts";
import { type Client, createClient, type Manner } from "./client.ts";
import type { Knobs } from "./knobs.ts";
import { createMachine, type Machine } from "./machine.ts";
import { createNetwork, type SimulatedNetwork } from "./network.ts";
import { type Cast, drawOrder, type Order, type OrderKind } from "./orders.ts";
import type { InvariantName, Report, Violation } from "./violations.ts";
import { type Checker, witnessOf } from "./witness.ts";

/** Who looks on. What is told changes nothing of what happens. */
export interface Onlooker {
  /** The share of the transactions to be told of; everything where absent. */
  readonly oneIn?: number;
  /** What a node tells its watchers. */
  update(told: Told, atMs: number): void;
  /** What befell the cluster, in words. */
  say(text: string, atMs: number): void;
}

/** A cluster of production nodes on simulated machines, with its clients and those who check it. */
export interface World {
  readonly knobs: Knobs;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly network: SimulatedNetwork;
  readonly machines: readonly Machine[];
  readonly clients: readonly Client[];
  readonly outcomes: OutcomeChecker;
  readonly violations: readonly Violation[];
  readonly report: Report;
  readonly say: (text: string) => void;
  /** Stores that were lost on the way. */
  readonly lost: ReadonlySet<NodeName>;
  /** The last image that each node has handed to its log as a checkpoint. */
  readonly images: ReadonlyMap<NodeName, unknown>;
  /** Adds a client for an order; `home` is the only node that it asks. */
  addClient(order: Order, manner: Manner, home: Machine | null): Client;
  /** The order of that number; of that kind, where one is given. */
  drawOrder(index: number, kind?: OrderKind): Order;
  setCalm(): void;
  /** Goes on in virtual time: until that moment, or until something is broken. */
  runUntil(untilMs: number): Promise<void>;
}

export interface WorldOptions {
  /** Resolves when every promise that can go on without the world has gone on. */
  readonly settle: () => Promise<void>;
  readonly onlooker: Onlooker | null;
  /** Where there is one, no other invariant is heeded: to see who guards it. */
  readonly heeds?: InvariantName;
}

export function createWorld(knobs: Knobs, options: WorldOptions): World {
  const { onlooker } = options;
  const agenda = createAgenda();
  const chance = createChance(knobs.seed);
  const network = createNetwork(agenda, chance.split("network"), knobs.network);
  const books: Books = createBooks();
  const violations: Violation[] = [];
  const lost = new Set<NodeName>();
  const images = new Map<NodeName, unknown>();
  const clients: Client[] = [];
  const machines: Machine[] = [];
  const orders = new Map<string, Order>();
  let isStirred = false;
  let isCalm = false;

  const report: Report = (invariant, text) => {
    if (options.heeds !== undefined && options.heeds !== invariant) return;
    violations.push({ invariant, text, atMs: agenda.nowMs() });
    onlooker?.say(`BROKEN ${invariant}: ${text}`, agenda.nowMs());
  };
  const say = (text: string) => onlooker?.say(text, agenda.nowMs());

  const outcomes = createOutcomeChecker(
    books,
    report,
    (name) => lost.has(name),
    (requestId) => orders.get(requestId)?.moves.length === 0,
  );
  const follow: Checker = {
    checkpointed: (run, image) => void images.set(run.name, image),
    serves(_run, node) {
      for (const text of node.view().violations) report("I8", text);
      if (onlooker) watchNode(node, (told) => onlooker.update(told, agenda.nowMs()), onlooker.oneIn);
    },
    ended(run) {
      for (const client of clients) client.lose(run.name);
    },
  };
  const witness = witnessOf([
    createLogChecker(books, report),
    outcomes,
    createSilenceChecker(report),
    follow,
    createStepChecker(report),
  ]);

  const cast = castOf(knobs);
  const addMachine = (name: NodeName, kind: NodeKind) => {
    const machine = createMachine({
      name,
      kind,
      knobs,
      agenda,
      chance: chance.split("machines"),
      network,
      witness,
      coordinatorUrls: cast.coordinators.map((each) => `ws://${each}`),
      stir: () => {
        isStirred = true;
      },
      say,
      onLost: () => void lost.add(name),
    });
    machines.push(machine);
  };
  for (const name of cast.coordinators) addMachine(name, "coordinator");
  for (const name of cast.warehouses) addMachine(name, "warehouse");
  for (const name of cast.ledgers) addMachine(name, "ledger");

  const clientChance = chance.split("clients");
  const hopMs = () => {
    const [least, most] = knobs.network.delayMs;
    return isCalm ? least : clientChance.between(least, most);
  };

  return {
    knobs,
    agenda,
    chance,
    network,
    machines,
    clients,
    outcomes,
    violations,
    report,
    say,
    lost,
    images,
    addClient(order, manner, home) {
      orders.set(order.requestId, order);
      const client = createClient({
        order,
        manner,
        machines: home === null ? machines : [home],
        timeoutMs: home === null ? null : PATIENT_MS,
        agenda,
        chance: clientChance.split(order.requestId),
        hopMs,
        onAnswer: (run, outcome) => witness.answered(run, outcome),
        onHear: outcomes.heard,
        isByHand: () => outcomes.isByHand(order.requestId),
        isCalm: () => isCalm,
      });
      clients.push(client);
      return client;
    },
    drawOrder: (index, kind) => drawOrder(chance.split(`order ${index}`), cast, index, kind),
    setCalm() {
      isCalm = true;
    },
    async runUntil(untilMs) {
      for (;;) {
        if (violations.length > 0) return;
        const nextMs = agenda.nextMs();
        if (nextMs === null || nextMs > untilMs) return agenda.passTo(untilMs);
        agenda.step();
        if (!isStirred) continue;
        isStirred = false;
        await options.settle();
      }
    },
  };
}

/** Who asks when all is well waits as long as it takes. */
const PATIENT_MS = 60_000;

function castOf({ coordinators, warehouses, ledgers }: Knobs): Cast {
  const names = (kind: string, count: number) =>
    Array.from({ length: count }, (_, at) => (at === 0 ? kind : `${kind}-${at + 1}`) as NodeName);
  return {
    coordinators: names("coordinator", coordinators),
    warehouses: names("warehouse", warehouses),
    ledgers: names("ledger", ledgers),
  };
}
