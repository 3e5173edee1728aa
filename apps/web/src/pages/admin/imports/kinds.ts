import type { ImportKind } from '../../../api/imports.ts'

type Kind = { title: string; about: string; sample: string }

/** What can be imported, with a file that shows its columns. Money is in euros with a point. */
export const kinds: Record<ImportKind, Kind> = {
  'ad-spend': {
    title: 'Advertising spend',
    about: 'What each campaign cost on each day. A channel is named as in the utm_source of its links.',
    sample: [
      'day,channel,campaign,spend,clicks,impressions',
      '2026-03-02,newsletter,spring,42.50,180,5200',
      '2026-03-02,search,brand,118.00,412,9150',
      '',
    ].join('\n'),
  },
  costs: {
    title: 'Product costs',
    about: 'What a product costs the shop from a day on, until the next line for it.',
    sample: [
      'product_id,valid_from,cost',
      '1,2026-01-01,18.90',
      '1,2026-06-01,19.40',
      '2,2026-01-01,4.10',
      '',
    ].join('\n'),
  },
  'competitor-prices': {
    title: 'Competitor prices',
    about: 'What others asked for the same product on a day.',
    sample: [
      'product_id,competitor,seen_on,price',
      '1,Other shop,2026-03-02,36.00',
      '2,Other shop,2026-03-02,8.95',
      '',
    ].join('\n'),
  },
}
