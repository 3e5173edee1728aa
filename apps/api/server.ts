/**
 * Entry point of an API process. PM2 starts processes one after another, each when the one before has said that it is
 * ready. Loading the application takes most of that time, so it is said first and they load side by side; whether
 * traffic may come is a question to /ready, not to PM2.
 */
process.send?.('ready')
await import('./listen.ts')
