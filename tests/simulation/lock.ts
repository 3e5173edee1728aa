/** The deploy lock of the launcher: held by a process and by every command that it started, until the last one ends. */
export class Lock {
  readonly #holders = new Set<object>()
  #waiting: (() => void)[] = []

  get held(): boolean {
    return this.#holders.size > 0
  }

  /** Takes it for a process. Resolves with false when another has it and `wait` is off. */
  async take(holder: object, wait: boolean): Promise<boolean> {
    while (this.held) {
      if (!wait) return false
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#holders.add(holder)
    return true
  }

  /** A command that a holder started holds it too. */
  share(holder: object): void {
    this.#holders.add(holder)
  }

  release(holder: object): void {
    if (this.#holders.delete(holder) && !this.held) this.#wake()
  }

  clear(): void {
    this.#holders.clear()
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}
