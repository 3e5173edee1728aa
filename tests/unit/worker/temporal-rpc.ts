import { createRequire } from 'node:module'
import { temporal } from '@temporalio/proto'

// Temporal's client brings it along.
const { Server, ServerCredentials } = createRequire(
  createRequire(import.meta.url).resolve('@temporalio/client'),
)('@grpc/grpc-js') as typeof import('@grpc/grpc-js')

type Message = {
  create(value: object): object
  decode(bytes: Uint8Array): object
  encode(value: object): { finish(): Uint8Array }
}

/** Methods of Temporal's WorkflowService by their names; an error with a gRPC `code` is answered as one. */
export type Methods = Record<string, (request: never) => unknown>

/** Serves them on a port of this machine. */
export async function serveTemporal(methods: Methods): Promise<{ address: string; close: () => void }> {
  const server = new Server()
  for (const [name, method] of Object.entries(methods)) {
    server.addService(
      { [name]: definitionOf(name) } as never,
      {
        [name]: async ({ request }: { request: never }, answer: (error: unknown, value?: object) => void) => {
          try {
            answer(null, ((await method(request)) as object) ?? {})
          } catch (error) {
            answer(error)
          }
        },
      } as never,
    )
  }
  const bind = Promise.withResolvers<number>()
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  )
  return { address: `127.0.0.1:${await bind.promise}`, close: () => server.forceShutdown() }
}

/** One method; the messages are those of its name. */
function definitionOf(name: string): object {
  const messages = temporal.api.workflowservice.v1 as unknown as Record<string, Message>
  const [request, response] = [messages[`${name}Request`], messages[`${name}Response`]] as [Message, Message]
  return {
    path: `/temporal.api.workflowservice.v1.WorkflowService/${name}`,
    ...{ requestStream: false, responseStream: false },
    ...{ requestSerialize: () => Buffer.alloc(0), responseDeserialize: () => ({}) },
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (value: object) => Buffer.from(response.encode(response.create(value)).finish()),
  }
}
