/** Why a refresh of the feed failed, in words for whoever looks after the shop; never contains a password. */
export class FeedError extends Error {
  override name = 'FeedError'
}
