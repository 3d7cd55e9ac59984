// What `ONLY=text` picks of a list. Of a name that nobody has it picks nothing, and nothing always
// passes: so that is an end with the names that there are.

/** Those whose name has `text` in it; ends the process with 2 where there are none. */
export function pickByName<T extends { readonly name: string }>(
  list: readonly T[],
  text = "",
): readonly T[] {
  const picked = list.filter(({ name }) => name.includes(text));
  if (picked.length > 0) return picked;
  console.error(`ONLY=${text} picks none of these:`);
  for (const { name } of list) console.error(`  ${name}`);
  process.exit(2);
}
