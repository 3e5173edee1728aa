import { expect, test } from 'vitest'
import { ActivitySlots } from '../../../apps/worker/slots.ts'

const never = new AbortController().signal

const slotInfo = { type: 'activity', activityType: 'any' } as const

test('gives as many slots as there are, and the next one when one is free again', async () => {
  const slots = new ActivitySlots(1)
  const permit = await slots.reserveSlot(undefined, never)
  slots.markSlotUsed({ permit, slotInfo })
  expect(slots.tryReserveSlot()).toBeNull()
  const next = slots.reserveSlot(undefined, never)
  slots.releaseSlot({ permit })
  expect(await next).not.toBe(permit)
})

test('lets one poll at a time be under way', async () => {
  const slots = new ActivitySlots(3)
  const first = await slots.reserveSlot(undefined, never)
  let given = false
  const second = slots.reserveSlot(undefined, never).then(() => {
    given = true
  })
  await Promise.resolve()
  expect(given).toBe(false)
  slots.markSlotUsed({ permit: first, slotInfo })
  await second
})

test('a reservation that is no longer wanted ends with the reason, and takes no slot', async () => {
  const slots = new ActivitySlots(1)
  const permit = await slots.reserveSlot(undefined, never)
  const unwanted = new AbortController()
  const given = slots.reserveSlot(undefined, unwanted.signal)
  unwanted.abort(new Error('not wanted'))
  await expect(given).rejects.toThrow('not wanted')
  slots.releaseSlot({ permit })
  expect(slots.tryReserveSlot()).not.toBeNull()
})

test('drained, it gives no slot any more, and is done once each question has its answer', async () => {
  const slots = new ActivitySlots(3)
  const [busy, polling] = [slots.tryReserveSlot(), slots.tryReserveSlot()]
  if (!busy || !polling) throw new Error('no slots')
  slots.markSlotUsed({ permit: busy, slotInfo })
  let drained = false
  const draining = slots.drain(60_000).then(() => {
    drained = true
  })
  expect(slots.tryReserveSlot()).toBeNull()
  slots.releaseSlot({ permit: busy })
  await Promise.resolve()
  expect(drained).toBe(false)
  slots.markSlotUsed({ permit: polling, slotInfo })
  await draining
})

test('waits no longer than asked, and not at all where no task came for a while', async () => {
  let now = 0
  const slots = new ActivitySlots(2, () => now)
  slots.markSlotUsed({ permit: {}, slotInfo })
  await slots.reserveSlot(undefined, never)
  await slots.drain(1)
  now = 5001
  await slots.drain(60_000)
})
