/** The part of an order's id that people read to each other. */
export const orderNumber = (id: string): string => id.slice(0, 8).toUpperCase()
