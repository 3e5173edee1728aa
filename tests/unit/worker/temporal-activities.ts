import { temporal } from '@temporalio/proto'
import type { Methods } from './temporal-rpc.ts'

const { EventType } = temporal.api.enums.v1

type Heartbeat = temporal.api.workflowservice.v1.IRecordActivityTaskHeartbeatRequest
type Completed = temporal.api.workflowservice.v1.IRespondActivityTaskCompletedRequest
type Task = temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse
type Failed = temporal.api.workflowservice.v1.IRespondActivityTaskFailedRequest
type Scheduled = temporal.api.command.v1.IScheduleActivityTaskCommandAttributes
type Event = temporal.api.history.v1.IHistoryEvent
type Recorder = {
  /** Answers the id of the event. */
  record(type: temporal.api.enums.v1.EventType, attributes: Event): number
  /** The workflow may go on. */
  ended(): void
}

/** The activity of a workflow that has one at a time, as a server hands it out and takes its end. */
export class ActivityTasks {
  readonly heartbeats: unknown[] = []
  /** How often an attempt failed. */
  retries = 0
  #recorder: Recorder
  #task: Task | undefined
  #attempts = 1
  #cancelRequested = false
  #scheduledEventId = 0
  #offered: Task[] = []
  #pollers: ((task: Task) => void)[] = []

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  get methods(): Methods {
    return {
      RecordActivityTaskHeartbeat: ({ details }: Heartbeat) => {
        const [payload] = details?.payloads ?? []
        if (payload) this.heartbeats.push(JSON.parse(Buffer.from(payload.data ?? []).toString()))
        return { cancelRequested: this.#cancelRequested }
      },
      RespondActivityTaskCompleted: ({ result }: Completed) =>
        this.#end(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, (ids) => ({
          activityTaskCompletedEventAttributes: { ...ids, ...(result && { result }) },
        })),
      RespondActivityTaskCanceled: () =>
        this.#end(EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED, (ids) => ({
          activityTaskCanceledEventAttributes: ids,
        })),
      RespondActivityTaskFailed: ({ failure }: Failed) => {
        if (++this.retries < this.#attempts) this.#offer({ ...this.#task, attempt: this.retries + 1 })
        else
          this.#end(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED, (ids) => ({
            activityTaskFailedEventAttributes: { ...ids, ...(failure && { failure }) },
          }))
      },
    }
  }

  next(): Promise<Task> {
    const task = this.#offered.shift()
    return task ? Promise.resolve(task) : new Promise((resolve) => this.#pollers.push(resolve))
  }

  schedule(command: Scheduled, workflowType: string): void {
    const { activityId, activityType, input, taskQueue, heartbeatTimeout, startToCloseTimeout } = command
    this.#attempts = command.retryPolicy?.maximumAttempts || Number.POSITIVE_INFINITY
    this.#scheduledEventId = this.#recorder.record(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, {
      activityTaskScheduledEventAttributes: {
        activityId,
        activityType,
        input,
        taskQueue,
        heartbeatTimeout,
        startToCloseTimeout,
      },
    })
    this.#offer({
      taskToken: Buffer.from(`activity-${this.#scheduledEventId}`),
      workflowExecution: { workflowId: 'workflow-1', runId: 'run-1' },
      workflowType: { name: workflowType },
      workflowNamespace: 'default',
      ...{ activityId, activityType, input, heartbeatTimeout, startToCloseTimeout, attempt: 1 },
      scheduleToCloseTimeout: command.scheduleToCloseTimeout ?? { seconds: 0 as never },
      ...{ scheduledTime: now(), currentAttemptScheduledTime: now(), startedTime: now() },
    })
  }

  cancel(): void {
    this.#cancelRequested = true
    this.#recorder.record(EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED, {
      activityTaskCancelRequestedEventAttributes: { scheduledEventId: this.#scheduledEventId as never },
    })
  }

  #offer(task: Task): void {
    this.#task = task
    const poller = this.#pollers.shift()
    if (poller) poller(task)
    else this.#offered.push(task)
  }

  #end(
    type: temporal.api.enums.v1.EventType,
    eventOf: (ids: { scheduledEventId: never; startedEventId: never }) => Event,
  ): void {
    const scheduledEventId = this.#scheduledEventId as never
    const startedEventId = this.#recorder.record(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED, {
      activityTaskStartedEventAttributes: { scheduledEventId, attempt: this.#task?.attempt ?? 1 },
    }) as never
    this.#recorder.record(type, eventOf({ scheduledEventId, startedEventId }))
    this.#recorder.ended()
  }
}

const now = () => ({ seconds: Math.floor(Date.now() / 1000) as never })
