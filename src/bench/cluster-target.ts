import { randomBytes } from "node:crypto";
import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { TpcError } from "../core/errors.ts";
import { createClock } from "../drivers/clock.ts";
import type { RequestId } from "../schema/ids.ts";
import type { OutcomeMessage } from "../schema/session.ts";
import type { NodeFigures } from "../schema/views.ts";
import type { LoadJob } from "./job.ts";
import type { Observer, Target } from "./load-process.ts";
import type { TransactionKind } from "./mixture.ts";
import { chooseRows, planTransaction } from "./plan.ts";

/** Bounds one transaction with all its attempts, and what is left of them afterwards: a load that stands still ends. */
const TIMEOUT_MS = 30_000;
const POLL_MS = 10;
/** Rows must bear this many at once in an open loop, whose number in flight nobody knows before. */
const OPEN_LOOP_ROOM = 10_000;

/** The nodes of a cluster under load through the client that everybody uses. Rejects as `connect` does. */
export async function openCluster(job: LoadJob, observer: Observer): Promise<Target> {
  const { shape, token } = job;
  const clock = createClock();
  const open = (nodes: LoadJob["coordinators"]) =>
    Promise.all(nodes.map(({ url }) => connect(url, { token })));
  const coordinators = await open(job.coordinators);
  const participants = await open(job.participants);
  const clients = [...coordinators, ...participants];
  const closedRoom = Math.max(shape.concurrency, shape.warmUpConcurrency);
  const room = shape.openLoopRate === null ? closedRoom : OPEN_LOOP_ROOM;
  const stocks = await Promise.all(
    participants.map(async (client) => chooseRows(client.node.name, await client.rows(), room, shape.hot)),
  );
  const run = randomBytes(6).toString("base64url");

  const ended = (kind: TransactionKind, { outcome, durationMs }: OutcomeMessage) => {
    observer.decided(durationMs);
    if (outcome !== (kind === "abort" ? "aborted" : "committed")) observer.endedUnplanned();
  };

  const isSettled = async (client: Client) => (await client.nodeView()).unfinished === 0;

  return {
    begin(index, done) {
      const coordinator = coordinators[index % coordinators.length];
      if (coordinator === undefined) throw new TypeError("a load without a coordinator");
      const { kind, operations } = planTransaction(stocks, shape, index);
      const requestId = `bench-${run}-${index}` as RequestId;
      coordinator
        .begin({
          requestId,
          issuedAtMs: clock.wallMs(),
          operations,
          timeoutMs: TIMEOUT_MS,
          isFirstSend: true,
        })
        .then((outcome) => {
          ended(kind, outcome);
          done(null);
        }, done);
    },
    async figures() {
      const asked = clients.map(
        async (client) => [client.node.name, await client.figures(shape.stalls)] as const,
      );
      return Object.fromEntries<NodeFigures>(await Promise.all(asked));
    },
    async settled() {
      const lastMs = clock.nowMs() + TIMEOUT_MS;
      for (const client of clients) {
        while (!(await isSettled(client))) {
          if (clock.nowMs() > lastMs) throw unsettled(client.node.name);
          await new Promise<void>((resolve) => void clock.schedule(POLL_MS, resolve));
        }
      }
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

function unsettled(name: string): TpcError {
  const text = `${name} has transactions that are not finished ${TIMEOUT_MS / 1_000} s after the load; is a node down?`;
  return new TpcError("TPC_NODE_FAILED", text);
}
