/** A job runs once per slot of its schedule (a cron expression in UTC, to the minute), whoever runs it. */
export type Job = {
  name: string
  schedule: string
  run: (slot: Date) => Promise<void>
}

/** What the schedule consists of. */
export function jobs(): Job[] {
  return [
    // Its rows are the proof that the schedule is alive: `./ecomweb status` shows the last ones.
    { name: 'heartbeat', schedule: '* * * * *', run: async () => {} },
  ]
}
