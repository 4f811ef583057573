import { createRequire } from "node:module";
import { join } from "node:path";
import { createHistogram, type Quantiles } from "../../src/bench/histogram.ts";
import { type Begin, runClosedLoop } from "../../src/bench/load.ts";
import { createClock } from "../../src/drivers/clock.ts";
import type { PostgresServer } from "./postgres-server.ts";

// The same transaction in two databases of one server: two branches, a decision between the phases.

interface PgClient {
  connect(): Promise<void>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
}
type PgClientClass = new (options: object) => PgClient;

export interface PostgresRun {
  readonly concurrency: number;
  readonly throughputPerSecond: number;
  readonly latencyMs: Quantiles;
}

const ROWS = 1_000;
const STRIDE = 7_919;

/** Two databases of a thousand rows each, and a table of decisions beside the first. */
export async function preparePostgres(server: PostgresServer): Promise<void> {
  const Client = clientOf(server);
  await inDatabase(Client, server, "postgres", ["CREATE DATABASE warehouse", "CREATE DATABASE ledger"]);
  await inDatabase(Client, server, "warehouse", [
    "CREATE TABLE decisions (id text PRIMARY KEY)",
    "CREATE TABLE items (sku int PRIMARY KEY, on_hand bigint NOT NULL)",
    `INSERT INTO items SELECT n, 1000000 FROM generate_series(0, ${ROWS - 1}) n`,
  ]);
  await inDatabase(Client, server, "ledger", [
    "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)",
    `INSERT INTO accounts SELECT n, 1000000 FROM generate_series(0, ${ROWS - 1}) n`,
  ]);
}

/** So many transactions with so many in flight, each on connections of its own; the client is answered with the decision. */
export async function loadPostgres(
  server: PostgresServer,
  concurrency: number,
  transactions: number,
): Promise<PostgresRun> {
  const clock = createClock();
  const Client = clientOf(server);
  const idle = await Promise.all(
    Array.from({ length: concurrency }, async () => ({
      warehouse: await open(Client, server, "warehouse"),
      ledger: await open(Client, server, "ledger"),
    })),
  );
  const pairs = [...idle];
  const run = `${process.pid}-${concurrency}-${Math.round(clock.wallMs())}`;
  const histogram = createHistogram();
  const begin: Begin = (index, done) => {
    const pair = idle.pop();
    if (pair === undefined) return done(new Error("more in flight than there are connections"));
    const startedMs = clock.nowMs();
    const row = (index * STRIDE) % ROWS;
    const id = `${run}-${index}`;
    const commit = async () => {
      const { warehouse, ledger } = pair;
      await Promise.all([
        warehouse.query(phaseOne(`UPDATE items SET on_hand = on_hand - 1 WHERE sku = ${row}`, `${id}-w`)),
        ledger.query(phaseOne(`UPDATE accounts SET balance = balance - 1 WHERE id = ${row}`, `${id}-l`)),
      ]);
      await warehouse.query(`INSERT INTO decisions VALUES ('${id}')`);
      histogram.add(clock.nowMs() - startedMs);
      await Promise.all([
        warehouse.query(`COMMIT PREPARED '${id}-w'`),
        ledger.query(`COMMIT PREPARED '${id}-l'`),
      ]);
      idle.push(pair);
    };
    commit().then(() => done(null), done);
  };
  const startedMs = clock.nowMs();
  await runClosedLoop({ first: 0, count: transactions, begin, clock, record: () => {} }, concurrency);
  const seconds = (clock.nowMs() - startedMs) / 1_000;
  await Promise.all(pairs.flatMap(({ warehouse, ledger }) => [warehouse.end(), ledger.end()]));
  const latencyMs = histogram.quantiles() ?? { p50: 0, p95: 0, p99: 0, max: 0 };
  return { concurrency, throughputPerSecond: transactions / seconds, latencyMs };
}

/** In one message to the server, which saves it two round trips. */
function phaseOne(work: string, id: string): string {
  return `BEGIN; ${work}; PREPARE TRANSACTION '${id}'`;
}

function clientOf({ dir }: PostgresServer): PgClientClass {
  return createRequire(join(dir, "package.json"))("pg").Client;
}

async function open(Client: PgClientClass, { port }: PostgresServer, database: string): Promise<PgClient> {
  const client = new Client({ host: "127.0.0.1", port, user: "postgres", database });
  await client.connect();
  return client;
}

async function inDatabase(
  Client: PgClientClass,
  server: PostgresServer,
  database: string,
  statements: readonly string[],
): Promise<void> {
  const client = await open(Client, server, database);
  for (const statement of statements) await client.query(statement);
  await client.end();
}
