import type { TextStyle } from './text.js';

let context: CanvasRenderingContext2D | null | undefined;
let fonts: Readonly<Record<TextStyle, string>> | undefined;
const known = new Map<string, number>();

/** The width of a text in the fonts that the drawing uses. */
export function measureText(text: string, style: TextStyle): number {
  const key = `${style}\n${text}`;
  let width = known.get(key);
  if (width === undefined) known.set(key, (width = measure(text, style)));
  return width;
}

/** To be called when the theme may have brought other fonts. */
export function forgetFonts(): void {
  fonts = undefined;
  known.clear();
}

function measure(text: string, style: TextStyle): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * 6.5;
  fonts ??= readFonts();
  context.font = fonts[style];
  return context.measureText(text).width;
}

function readFonts(): Record<TextStyle, string> {
  const family = getComputedStyle(document.body).fontFamily;
  return { normal: `12px ${family}`, strong: `600 12px ${family}`, small: `11px ${family}` };
}
