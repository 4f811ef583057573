import { describe, expect, test } from "vitest";
import { judgeTail, TAIL_POLICY, type TailFindings } from "../../src/codec/tail-policy.ts";

const COMBINATIONS: TailFindings[] = (["last", "followed"] as const).flatMap((segment) =>
  (["complete", "gap"] as const).flatMap((sequence) =>
    (["absent", "present"] as const).flatMap((shutdown) =>
      (["above", "at-or-below"] as const).flatMap((mark) =>
        (["none", "before-durable", "after-durable"] as const).map((later) => ({
          segment,
          sequence,
          shutdown,
          mark,
          later,
        })),
      ),
    ),
  ),
);

/** The only findings that a crash alone can leave behind. */
const TORN = ["last complete absent above none", "last complete absent above before-durable"];

describe("an invalid frame is a torn tail only where nothing acknowledged can be hurt", () => {
  test("there are 48 combinations, and two of them are torn", () => {
    expect(COMBINATIONS).toHaveLength(48);
    const torn = COMBINATIONS.filter((findings) => judgeTail(findings).verdict === "torn");
    expect(torn.map((findings) => Object.values(findings).join(" "))).toEqual(TORN);
  });

  test.each(COMBINATIONS.map((findings) => [Object.values(findings).join(" "), findings] as const))(
    "%s",
    (name, findings) => {
      expect(judgeTail(findings).verdict).toBe(TORN.includes(name) ? "torn" : "corrupt");
    },
  );

  test("every rule decides somewhere", () => {
    const labels = new Set(COMBINATIONS.map((findings) => judgeTail(findings).label));
    expect([...labels].sort()).toEqual(TAIL_POLICY.map((rule) => rule.label).sort());
  });
});
