/** The built-in themes. */
export const THEME_NAMES = ["dark", "light", "high-contrast", "color-blind", "mono"] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

/** The theme after this one, round and round. */
export function nextTheme(name: ThemeName): ThemeName {
  return THEME_NAMES[(THEME_NAMES.indexOf(name) + 1) % THEME_NAMES.length] ?? "dark";
}

/** The theme for a terminal that says what its background is, as `COLORFGBG` does: `15;0`; dark where it does not say. */
export function themeForBackground(colorFgBg: string | undefined): ThemeName {
  const background = colorFgBg?.split(";").at(-1);
  return background === "7" || background === "15" ? "light" : "dark";
}
