// A text without what ends it. `/[;&]+$/` would begin anew at each character of a run that does not
// end the text, which takes minutes for a value of 64 KiB; this looks at each character once.

export function withoutEnd(text: string, ending: string): string {
  let length = text.length;
  while (length > 0 && ending.includes(text.charAt(length - 1))) length -= 1;
  return text.slice(0, length);
}
