import { expect, it } from "vitest";
import type { RunEvent, RunReport } from "../../src/headless/report.ts";
import { junitXml } from "../../src/headless/reporters/junit.ts";
import { lineReporter } from "../../src/headless/reporters/lines.ts";
import { committedReport } from "./fixtures.ts";

const REPORT: RunReport = {
  ok: false,
  scenarios: [
    {
      name: "order",
      ok: false,
      expectations: [
        { text: "it commits", ok: true, detail: "committed" },
        { text: '1 < 2 & "so" on', ok: false, detail: "aborted\u0007: <none>" },
      ],
      transactions: [committedReport()],
    },
  ],
};

it("writes a JUnit report that an XML reader accepts", () => {
  expect(junitXml(REPORT, [1_234])).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<testsuites>",
      '  <testsuite name="order" tests="2" failures="1" errors="0" skipped="0" time="1.234">',
      '    <testcase classname="order" name="it commits" time="0"/>',
      '    <testcase classname="order" name="1 &lt; 2 &amp; &quot;so&quot; on" time="0"><failure message="aborted: &lt;none&gt;"/></testcase>',
      "  </testsuite>",
      "</testsuites>",
      "",
    ].join("\n"),
  );
});

it("tells a run in lines, without what a terminal would obey, and repeats failures at the end", () => {
  const lines: string[] = [];
  const tell = lineReporter((line) => lines.push(line));
  const [scenario] = REPORT.scenarios;
  if (scenario === undefined) throw new Error("no scenario");
  const events: RunEvent[] = [
    { type: "scenario-started", scenario: "order", description: "orders" },
    ...scenario.expectations.map(
      (expectation) => ({ type: "expectation-checked", scenario: "order", expectation }) as const,
    ),
    { type: "scenario-ended", report: scenario, durationMs: 1_250 },
    { type: "run-ended", ok: false, durationMs: 1_251 },
  ];
  for (const event of events) tell(event);
  expect(lines).toEqual([
    "order: orders",
    "    ok it commits (committed)",
    '    FAILED 1 < 2 & "so" on (aborted?: <none>)',
    "order: FAILED, 1 transactions, 1.3 s",
    'FAILED order: 1 < 2 & "so" on (aborted?: <none>)',
    "FAILED: 1 scenario, 1 expectations held, 1 failed, 1.3 s",
  ]);
});
