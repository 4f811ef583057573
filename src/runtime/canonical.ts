import type { Operation } from "../schema/operations.ts";

/** Operations as one text, whatever the order in which their fields were written. */
export function canonicalOperations(operations: readonly Operation[]): string {
  return JSON.stringify(
    operations.map((operation) =>
      Object.keys(operation)
        .sort()
        .map((field) => [field, operation[field]]),
    ),
  );
}
