import type { Reporter, TestModule } from "vitest/node";
import { budgetLines, partOf } from "./budgets.ts";

/** Ends a run by saying what each part took of its budget. */
// biome-ignore lint/style/noDefaultExport: the form that vitest asks for.
export default class BudgetReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tookMs = new Map<string, number>();
    for (const module of modules) {
      const part = partOf(module.moduleId);
      tookMs.set(part, (tookMs.get(part) ?? 0) + module.diagnostic().duration);
    }
    process.stdout.write(`\nTest time by part:\n${budgetLines(tookMs).join("\n")}\n`);
  }
}
