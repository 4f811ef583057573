import { describe, expect, test } from "vitest";
import type { Tone } from "../../src/console/row.ts";
import { paintedStyle, paletteOf, type Style, THEMES } from "../../src/console/theme.ts";
import { nextTheme, shadeOfVariable, THEME_NAMES } from "../../src/console/theme-names.ts";
import { type Rgb, rgbOf } from "../screens/palette.ts";

// Goal: every text can be read in every theme, whoever looks.

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Contrast as WCAG 2 defines it: 1 to 21. */
function contrast(one: Rgb, other: Rgb): number {
  const luminance = ([red, green, blue]: Rgb): number =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function colored(name: keyof typeof THEMES): readonly (readonly [Tone, Style])[] {
  return (Object.entries(THEMES[name].tones) as [Tone, Style][]).filter(
    ([, style]) => style.fg !== undefined,
  );
}

describe("contrast", () => {
  test.each([
    ["dark", 7],
    ["light", 4.5],
    ["high-contrast", 7],
    ["color-blind", 7],
  ] as const)("every tone of %s stands out at least %d to 1", (name, least) => {
    for (const [tone, { fg = 0, bg }] of colored(name)) {
      const found = contrast(rgbOf(fg), rgbOf(bg ?? THEMES[name].background));
      expect([tone, found >= least], `${tone} has ${found.toFixed(1)}`).toEqual([tone, true]);
    }
  });

  test("mono needs no colour at all", () => {
    expect(colored("mono")).toEqual([]);
  });
});

const COLOURED = ["dark", "light", "high-contrast", "color-blind"] as const;

describe("a theme on a terminal of the other shade", () => {
  const otherShade = (name: (typeof COLOURED)[number]) => (name === "light" ? "dark" : "light");

  test.each(COLOURED)("%s paints its own background, and every text stands out from it", (name) => {
    for (const [tone, style] of Object.entries(THEMES[name].tones)) {
      const { fg = -1, bg = -1 } = paintedStyle(name, style);
      expect([tone, contrast(rgbOf(fg), rgbOf(bg)) >= 4.5]).toEqual([tone, true]);
      expect(paletteOf(name, "256", otherShade(name))[tone as Tone]).toContain(`38;5;${fg};48;5;${bg}`);
    }
  });

  test.each(COLOURED)("%s does so with 16 colours, too", (name) => {
    for (const code of Object.values(paletteOf(name, "16", otherShade(name)))) {
      expect(code).toMatch(/[[;](3\d|9\d);(4\d|10\d)m$/);
    }
  });

  test.each(["dark", "light", "color-blind"] as const)(
    "%s leaves a background of its own shade alone",
    (name) => {
      expect(paletteOf(name, "256", name === "light" ? "light" : "dark")).toEqual(paletteOf(name, "256"));
      expect(paletteOf(name, "256").plain).toBe("");
    },
  );

  test("mono has no colours anywhere", () => {
    expect(paletteOf("mono", "256", "light")).toEqual(paletteOf("mono", "256", "dark"));
    expect(paletteOf("dark", "none", "light")).toEqual(paletteOf("mono", "none"));
  });
});

/** What is left of linear light to eyes without one kind of cone; after Viénot, Brettel and Mollon (1999) and Machado (2009). */
const EYES: Readonly<Record<string, readonly Rgb[]>> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red cones": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "no green cones": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  "no blue cones": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIE 1976 distance of two colours as such eyes see them; about 2 can just be told apart side by side. */
function distance(one: Rgb, other: Rgb, eyes: readonly Rgb[]): number {
  const [a, b] = [labOf(one, eyes), labOf(other, eyes)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function labOf(color: Rgb, eyes: readonly Rgb[]): Rgb {
  const light = color.map(linear);
  const dot = (row: readonly number[], column: readonly number[]): number =>
    row.reduce((sum, factor, index) => sum + factor * (column[index] ?? 0), 0);
  const seen = eyes.map((row) => Math.min(1, Math.max(0, dot(row, light))));
  const root = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = root(dot([0.4124, 0.3576, 0.1805], seen) / 0.9505);
  const y = root(dot([0.2126, 0.7152, 0.0722], seen));
  const z = root(dot([0.0193, 0.1192, 0.9505], seen) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each(Object.entries(EYES))("color-blind: good, warn and bad differ to eyes with %s", (_, eyes) => {
  const { good, warn, bad } = THEMES["color-blind"].tones;
  for (const [one, other] of [
    [good, warn],
    [good, bad],
    [warn, bad],
  ] as const) {
    expect(distance(rgbOf(one.fg ?? 0), rgbOf(other.fg ?? 0), eyes)).toBeGreaterThan(25);
  }
});

test("the next theme leads through all of them and back", () => {
  const seen = THEME_NAMES.map((_, index) => {
    let name: (typeof THEME_NAMES)[number] = "dark";
    for (let step = 0; step < index; step += 1) name = nextTheme(name);
    return name;
  });
  expect(seen).toEqual(THEME_NAMES);
  expect(nextTheme("mono")).toBe("dark");
});

test.each([
  [undefined, null],
  ["15;default", null],
  ["15;0", "dark"],
  ["0;15", "light"],
  ["0;default;7", "light"],
])("COLORFGBG=%s says of the background: %s", (text, shade) => {
  expect(shadeOfVariable(text)).toBe(shade);
});
