import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isSettled, progressQuery } from '../api/orders.ts'
import type { Order, Step, StepName, StepState } from '../api/types.ts'
import { timeOfDay } from '../format/dates.ts'
import { CheckIcon, CrossIcon, UndoIcon } from '../ui/icons.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { LinesSkeleton } from '../ui/skeleton.tsx'

const titles: Record<StepName, string> = {
  reserve: 'Set aside for you',
  pay: 'Payment',
  mail: 'Confirmation by e-mail',
  ship: 'On its way',
}
const states: Record<StepState, string> = {
  done: 'done',
  running: 'happening now',
  waiting: 'still to come',
  undone: 'taken back',
  failed: 'failed',
}
const marks: Partial<Record<StepState, () => ReactNode>> = {
  done: CheckIcon,
  failed: CrossIcon,
  undone: UndoIcon,
}

/** The steps of an order. `pause`: milliseconds between two questions while something may still happen. */
export function OrderProgress({ order, pause }: { order: Order; pause: number }) {
  const settled = isSettled(order)
  const { data, error, refetch } = useQuery({
    ...progressQuery(order.id),
    refetchInterval: ({ state }) => (settled && !isMoving(state.data) ? false : pause),
  })
  if (data) {
    return (
      <ol className="steps">
        {data.map((step) => (
          <StepLine key={step.name} step={step} />
        ))}
      </ol>
    )
  }
  return error ? (
    <ErrorNotice error={error} retry={() => void refetch()} />
  ) : (
    <LinesSkeleton label="Loading the steps" />
  )
}

const isMoving = (steps: Step[] | undefined): boolean =>
  steps?.some(({ state }) => state === 'running') ?? true

function StepLine({ step: { name, state, at } }: { step: Step }) {
  const Mark = marks[state]
  return (
    <li className={`step step-${state}`} aria-current={state === 'running' ? 'step' : undefined}>
      <span className="step-mark">{Mark ? <Mark /> : null}</span>
      <span className="step-title">{titles[name] ?? name}</span>
      <span className="small">
        {states[state] ?? state}
        {at ? `, ${timeOfDay(at)}` : ''}
      </span>
    </li>
  )
}
