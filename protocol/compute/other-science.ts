type Science = Readonly<Record<string, number>>;

/** What a task asks for that a program lacks or computes otherwise, in words; undefined if nothing. */
export function otherScience(asked: Science, has: Science): string | undefined {
  const other = Object.entries(asked).filter(([name, version]) => has[name] !== version);
  if (other.length === 0) return undefined;
  return other
    .map(
      ([name, version]) =>
        `${name} ${version}, and the compute program has ${has[name] === undefined ? 'none' : `version ${has[name]}`}`,
    )
    .join('; ');
}
