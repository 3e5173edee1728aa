const keys = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Stands where products will be. */
export function GridSkeleton({ count = 8 }: { count?: number }) {
  return (
    <div className="grid" role="status" aria-label="Loading products">
      {keys(count).map((key) => (
        <div key={key} className="card skeleton-card" aria-hidden="true">
          <div className="skeleton skeleton-image" />
          <div className="skeleton skeleton-line" />
          <div className="skeleton skeleton-line skeleton-short" />
        </div>
      ))}
    </div>
  )
}

export function LinesSkeleton({ count = 4, label = 'Loading' }: { count?: number; label?: string }) {
  return (
    <div className="stack" role="status" aria-label={label}>
      {keys(count).map((key) => (
        <div key={key} className="skeleton skeleton-row" aria-hidden="true" />
      ))}
    </div>
  )
}

export function PageSkeleton() {
  return (
    <div className="stack" role="status" aria-label="Loading the page">
      <div className="skeleton skeleton-title" aria-hidden="true" />
      <LinesSkeleton />
    </div>
  )
}
