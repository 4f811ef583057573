import { afterEach, describe, expect, test } from "vitest";
import { createBackgroundReader } from "../../src/console/background.ts";
import { closeConsoles, start } from "./running.ts";

// Goal: the console looks right on the terminal it is on: it asks for the background, and takes the answer for nothing else.

afterEach(closeConsoles);

const ESC = "\u001b";

describe("what a terminal answers", () => {
  test.each([
    ["with ST", [`a${ESC}]11;rgb:ffff/ffff/ffff${ESC}\\b`], "light"],
    ["with BEL", [`a${ESC}]11;rgb:1e/1e/1e\u0007b`], "dark"],
    ["with a share of its own", [`a${ESC}]11;rgba:fdfd/f6f6/e3e3/ffff${ESC}\\b`], "light"],
    ["in pieces", ["a", `${ESC}]1`, "1;rgb:0000/2b", `2b/3636${ESC}`, "\\b"], "dark"],
  ])("is understood %s, and what is typed around it stays", (_, chunks, shade) => {
    const shades: string[] = [];
    const reader = createBackgroundReader((each) => shades.push(each));
    expect(chunks.map((chunk) => reader.take(chunk)).join("")).toBe("ab");
    expect(shades).toEqual([shade]);
  });

  test("is no row of keys where it was torn after its first character", () => {
    const shades: string[] = [];
    const reader = createBackgroundReader((each) => shades.push(each));
    const chunks = [ESC, "]11;rgb:ffff/ffff", `/ffff${ESC}\\`, "q"];
    expect(chunks.map((chunk) => reader.take(chunk))).toEqual([ESC, "", "", "q"]);
    expect(shades).toEqual(["light"]);
  });

  test("keys are passed on", () => {
    const reader = createBackgroundReader(() => expect.unreachable());
    expect([ESC, `${ESC}[A`, "1", "]", "11;rgb"].map((text) => reader.take(text))).toEqual([
      ESC,
      `${ESC}[A`,
      "1",
      "]",
      "11;rgb",
    ]);
  });
});

const WHITE = `${ESC}]11;rgb:ffff/ffff/ffff${ESC}\\`;
/** `LIVE` in the theme dark, and in light. */
const [GOOD_ON_BLACK, GOOD_ON_WHITE] = ["114", "22"];

describe("the theme", () => {
  test("that nobody has chosen goes with the background", async () => {
    const { screen } = start(80, 24, { theme: null });
    await screen.untilText("none yet");
    expect(screen.colorAt("LIVE")).toBe(GOOD_ON_BLACK);
    screen.type(WHITE);
    await screen.until("light", () => screen.colorAt("LIVE") === GOOD_ON_WHITE);
    expect(screen.lines().join("\n")).toContain("none yet");
  });

  test("that was chosen stays, and paints the background it was made for", async () => {
    const { screen } = start(80, 24, { theme: "dark" });
    await screen.untilText("none yet");
    screen.type(WHITE);
    await screen.until("painted", () => screen.colorAt("none yet") !== "default");
    expect(screen.colorAt("LIVE")).toBe(GOOD_ON_BLACK);
  });

  test("without colours the terminal is not asked", async () => {
    const { screen } = start(80, 24, { theme: null, colors: "none" });
    await screen.untilText("none yet");
    expect(screen.written()).not.toContain(`${ESC}]11;?`);
    const asked = start(80, 24, { theme: null });
    await asked.screen.untilText("none yet");
    expect(asked.screen.written()).toContain(`${ESC}]11;?`);
  });
});
