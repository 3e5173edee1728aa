import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { executeUpdates, type Preview } from '../../../api/pricing.ts'
import { passing } from '../../../api/shop.ts'
import { randomKey } from '../../../checkout/attempt.ts'
import { count } from '../../../format/numbers.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { applyPreview, isOutdated } from './apply.ts'
import { outdateCatalogue } from './outdate.ts'
import { directions } from './preview-rows.ts'

type ApplyDialog = { preview: Preview; rule: string; onClose: () => void; onOutdated: () => void }

/** Asks once more, then changes the prices; when they are no longer those of the preview, offers a new one. */
export function ApplyDialog({ preview, rule, onClose, onOutdated }: ApplyDialog) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { fingerprint, changes } = preview
  const { up, down } = directions(changes)
  const applying = useMutation({
    mutationFn: () =>
      applyPreview({ fingerprint, rule }, { execute: executeUpdates, store: passing, newKey: randomKey }),
    onSuccess(run) {
      void outdateCatalogue(queries)
      void navigate(`/admin/pricing/runs/${run.id}`, { state: { applied: true } })
    },
  })
  const outdated = isOutdated(applying.error)
  return (
    <Dialog title={outdated ? 'Prices have changed since' : 'Change these prices?'} onClose={onClose}>
      <div className="stack">
        {outdated ? (
          <p role="alert">
            Prices, costs or rules are no longer those of this preview, so nothing was changed. A new preview
            shows what the rules would do now.
          </p>
        ) : (
          <p>
            For everybody, at once: {count(up)} up, {count(down)} down. You can undo it afterwards.
          </p>
        )}
        {applying.error && !outdated ? (
          <ErrorNotice error={applying.error}>
            <p className="small">Trying again is safe: the prices are changed once, however often you try.</p>
          </ErrorNotice>
        ) : null}
        <div className="row row-end">
          <button type="button" className="button" onClick={onClose}>
            Keep the prices
          </button>
          {outdated ? (
            <button type="button" className="button button-primary" onClick={onOutdated}>
              New preview
            </button>
          ) : (
            <button
              type="button"
              className="button button-danger"
              disabled={applying.isPending}
              onClick={() => applying.mutate()}
            >
              {applying.isPending
                ? 'Changing prices…'
                : `Change ${count(changes.length)} ${changes.length === 1 ? 'price' : 'prices'}`}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  )
}
