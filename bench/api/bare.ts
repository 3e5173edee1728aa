import { readFileSync } from 'node:fs'
import express from 'express'

/** A bare Express handler that sends the bytes of a file as JSON: the most that a handler in Express can do. */
const body = readFileSync(String(process.env.BODY))
const app = express()
app.disable('x-powered-by')
// The shop has the tag of a cached answer ready; Express would compute one for each.
app.disable('etag')
app.get('/api/products', (_request, response) => {
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.send(body)
})
app.listen(Number(process.env.PORT), () => process.send?.('ready'))
