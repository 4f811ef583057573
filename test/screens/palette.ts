export type Rgb = readonly [red: number, green: number, blue: number];

/** The sixteen colours that terminals choose for themselves, as many do. */
const BASIC: readonly Rgb[] = [
  [0, 0, 0],
  [205, 49, 49],
  [13, 188, 121],
  [229, 229, 16],
  [59, 142, 234],
  [188, 63, 188],
  [17, 168, 205],
  [229, 229, 229],
  [102, 102, 102],
  [241, 76, 76],
  [35, 209, 139],
  [245, 245, 67],
  [59, 142, 234],
  [214, 112, 214],
  [41, 184, 219],
  [255, 255, 255],
];

/** A colour of the 256-colour palette: sixteen, a cube, and greys. */
export function rgbOf(color: number): Rgb {
  const basic = BASIC[color];
  if (basic !== undefined) return basic;
  if (color >= 232) {
    const level = 8 + 10 * (color - 232);
    return [level, level, level];
  }
  const level = (index: number): number => [0, 95, 135, 175, 215, 255][index % 6] ?? 0;
  const cube = color - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube)];
}
