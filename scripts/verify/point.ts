/** One point of the image contract. `unknown`: it could not be judged here, and the detail says why. */
export type Point = {
  id: string
  title: string
  verdict: 'ok' | 'failed' | 'unknown'
  detail: string
  next?: string
}

export const passed = (id: string, title: string, detail: string): Point => ({
  id,
  title,
  verdict: 'ok',
  detail,
})
export const failed = (id: string, title: string, detail: string, next: string): Point => ({
  id,
  title,
  verdict: 'failed',
  detail,
  next,
})
export const unknown = (id: string, title: string, detail: string, next?: string): Point => ({
  id,
  title,
  verdict: 'unknown',
  detail,
  ...(next ? { next } : {}),
})
