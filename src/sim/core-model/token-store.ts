import { invariant } from "../../core/errors.ts";
import { reasonFor } from "../../core/reasons.ts";
import { negate } from "../../resources/deltas.ts";
import type { Plan, Resource } from "../../runtime/ports.ts";
import type { Delta } from "../../schema/operations.ts";
import type { Choose } from "../explore/choices.ts";

/** The smallest thing that can be held and moved: a transaction holds one token, then posts it. */
export interface Tokens {
  readonly held: number;
  readonly posted: number;
}

const KEY = "token";

/**
 * A participant's store that may refuse as it likes; what only reads is never prepared. Changes `tokens` in place, which must be the caller's own.
 * Each plan of `yes` is one token: whoever applies one twice, or forgets one, shows in the numbers.
 */
export function createTokenStore(tokens: { held: number; posted: number }, choose: Choose): Resource {
  const apply = (deltas: readonly Delta[]) => {
    for (const { key, add } of deltas) {
      invariant(key === KEY, `no row ${key}`);
      tokens.held += Number(add.held ?? 0);
      tokens.posted += Number(add.posted ?? 0);
    }
  };
  return {
    kind: "warehouse",
    plan: (operations) =>
      planOf(
        operations.every(({ op }) => op === "read")
          ? choose(["read-only", "no", "busy"])
          : choose(["yes", "no", "busy"]),
      ),
    apply,
    hold: (undo) => apply(negate(undo)),
    rows: () => ({ kind: "warehouse", items: [] }),
    image: () => ({ ...tokens }),
    restore(image) {
      invariant(isTokens(image), "an image of another store");
      tokens.held = image.held;
      tokens.posted = image.posted;
    },
    violations: () => [],
  };
}

function planOf(word: "yes" | "read-only" | "no" | "busy"): Plan {
  switch (word) {
    case "yes":
      return {
        verdict: "yes",
        redo: [{ key: KEY, add: { held: "-1", posted: "1" } }],
        undo: [{ key: KEY, add: { held: "-1" } }],
        results: [],
      };
    case "read-only":
      return { verdict: "read-only", results: [] };
    case "no":
      return { verdict: "no", reason: reasonFor(null, "injected-invalid", "no") };
    case "busy":
      return { verdict: "no", reason: reasonFor(null, "injected-transient", "busy") };
  }
}

function isTokens(image: unknown): image is Tokens {
  return typeof image === "object" && image !== null && "held" in image && "posted" in image;
}
