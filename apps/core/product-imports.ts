import { join } from 'node:path'

/** Where the table of an import lies until it is finished; no upload has such an id. */
export const importFile = (uploads: string, id: string): string => join(uploads, 'imports', `${id}.csv`)

/** The columns that a table of products must have; the order is free. Money is in euros, 12.34. */
export const IMPORT_COLUMNS = ['name', 'description', 'price', 'stock', 'category'] as const
