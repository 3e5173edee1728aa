/** Where to go after signing in: a path of this shop, and nothing that leads away from it. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/orders'
}
