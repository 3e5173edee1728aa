import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { deleteRule, type Rule, rulesQuery, saveRule } from '../../../api/pricing.ts'
import { Confirm } from '../../../ui/confirm.tsx'
import { Empty, ErrorNotice } from '../../../ui/notice.tsx'
import { PageHeading } from '../../../ui/page.tsx'
import { LinesSkeleton } from '../../../ui/skeleton.tsx'
import { TableHead } from '../../../ui/table-head.tsx'
import { RuleDialog } from './rule-dialog.tsx'
import { inOrder, kindNames, scopeOf, termsOf } from './rule-words.ts'

type Open = { what: 'edit'; rule: Rule | undefined } | { what: 'delete'; rule: Rule }

export function RulesPage() {
  const { data: rules, error, isPending, refetch } = useQuery(rulesQuery())
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const changed = () => queries.invalidateQueries({ queryKey: ['pricing'] })
  const toggle = useMutation({
    mutationFn: ({ id, created_at, updated_at, ...rule }: Rule) =>
      saveRule({ ...rule, enabled: !rule.enabled }, id),
    onSettled: changed,
  })
  return (
    <>
      <PageHeading title="Pricing rules">
        <span className="row">
          <Link className="button" to="/admin/pricing/preview">
            Preview all
          </Link>
          <button
            type="button"
            className="button button-primary"
            onClick={() => setOpen({ what: 'edit', rule: undefined })}
          >
            New rule
          </button>
        </span>
      </PageHeading>
      {toggle.error ? <ErrorNotice error={toggle.error} /> : null}
      {error ? <ErrorNotice error={error} retry={() => void refetch()} /> : null}
      {isPending ? <LinesSkeleton count={4} label="Loading the rules" /> : null}
      {rules?.length === 0 ? (
        <Empty title="No rules yet">
          <p>Rules change no price by themselves: you see what they would do first.</p>
        </Empty>
      ) : null}
      {rules && rules.length > 0 ? (
        <RuleTable rules={rules} busy={toggle.isPending} onToggle={toggle.mutate} onOpen={setOpen} />
      ) : null}
      {open?.what === 'edit' ? <RuleDialog rule={open.rule} onChanged={changed} onClose={close} /> : null}
      {open?.what === 'delete' ? (
        <Confirm
          title={`Delete “${open.rule.name}”?`}
          action="Delete the rule"
          run={() => deleteRule(open.rule.id).then(changed)}
          onClose={close}
        >
          <p>Prices stay as they are; past runs keep what it changed.</p>
        </Confirm>
      ) : null}
    </>
  )
}

type RuleTable = {
  rules: Rule[]
  busy: boolean
  onToggle: (rule: Rule) => void
  onOpen: (open: Open) => void
}

function RuleTable({ rules, busy, onToggle, onOpen }: RuleTable) {
  return (
    <table className="table">
      <caption className="visually-hidden">Pricing rules in the order in which they apply</caption>
      <TableHead columns={['Rule', 'What it does', 'For', 'Priority', 'State', 'Actions']} />
      <tbody>
        {inOrder(rules).map((rule) => (
          <tr key={rule.id}>
            <td data-label="Rule" className="break">
              <strong>{rule.name}</strong>
            </td>
            <td data-label="What it does">
              <span>
                {termsOf(rule)} <span className="small">{kindNames[rule.kind]}</span>
              </span>
            </td>
            <td data-label="For" className="break">
              {scopeOf(rule.scope)}
            </td>
            <td data-label="Priority" className="number">
              {rule.kind === 'margin_floor' ? 'last' : rule.priority}
            </td>
            <td data-label="State">
              <span className={rule.enabled ? 'badge badge-completed' : 'badge'}>
                {rule.enabled ? 'On' : 'Off'}
              </span>
            </td>
            <td data-label="Actions">
              <span className="row rule-actions">
                <Link to={`/admin/pricing/preview?rule=${rule.id}`}>
                  Preview
                  <Of rule={rule} />
                </Link>
                <button type="button" className="link-button" onClick={() => onOpen({ what: 'edit', rule })}>
                  Edit
                  <Of rule={rule} />
                </button>
                <button type="button" className="link-button" disabled={busy} onClick={() => onToggle(rule)}>
                  {rule.enabled ? 'Turn off' : 'Turn on'}
                  <Of rule={rule} />
                </button>
                <button
                  type="button"
                  className="link-button"
                  onClick={() => onOpen({ what: 'delete', rule })}
                >
                  Delete
                  <Of rule={rule} />
                </button>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Of = ({ rule }: { rule: Rule }) => <span className="visually-hidden"> {rule.name}</span>
