/**
 * The `begin` of the last command that never wrote its `end`: it was killed, or it still runs. Commands that
 * change the stack exclude each other, so only the last one can be without.
 */
export function unfinished<Entry extends { id: string; event: string }>(
  entries: readonly Entry[],
): Entry | undefined {
  const at = entries.findLastIndex(({ event }) => event === 'begin')
  const begun = entries[at]
  const ended = entries.slice(at + 1).some(({ event, id }) => event === 'end' && id === begun?.id)
  return ended ? undefined : begun
}
