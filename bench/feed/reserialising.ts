import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

/** What the feed is compared with: a handler that reads, parses and writes the JSON again for each request. */
createServer(async (request, response) => {
  if (request.url === '/ready') return void response.end()
  const body = JSON.parse(await readFile('/feed/data.json', 'utf8'))
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(body))
}).listen(3001)
