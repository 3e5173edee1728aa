/** What was measured for one alert. It is raised from `raiseAt` on, and cleared below `clearBelow`. */
export type Reading = {
  alert: string
  value: number
  raiseAt: number
  clearBelow: number
  /** What the value says, in words, without the value. */
  text: string
}

export type AlertChange = Reading & { state: 'raised' | 'cleared'; since: Date }

/** A value has to hold for so many looks in a row, so that one at the edge is not raised and cleared all the time. */
const LOOKS_TO_RAISE = 2
const LOOKS_TO_CLEAR = 3

type Page = { raisedAt: Date | undefined; streak: number }

/** Which alerts stand: each is raised once and cleared once, however often it is looked at. */
export class AlertBook {
  #pages = new Map<string, Page>()

  /** Takes what one look has found; answers what changed by it. What is not among the readings stays as it is. */
  note(readings: Reading[], now: Date): AlertChange[] {
    return readings.flatMap((reading) => {
      const page = this.#pages.get(reading.alert) ?? { raisedAt: undefined, streak: 0 }
      this.#pages.set(reading.alert, page)
      const { raisedAt } = page
      const turns =
        raisedAt === undefined ? reading.value >= reading.raiseAt : reading.value < reading.clearBelow
      page.streak = turns ? page.streak + 1 : 0
      if (page.streak < (raisedAt === undefined ? LOOKS_TO_RAISE : LOOKS_TO_CLEAR)) return []
      page.streak = 0
      page.raisedAt = raisedAt === undefined ? now : undefined
      return [
        {
          ...reading,
          state: raisedAt === undefined ? ('raised' as const) : 'cleared',
          since: raisedAt ?? now,
        },
      ]
    })
  }

  /** The names of the alerts that stand. */
  standing(): string[] {
    return [...this.#pages].filter(([, { raisedAt }]) => raisedAt !== undefined).map(([alert]) => alert)
  }
}
