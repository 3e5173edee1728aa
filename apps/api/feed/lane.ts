/** At most so many pieces of work at a time; the others wait their turn, first come, first served, but urgent ones first. */
export class Lane {
  #free: number
  #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = width
  }

  async run<T>(work: () => Promise<T>, { urgent = false } = {}): Promise<T> {
    if (this.#free > 0) this.#free--
    else {
      await new Promise<void>((resolve) => {
        if (urgent) this.#waiting.unshift(resolve)
        else this.#waiting.push(resolve)
      })
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
