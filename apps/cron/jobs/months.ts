/**
 * The same day a month later, at the same time of day (UTC). `anchorDay` is the day that was agreed on, 1 to 31: months
 * that have no such day have their last one instead, and the month after goes back to it.
 */
export function monthAfter(moment: Date, anchorDay: number): Date {
  const lastDay = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 2, 0)).getUTCDate()
  const after = new Date(moment)
  after.setUTCDate(1)
  after.setUTCMonth(moment.getUTCMonth() + 1)
  after.setUTCDate(Math.min(anchorDay, lastDay))
  return after
}
