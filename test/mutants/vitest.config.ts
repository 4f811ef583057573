import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { applyMutant, ROOT } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

// The suite with the bug that MUTANT names; nothing on disk changes.
const mutant = MUTANTS.find(({ name }) => name === process.env.MUTANT);
const target = mutant ? join(ROOT, mutant.file) : null;

// biome-ignore lint/style/noDefaultExport: the form that vitest asks for.
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: "mutant",
      enforce: "pre",
      load: (id) => (mutant && id === target ? applyMutant(mutant) : null),
    },
  ],
  test: { fsModuleCache: false, include: ["test/**/*.test.{ts,tsx}"], testTimeout: 10_000, pool: "forks" },
});
