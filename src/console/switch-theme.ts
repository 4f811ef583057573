import type { Session } from "./session.ts";
import { nextTheme, type ThemeName } from "./theme-names.ts";

/** Shows the console in another theme, the next one where none is named, and says how to begin with it. */
export function switchTheme(session: Session, name?: ThemeName): void {
  if (session.colors === "none") {
    return session.change({
      flash: { text: "this terminal, or NO_COLOR, leaves no colours", tone: "plain" },
    });
  }
  const theme = name ?? nextTheme(session.ui.get().theme);
  session.change({
    theme,
    flash: { text: `theme ${theme}; --theme ${theme} begins with it`, tone: "plain" },
  });
}
