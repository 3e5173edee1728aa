import type { Client } from './client.ts'
import { ApiError } from './problem.ts'

const BASE = '/reports-api'
const unavailable = new Set([503, 504])

/**
 * The way to the reports service, which the API answers for: it may be away while the shop goes on, and then its
 * errors say that it is this service and nothing else.
 */
export function createReportsClient(api: Client): Client {
  return async <T>(path: string, call: Parameters<Client>[1] = {}): Promise<T> => {
    try {
      return await api<T>(BASE + path, { slow: true, ...call })
    } catch (error) {
      if (!(error instanceof ApiError) || !unavailable.has(error.status)) throw error
      const { requestId, members } = error
      throw new ApiError(error.status, 'the reports service is temporarily unavailable', {
        requestId,
        members,
      })
    }
  }
}
