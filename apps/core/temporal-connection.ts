import {
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client'

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number]
type NextCall = Parameters<Interceptor>[1]

const CANCELLED = 1

/**
 * A connection whose calls end when it is closed. Temporal's own makes the next attempt of a failed call from a
 * timer that `close()` leaves running, and the closed channel throws there, where nobody can catch it: the process
 * dies. Here such a call is rejected with the code CANCELLED.
 *
 * @param address host:port
 * @param connectTimeout ms
 */
export function connectTemporal(address: string, connectTimeout: number): Promise<Connection> {
  return Connection.connect({ address, connectTimeout, interceptors })
}

/** The same, connecting at its first call. */
export function connectLater(address: string, connectTimeout: number): Connection {
  return Connection.lazy({ address, connectTimeout, interceptors })
}

/** Between the retries and the channel. */
const endWithChannel: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as ReturnType<Interceptor>
  } catch (error) {
    return rejectedCall((error as Error).message)
  }
}

// The order of the list is from the caller to the channel.
const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithChannel]

/** A call that ends as soon as it is begun; without a message first, the retries would have none to pass on. */
function rejectedCall(details: string): ReturnType<Interceptor> {
  const nothing = () => {}
  const call: ReturnType<NextCall> = {
    start(metadata, listener) {
      listener?.onReceiveMessage?.(null)
      listener?.onReceiveStatus?.({ code: CANCELLED, details, metadata })
    },
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
    getPeer: () => '',
    getAuthContext: () => null,
  }
  // Retries take any call, though the type of an interceptor names grpc-js's own class.
  return call as ReturnType<Interceptor>
}
