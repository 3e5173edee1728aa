const FEW = 10

/** What people want to know about a stock: the number matters only when it is small. */
export function stockText(stock: number): string {
  if (stock <= 0) return 'Sold out'
  return stock <= FEW ? `Only ${stock} left` : 'In stock'
}

export function StockBadge({ stock }: { stock: number }) {
  const tone = stock <= 0 ? 'bad' : stock <= FEW ? 'warn' : 'good'
  return <p className={`stock stock-${tone}`}>{stockText(stock)}</p>
}
