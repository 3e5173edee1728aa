import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { accountsQuery, changeAccount } from '../../api/admin.ts'
import type { Account, Role } from '../../api/types.ts'
import { useUser } from '../../api/use-session.ts'
import { dateTime } from '../../format/dates.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { PageHeading } from '../../ui/page.tsx'
import { pageOf } from '../../ui/page-numbers.ts'
import { SearchFilter } from './filter.tsx'
import { ListTable } from './table.tsx'

type Change = { account: Account; change: { role?: Role; disabled?: boolean } }

export function UsersPage() {
  const [params] = useSearchParams()
  const page = pageOf(params)
  const query = useQuery(accountsQuery(page, params.get('search') ?? ''))
  const queries = useQueryClient()
  const me = useUser()
  const [disabling, setDisabling] = useState<Account>()
  const update = useMutation({
    mutationFn: ({ account, change }: Change) => changeAccount(account.id, change),
    onSettled: () => queries.invalidateQueries({ queryKey: ['admin', 'users'] }),
  })
  return (
    <>
      <PageHeading key={page} title="Users" />
      <div className="toolbar">
        <SearchFilter name="search" label="Search e-mail addresses" />
      </div>
      {update.error ? <ErrorNotice error={update.error} /> : null}
      <ListTable
        caption="Users"
        columns={['E-mail', 'Since', 'Role', 'State', 'Actions']}
        query={query}
        rows={({ users }) => users}
      >
        {(account) => (
          <UserRow
            key={account.id}
            account={account}
            self={account.id === me?.id}
            busy={update.isPending}
            onRole={(role) => update.mutate({ account, change: { role } })}
            onDisable={() => setDisabling(account)}
            onEnable={() => update.mutate({ account, change: { disabled: false } })}
          />
        )}
      </ListTable>
      {disabling ? (
        <Confirm
          title="Disable the account?"
          action="Disable"
          run={() => update.mutateAsync({ account: disabling, change: { disabled: true } })}
          onClose={() => setDisabling(undefined)}
        >
          <p>
            <strong className="break">{disabling.email}</strong> can no longer sign in. Their orders stay.
          </p>
        </Confirm>
      ) : null}
    </>
  )
}

type UserRow = {
  account: Account
  /** Nobody locks themselves out. */
  self: boolean
  busy: boolean
  onRole: (role: Role) => void
  onDisable: () => void
  onEnable: () => void
}

function UserRow({ account, self, busy, onRole, onDisable, onEnable }: UserRow) {
  const disabled = account.disabled_at !== null
  return (
    <tr>
      <td data-label="E-mail" className="break">
        {account.email}
        {self ? ' (you)' : ''}
      </td>
      <td data-label="Since">{dateTime(account.created_at)}</td>
      <td data-label="Role">
        <select
          aria-label={`Role of ${account.email}`}
          value={account.role}
          disabled={self || busy}
          onChange={({ target }) => onRole(target.value as Role)}
        >
          <option value="user">User</option>
          <option value="admin">Administrator</option>
        </select>
      </td>
      <td data-label="State">
        <span className={`badge ${disabled ? 'badge-cancelled' : 'badge-completed'}`}>
          {disabled ? 'Disabled' : 'Active'}
        </span>
      </td>
      <td data-label="Actions">
        <button
          type="button"
          className="link-button"
          disabled={self || busy}
          onClick={disabled ? onEnable : onDisable}
        >
          {disabled ? 'Enable' : 'Disable'}
          <span className="visually-hidden"> {account.email}</span>
        </button>
      </td>
    </tr>
  )
}
