/** Who polls a task queue: one identity per worker process. Errors: no answer within two seconds. */
export async function readPollers(address: string, namespace: string, taskQueue: string): Promise<string[]> {
  // Costs 0.2 s to load, so only for those who ask.
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout: 2000 })
  try {
    const described = await connection.withDeadline(Date.now() + 2000, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: 1,
      }),
    )
    // The server remembers a poller for five minutes; one that has gone no longer asks.
    const fresh = Date.now() - 75_000
    const seen = (described.pollers ?? []).filter(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > fresh,
    )
    return [...new Set(seen.map((poller) => poller.identity ?? ''))]
  } finally {
    await connection.close()
  }
}
