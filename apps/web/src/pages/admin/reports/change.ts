/** How a figure stands to that of the period before. `percent`: of that one; undefined where it was zero. */
export type Change = { direction: 'up' | 'down' | 'same'; difference: number; percent: number | undefined }

export function changeOf(now: number | null, before: number | null | undefined): Change | undefined {
  if (now === null || before === null || before === undefined) return undefined
  const direction = now > before ? 'up' : now < before ? 'down' : 'same'
  const difference = now - before
  return { direction, difference, percent: before === 0 ? undefined : (difference / Math.abs(before)) * 100 }
}

/** `better`: which way is good news; neither for figures that are neither good nor bad. */
export function toneOf(change: Change, better: 'up' | 'down' | 'neither'): 'good' | 'bad' | 'plain' {
  if (change.direction === 'same' || better === 'neither') return 'plain'
  return change.direction === better ? 'good' : 'bad'
}
