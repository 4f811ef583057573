import type { RunReport } from "../report.ts";

const XML_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** JUnit XML: a test suite for each scenario, a test case for each expectation. `durationsMs` is by scenario, in order. */
export function junitXml(report: RunReport, durationsMs: readonly number[]): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"];
  report.scenarios.forEach((scenario, index) => {
    const failures = scenario.expectations.filter((expectation) => !expectation.ok).length;
    const seconds = ((durationsMs[index] ?? 0) / 1_000).toFixed(3);
    const sums = `tests="${scenario.expectations.length}" failures="${failures}" errors="0" skipped="0"`;
    lines.push(`  <testsuite name="${escapeXml(scenario.name)}" ${sums} time="${seconds}">`);
    for (const { text, ok, detail } of scenario.expectations) {
      const opening = `    <testcase classname="${escapeXml(scenario.name)}" name="${escapeXml(text)}" time="0"`;
      if (ok) lines.push(`${opening}/>`);
      else lines.push(`${opening}><failure message="${escapeXml(detail)}"/></testcase>`);
    }
    lines.push("  </testsuite>");
  });
  lines.push("</testsuites>", "");
  return lines.join("\n");
}

/** Escapes markup, and drops the characters that XML 1.0 cannot hold. */
function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/\p{Surrogate}/gu, "")
    .replace(/[&<>"']/g, (character) => XML_ESCAPES[character] ?? "");
}
