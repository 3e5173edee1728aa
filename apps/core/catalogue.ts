import type { Database } from './database.ts'

const LOCK = 7_266_002

/** What a new shop sells. The first two never run out in practice: load tests order them. */
const products = [
  ['Canvas tote', 'Heavy cotton, long handles, carries a week of shopping.', 1_800, 1_000_000, 'bags'],
  ['Enamel mug', 'Holds 350 ml and survives the camp fire.', 1_250, 1_000_000, 'kitchen'],
  ['Wool beanie', 'Merino, knitted in one piece.', 2_900, 400, 'clothing'],
  ['Linen shirt', 'Straight cut, washed once before sewing.', 6_900, 250, 'clothing'],
  ['Field notebook', 'Stitched, dotted, 96 pages.', 950, 5_000, 'paper'],
  ['Fountain pen', 'Steel nib, takes standard cartridges.', 4_200, 300, 'paper'],
  ['Pour-over dripper', 'Stoneware for one to four cups.', 3_400, 180, 'kitchen'],
  ['Bread knife', 'Forged, 24 cm, serrated.', 7_800, 90, 'kitchen'],
  ['Trail backpack', 'Twenty litres, rain cover in the base.', 11_900, 60, 'bags'],
  ['Desk lamp', 'Brass arm, warm light, dimmable.', 14_500, 40, 'home'],
  ['Wool blanket', 'Woven from recycled yarn, 140 by 200 cm.', 12_400, 75, 'home'],
  ['Cast iron pan', 'Ready seasoned, 26 cm.', 5_600, 120, 'kitchen'],
] as const

/**
 * Fills an empty shop and leaves any other as it is. Returns the number of products added. The lock keeps two
 * colours that start together from filling it twice.
 */
export async function seedCatalogue(database: Database): Promise<number> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`
    if ((await transaction.product.count()) > 0) return 0
    const data = products.map(([name, description, priceCents, stock, category]) => {
      const imageUrl = `/images/${name.toLowerCase().replaceAll(' ', '-')}.svg`
      return { name, description, priceCents, stock, category, imageUrl }
    })
    return (await transaction.product.createMany({ data })).count
  })
}
