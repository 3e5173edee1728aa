/** Bytes for people, in the unit of `docker stats`. */
export const megabytes = (bytes: number): string =>
  bytes >= 10 * 2 ** 30 ? `${Math.round(bytes / 2 ** 30)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`
