import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { temporal } from '@temporalio/proto'
import { ActivityTasks } from './temporal-activities.ts'
import { type Methods, serveTemporal } from './temporal-rpc.ts'

const { history, enums, query } = {
  history: temporal.api.history.v1,
  enums: temporal.api.enums.v1,
  query: temporal.api.query.v1,
}
const { EventType, CommandType, WorkflowTaskFailedCause } = enums

type Event = temporal.api.history.v1.IHistoryEvent
type Command = temporal.api.command.v1.ICommand
type Task = temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse
type Completed = temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest

const payloadOf = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
})

const readPayload = (payload: { data?: Uint8Array | null } | null | undefined): unknown =>
  JSON.parse(Buffer.from(payload?.data ?? []).toString())

/**
 * As much of a Temporal server as one run of one workflow needs that uses activities. The worker that connects to it is
 * the real one; what it decides becomes the history, as a real server would record it. An activity that fails is repeated
 * at once, whatever its workflow says of pauses.
 */
export class TemporalServer {
  readonly events: Event[] = []
  /** Answers of the worker to failed workflow tasks: none if all is well. */
  readonly failures: string[] = []
  #close = () => {}
  #tasks: Task[] = []
  #waiting: ((task: Task) => void)[] = []
  #answers: ((value: unknown) => void)[] = []
  #released = Promise.withResolvers<Task>()
  #over = Promise.withResolvers<unknown>()
  #activities = new ActivityTasks({
    record: (eventType, attributes) => this.#record(eventType, attributes),
    ended: () => this.#schedule(),
  })
  #type: string

  constructor(type: string) {
    this.#type = type
  }

  /** Resolves with the result of the workflow. */
  get result(): Promise<unknown> {
    return this.#over.promise
  }

  /** Listens; answers its address. */
  async listen(): Promise<string> {
    const methods: Methods = {
      GetSystemInfo: () => ({ serverVersion: '1.31.0', capabilities: { sdkMetadata: true } }),
      DescribeNamespace: () => ({ namespaceInfo: { name: 'default', id: 'default' } }),
      PollWorkflowTaskQueue: () => this.#poll(),
      PollActivityTaskQueue: () => Promise.race([this.#released.promise, this.#activities.next()]),
      ...this.#activities.methods,
      ShutdownWorker: () => ({}),
      RespondWorkflowTaskCompleted: (request: Completed) => this.#complete(request),
      RespondWorkflowTaskFailed: ({ cause, failure }: Failed) => {
        this.failures.push(`${WorkflowTaskFailedCause[cause ?? 0]}: ${failure?.message}`)
      },
      RespondQueryTaskCompleted: ({ queryResult, errorMessage }: Answered) =>
        this.#answers.shift()?.(errorMessage || readPayload(queryResult?.payloads?.[0])),
    }
    const { address, close } = await serveTemporal(methods)
    this.#close = close
    return address
  }

  /** Lets go of a worker that shuts down: it waits for its questions to be answered. */
  release(): void {
    this.#released.resolve({})
  }

  close(): void {
    this.#close()
  }

  /** Starts the workflow; `meanwhile` are events that happen before a worker has got its first task. */
  start(argument: unknown, meanwhile: Event[] = []): void {
    this.#record(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, {
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: this.#type },
        taskQueue: { name: 'orders' },
        input: { payloads: [payloadOf(argument)] },
        workflowTaskTimeout: { seconds: 10 as never },
        originalExecutionRunId: 'run-1',
        firstExecutionRunId: 'run-1',
        attempt: 1,
        workflowId: 'workflow-1',
      },
    })
    for (const event of meanwhile) this.#record(event.eventType ?? 0, event)
    this.#schedule()
  }

  /** What the worker said with each heartbeat of an activity. */
  get heartbeats(): unknown[] {
    return this.#activities.heartbeats
  }

  /** How often an attempt of an activity failed, and is to be repeated. */
  get retries(): number {
    return this.#activities.retries
  }

  /** Asks for the workflow to be cancelled. */
  cancel(): void {
    this.#record(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED, {
      workflowExecutionCancelRequestedEventAttributes: {},
    })
    this.#schedule()
  }

  /** Asks the worker; answers what it says, or the text of its error. */
  ask(queryType: string): Promise<unknown> {
    const asked = Promise.withResolvers<unknown>()
    this.#answers.push(asked.resolve)
    const last = this.events.findLast(
      ({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    )
    this.#offer({
      query: query.WorkflowQuery.create({ queryType }),
      ...{ startedEventId: 0 as never, previousStartedEventId: last?.eventId ?? null },
    })
    return asked.promise
  }

  /** The history in the form in which it can be stored and replayed. */
  recorded(): object {
    return JSON.parse(historyToJSON(history.History.create({ events: this.events })))
  }

  #record(eventType: temporal.api.enums.v1.EventType, attributes: Event): number {
    this.events.push({
      ...attributes,
      eventId: (this.events.length + 1) as never,
      eventTime: seconds(),
      eventType,
    })
    return this.events.length
  }

  #schedule(): void {
    this.#record(EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, {
      workflowTaskScheduledEventAttributes: { taskQueue: { name: 'orders' }, attempt: 1 },
    })
    this.#record(EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED, {
      workflowTaskStartedEventAttributes: { scheduledEventId: this.events.length as never },
    })
    this.#offer({})
  }

  #offer(given: Task): void {
    const task: Task = {
      taskToken: Buffer.from(`task-${this.events.length}`),
      workflowExecution: { workflowId: 'workflow-1', runId: 'run-1' },
      workflowType: { name: this.#type },
      workflowExecutionTaskQueue: { name: 'orders' },
      startedEventId: this.events.length as never,
      attempt: 1,
      history: { events: [...this.events] },
      ...{ scheduledTime: seconds(), startedTime: seconds() },
      ...given,
    }
    const taker = this.#waiting.shift()
    if (taker) taker(task)
    else this.#tasks.push(task)
  }

  #poll(): Promise<Task> | Task {
    const task = this.#tasks.shift()
    return (
      task ??
      Promise.race([this.#released.promise, new Promise<Task>((resolve) => this.#waiting.push(resolve))])
    )
  }

  #complete({ commands, sdkMetadata, forceCreateNewWorkflowTask }: Completed): object {
    this.#record(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, {
      workflowTaskCompletedEventAttributes: {
        scheduledEventId: (this.events.length - 1) as never,
        startedEventId: this.events.length as never,
        ...(sdkMetadata && { sdkMetadata }),
      },
    })
    for (const command of commands ?? []) this.#apply(command)
    if (forceCreateNewWorkflowTask) this.#schedule()
    return {}
  }

  #apply(command: Command): void {
    switch (command.commandType) {
      case CommandType.COMMAND_TYPE_RECORD_MARKER:
        this.#record(EventType.EVENT_TYPE_MARKER_RECORDED, {
          markerRecordedEventAttributes: command.recordMarkerCommandAttributes ?? {},
        })
        break
      case CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
        this.#record(EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, {
          upsertWorkflowSearchAttributesEventAttributes:
            command.upsertWorkflowSearchAttributesCommandAttributes ?? {},
        })
        break
      case CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION: {
        const attributes = command.completeWorkflowExecutionCommandAttributes ?? {}
        this.#record(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, {
          workflowExecutionCompletedEventAttributes: attributes,
        })
        this.#over.resolve(readPayload(attributes.result?.payloads?.[0]))
        break
      }
      case CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK:
        this.#activities.schedule(command.scheduleActivityTaskCommandAttributes ?? {}, this.#type)
        break
      case CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK:
        this.#activities.cancel()
        break
      case CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION:
        this.#record(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED, {
          workflowExecutionCanceledEventAttributes: {},
        })
        this.#over.reject(new Error('the workflow is cancelled'))
        break
      default:
        this.#over.reject(new Error(`not expected of the workflow: ${CommandType[command.commandType ?? 0]}`))
    }
  }
}

type Failed = temporal.api.workflowservice.v1.IRespondWorkflowTaskFailedRequest
type Answered = temporal.api.workflowservice.v1.IRespondQueryTaskCompletedRequest

const seconds = () => ({ seconds: Math.floor(Date.now() / 1000) as never })
