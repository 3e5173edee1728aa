import { Component, type ReactNode } from 'react'

/** The last resort: a page that broke leaves the rest of the shop usable. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <div className="empty" role="alert">
        <h1>This page stumbled</h1>
        <p>Perhaps a new version of the shop has just come. Your cart is safe.</p>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Load the page anew
        </button>
      </div>
    )
  }
}
