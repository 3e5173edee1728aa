import { ActivityFailure, ApplicationFailure } from '@temporalio/common'
import type { OrderSignal, Step as StepOfOrder } from '../core/fulfilment.ts'
import { isTakenBack } from '../core/order-status.ts'
import type { Activities } from './activities.ts'
import type { Progress } from './progress.ts'

/** Type of the failure with which a step says that the customer's payment was declined. */
export const PAYMENT_DECLINED = 'PaymentDeclined'

export type Fulfilment = {
  activities: Omit<Activities, 'completeOrder' | 'announceOrder'>
  progress: Progress
  /** What was asked for meanwhile, from outside. */
  asked: () => OrderSignal | undefined
}

type Step = {
  name: StepOfOrder['name']
  run: (orderId: string) => Promise<string>
  undo?: (orderId: string, failure?: string) => Promise<string>
}

/**
 * Brings an order to its end, as a saga: what undoes a step is registered before the step begins, because one that fails
 * may have happened all the same. Answers the status in which the order ends. It may run several times for an order,
 * and other processes may take the order back at any moment: what counts is the status that each step finds.
 */
export async function fulfil(orderId: string, { activities, progress, asked }: Fulfilment): Promise<string> {
  const steps: Step[] = [
    { name: 'reserve', run: activities.confirmReservation, undo: activities.releaseOrder },
    { name: 'pay', run: activities.takePayment, undo: (id) => activities.refundPayment(id) },
    // What was mailed stays mailed: the customer gets another one in the end.
    { name: 'mail', run: activities.mailCustomer },
    { name: 'ship', run: activities.shipOrder },
  ]

  /**
   * In the order of the steps: releasing the order comes first, because from then on nobody else can ship it, and it is
   * known that its money is owed.
   */
  const undo = async (begun: Step[], failure?: string): Promise<string> => {
    for (const step of begun) {
      await step.undo?.(orderId, failure)
      if (step.undo) progress.markUndone(step.name)
    }
    return activities.mailCustomer(orderId)
  }

  const begun: Step[] = []
  let status = ''
  for (const step of steps) {
    begun.push(step)
    progress.mark(step.name, 'running')
    try {
      status = asked() ? await activities.releaseOrder(orderId) : await step.run(orderId)
    } catch (error) {
      progress.mark(step.name, 'failed')
      const declined = wordsOfDecline(error)
      // What went wrong inside is nothing to the customer.
      status = await undo(begun, declined ?? 'the order could not be carried out')
      if (declined === undefined) throw error
      return status
    }
    // An attempt before this one may have been lost after it had gone further: all of it is undone.
    if (isTakenBack(status)) {
      progress.mark(step.name, 'undone')
      return undo(steps)
    }
    progress.mark(step.name, 'done')
  }
  return asked() === 'refund' ? refund(orderId, activities) : status
}

/** Gives back the money of an order that was shipped, or that was taken back before. */
export async function refund(orderId: string, activities: Fulfilment['activities']): Promise<string> {
  const status = await activities.beginRefund(orderId)
  if (!isTakenBack(status)) return status
  await activities.refundPayment(orderId)
  return activities.mailCustomer(orderId)
}

function wordsOfDecline(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure && cause.type === PAYMENT_DECLINED ? cause.message : undefined
}
