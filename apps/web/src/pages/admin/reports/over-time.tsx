import type { Range } from '../../../api/reports.ts'
import { money } from '../../../format/money.ts'
import { count } from '../../../format/numbers.ts'
import type { Format, Point, Series } from './charts/types.ts'
import { Figure } from './figure.tsx'
import { FigureTable } from './figure-table.tsx'
import { type Bucket, bucketName, grainColumn, grainOf, peak, tickOf } from './series.ts'

type OverTime<Key extends string> = {
  title: string
  range: Range
  buckets: readonly Bucket<Key>[]
  /** Whose peak the sentence names. */
  about: Key
  format: Format
  series: readonly (Series & { key: Key })[]
  /** What the table has besides the series, such as other units. */
  more?: readonly { key: Key; name: string; format: Format }[]
}

/** A chart over the days, weeks or months of a range, with a sentence and a table of the same. */
export function OverTime<Key extends string>(props: OverTime<Key>) {
  const { title, range, buckets, about, format, series, more = [] } = props
  const grain = grainOf(range)
  const best = peak(buckets, about)
  const peakName = series.find(({ key }) => key === about)?.name ?? title
  const words = (of: Format) => (of === 'money' ? money : count)
  const points = buckets.map(
    (bucket): Point => ({
      ...bucket,
      name: tickOf(bucket.start, grain),
      title: bucketName(bucket.start, grain),
    }),
  )
  const columns = [...series.map(({ key, name }) => ({ key, name, format })), ...more]
  return (
    <Figure
      title={title}
      says={
        best
          ? `${peakName} by ${grain}. Peak: ${words(format)(best[about])}, ${bucketName(best.start, grain)}.`
          : `${peakName} by ${grain}: nothing in these days.`
      }
      points={points}
      series={series}
      format={format}
      table={
        <FigureTable
          caption={`${title} by ${grain}`}
          rows={[...buckets].reverse()}
          rowKey={({ start }) => start}
          columns={[
            { title: grainColumn[grain], cell: ({ start }) => bucketName(start, grain), text: true },
            ...columns.map(({ key, name, format: of }) => ({
              title: name,
              cell: (bucket: Bucket<Key>) => words(of)(bucket[key]),
            })),
          ]}
        />
      }
    />
  )
}
