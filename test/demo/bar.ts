// One line of blocks that shows how full the server is, and where the limit lies.

const BLOCK = "█";
const SPACE = "░";

/** `width` characters, the used share filled; any use at all shows. 50 of 200 in 8: 2 filled. */
export function renderBar(used: number, limit: number, width: number): string {
  const share = Math.min(1, Math.max(0, used / limit));
  const filled = used > 0 ? Math.max(1, Math.round(share * width)) : 0;
  return BLOCK.repeat(filled) + SPACE.repeat(width - filled);
}
