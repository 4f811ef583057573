import { loadPostgres, type PostgresRun, preparePostgres } from "./postgres-load.ts";
import { startPostgres } from "./postgres-server.ts";

// `npm run bench:postgres`: the two-branch transaction on a real PostgreSQL with its default durability. One JSON document on
// standard output, progress on standard error.

const CONCURRENCIES = [1, 4, 8, 16, 32, 64, 128];
/** Enough at each for a second or more. */
const TRANSACTIONS_MIN = 1_500;
const TRANSACTIONS_EACH = 60;
/** Enough for its client to be compiled and for its caches to hold what they will. */
const WARM_UP = 10_000;
const WARM_UP_CONCURRENCY = 32;

const server = await startPostgres(2 * Math.max(...CONCURRENCIES) + 10);
const runs: PostgresRun[] = [];
try {
  await preparePostgres(server);
  await loadPostgres(server, WARM_UP_CONCURRENCY, WARM_UP);
  for (const concurrency of CONCURRENCIES) {
    const count = Math.max(TRANSACTIONS_MIN, TRANSACTIONS_EACH * concurrency);
    const run = await loadPostgres(server, concurrency, count);
    process.stderr.write(
      `${concurrency} in flight: ${Math.round(run.throughputPerSecond)} transactions a second\n`,
    );
    runs.push(run);
  }
} finally {
  await server.stop();
}
const best = runs.reduce((one, other) => (other.throughputPerSecond > one.throughputPerSecond ? other : one));
process.stdout.write(`${JSON.stringify({ version: server.version, best, runs }, null, 2)}\n`);
