import { configDefaults, defineConfig } from "vitest/config";

// `npm run storm` takes a quarter of an hour: it runs when it is asked for by name.
const longRuns = process.env.STORM === "all" ? [] : ["test/storm/**"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    exclude: [...configDefaults.exclude, ...longRuns],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    // Half of the files wait for processes and sockets; two at once keep two cores busy.
    maxWorkers: 2,
    reporters: ["default", "./test/budgets/reporter.ts"],
  },
});
