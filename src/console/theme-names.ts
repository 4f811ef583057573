/** The built-in themes. */
export const THEME_NAMES = ["dark", "light", "high-contrast", "color-blind", "mono"] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

/** The theme after this one, round and round. */
export function nextTheme(name: ThemeName): ThemeName {
  return THEME_NAMES[(THEME_NAMES.indexOf(name) + 1) % THEME_NAMES.length] ?? "dark";
}

/** What a terminal's background is like. */
export type Shade = "dark" | "light";

/** What the variable `COLORFGBG` says of a terminal's background: `15;0` is dark; null where it says nothing. */
export function shadeOfVariable(colorFgBg: string | undefined): Shade | null {
  const background = colorFgBg?.split(";").at(-1);
  if (background === undefined || !/^\d+$/.test(background)) return null;
  return background === "7" || background === "15" ? "light" : "dark";
}

/** The theme for a background that is known, or not. */
export function themeFor(background: Shade | null): ThemeName {
  return background ?? "dark";
}
