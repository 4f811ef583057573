import { fitRow, type Row, type Tone } from "./row.ts";
import type { Shade, ThemeName } from "./theme-names.ts";

/** How a tone looks. Colours are numbers of the 256-colour palette from 16 on, which no terminal changes. */
export interface Style {
  readonly fg?: number;
  readonly bg?: number;
  /** In place of `fg` where a terminal has but 16 colours: a code such as 32. */
  readonly basic?: number;
  /** In place of `bg` there. */
  readonly basicBg?: number;
  readonly bold?: true;
  readonly dim?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

export interface Theme {
  /** What the colours were chosen for, as a palette number: 16 is black, 231 white. */
  readonly background: number;
  /** Whether the background is always painted; else the terminal's own stays, unless it is known to be of the other shade. */
  readonly paints: boolean;
  readonly tones: Readonly<Record<Tone, Style>>;
}

const BLACK = 16;
const WHITE = 231;
const selected: Style = { inverse: true };
/** A match inside the selected row, which is inverse, is the part that is not. */
const match: Style = { bold: true, underline: true };

/** Letters and marks carry the meaning; colour only repeats it. Plain blue is left out, for it cannot be read on black. */
export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  dark: {
    background: BLACK,
    paints: false,
    tones: {
      plain: {},
      dim: { fg: 247, basic: 37 },
      strong: { bold: true },
      good: { fg: 114, basic: 32 },
      warn: { fg: 221, basic: 33 },
      bad: { fg: 210, basic: 31, bold: true },
      accent: { fg: 80, basic: 36 },
      selected,
      title: { fg: 80, basic: 36, bold: true },
      match,
    },
  },
  light: {
    background: WHITE,
    paints: false,
    tones: {
      plain: {},
      dim: { fg: 241, basic: 90 },
      strong: { bold: true },
      good: { fg: 22, basic: 32 },
      warn: { fg: 94, basic: 35 },
      bad: { fg: 160, basic: 31, bold: true },
      accent: { fg: 24, basic: 36 },
      selected,
      title: { fg: 24, basic: 36, bold: true },
      match,
    },
  },
  "high-contrast": {
    background: BLACK,
    paints: true,
    tones: {
      plain: { fg: WHITE, basic: 97 },
      dim: { fg: 252, basic: 37 },
      strong: { fg: WHITE, basic: 97, bold: true },
      good: { fg: 83, basic: 92 },
      warn: { fg: 226, basic: 93 },
      bad: { fg: WHITE, bg: 88, basic: 97, basicBg: 41, bold: true },
      accent: { fg: 51, basic: 96 },
      selected: { fg: BLACK, bg: 226, basic: 30, basicBg: 103, bold: true },
      title: { fg: 51, basic: 96, bold: true, underline: true },
      match,
    },
  },
  // After Okabe and Ito: no two of these look alike to protanopes, deuteranopes or tritanopes.
  "color-blind": {
    background: BLACK,
    paints: false,
    tones: {
      plain: {},
      dim: { fg: 247, basic: 37 },
      strong: { bold: true },
      good: { fg: 75, basic: 36 },
      warn: { fg: 229, basic: 33 },
      bad: { fg: 208, basic: 31, bold: true },
      accent: { fg: 183, basic: 35 },
      selected,
      title: { fg: 183, basic: 35, bold: true },
      match,
    },
  },
  mono: {
    background: BLACK,
    paints: false,
    tones: {
      plain: {},
      dim: { dim: true },
      strong: { bold: true },
      good: {},
      warn: { bold: true },
      bad: { bold: true },
      accent: {},
      selected,
      title: { bold: true, underline: true },
      match,
    },
  },
};

/** How many colours a terminal has. With none, the theme is always mono. */
export type Colors = "none" | "16" | "256";

/** The codes that begin each tone; empty where none is needed. */
export type Palette = Readonly<Record<Tone, string>>;

const palettes = new Map<string, Palette>();

/** The palette of a theme on a terminal whose background is like `shade`, null where that is not known. */
export function paletteOf(name: ThemeName, colors: Colors, shade: Shade | null = null): Palette {
  const key = `${name} ${colors} ${shade}`;
  const palette = palettes.get(key) ?? makePalette(colors === "none" ? "mono" : name, colors, shade);
  palettes.set(key, palette);
  return palette;
}

function makePalette(name: ThemeName, colors: Colors, shade: Shade | null): Palette {
  const { tones } = THEMES[name];
  const codes = Object.entries(tones).map(([tone, style]) => {
    const shown = isPainted(name, shade) ? paintedStyle(name, style) : style;
    return [tone, styleCode(shown, colors)] as const;
  });
  return Object.fromEntries(codes) as Record<Tone, string>;
}

/** Colours that were chosen for black cannot be read on white, nor the other way round. Mono has none, and fits both. */
function isPainted(name: ThemeName, shade: Shade | null): boolean {
  const { paints, background } = THEMES[name];
  const own = background === WHITE ? "light" : "dark";
  return paints || (name !== "mono" && shade !== null && shade !== own);
}

/** The style on the theme's own background, and with colours of its own where it has none. */
export function paintedStyle(name: ThemeName, style: Style): Style {
  const { background } = THEMES[name];
  const own =
    background === WHITE
      ? { fg: BLACK, bg: WHITE, basic: 30, basicBg: 107 }
      : { fg: WHITE, bg: BLACK, basic: 97, basicBg: 40 };
  return { ...own, ...style };
}

function styleCode(style: Style, colors: Colors): string {
  const { fg, bg, basic, basicBg, bold, dim, underline, inverse } = style;
  const codes: (number | string)[] = [];
  if (bold) codes.push(1);
  if (dim) codes.push(2);
  if (underline) codes.push(4);
  if (inverse) codes.push(7);
  if (colors === "256" && fg !== undefined) codes.push(`38;5;${fg}`);
  if (colors === "256" && bg !== undefined) codes.push(`48;5;${bg}`);
  if (colors === "16" && basic !== undefined) codes.push(basic);
  if (colors === "16" && basicBg !== undefined) codes.push(basicBg);
  return codes.length === 0 ? "" : `\u001b[${codes.join(";")}m`;
}

const reset = "\u001b[0m";

/** The row as a string for the terminal, exactly `width` columns wide. */
export function paintRow(row: Row, width: number, palette: Palette): string {
  let result = "";
  for (const { tone, text } of fitRow(row, width)) {
    const code = palette[tone];
    result += code === "" ? text : `${code}${text}${reset}`;
  }
  return result;
}
