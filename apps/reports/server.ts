/** Entry point of the reports backend. Only the API processes of the same container reach it. */
await import('./listen.ts')
