/** How a form in a dialog ends; `saving` while it is being sent. */
export function SaveButtons({ saving, onCancel }: { saving: boolean; onCancel: () => void }) {
  return (
    <div className="row row-end">
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
      <button type="submit" className="button button-primary" disabled={saving}>
        {saving ? 'Saving…' : 'Save'}
      </button>
    </div>
  )
}
