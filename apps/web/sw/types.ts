/** The parts of the Cache API that are used. */
export type CacheLike = {
  match(path: string): Promise<Response | undefined>
  put(path: string, response: Response): Promise<void>
  keys(): Promise<readonly { url: string }[]>
  delete(path: string): Promise<boolean>
}

export type CachesLike = {
  open(name: string): Promise<CacheLike>
  has(name: string): Promise<boolean>
  keys(): Promise<string[]>
  delete(name: string): Promise<boolean>
}

export type Fetch = (request: Request | string, init?: RequestInit) => Promise<Response>

/** What a build consists of: its version, and the path of every file of it that the page may load. */
export type Release = { version: string; files: string[] }
