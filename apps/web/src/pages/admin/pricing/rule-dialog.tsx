import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { categoriesQuery } from '../../../api/catalogue.ts'
import { type Rule, type RuleInput, type RuleTerms, saveRule } from '../../../api/pricing.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { SaveButtons } from '../../../ui/save-buttons.tsx'
import { formOf, type RuleForm, readRule } from './rule-form.ts'
import { kindNames } from './rule-words.ts'

type RuleDialog = { rule: Rule | undefined; onChanged: () => Promise<unknown>; onClose: () => void }
type Text = Exclude<keyof RuleForm, 'kind' | 'enabled' | 'of'>

/** Creates a rule or changes one. */
export function RuleDialog({ rule, onChanged, onClose }: RuleDialog) {
  const [form, setForm] = useState(() => formOf(rule))
  const [tried, setTried] = useState(false)
  const { input, errors } = readRule(form)
  const set = (part: Partial<RuleForm>) => setForm({ ...form, ...part })
  const saving = useMutation({
    mutationFn: (body: RuleInput) => saveRule(body, rule?.id).then(onChanged),
    onSuccess: onClose,
  })
  const text = (name: Text) => ({
    name,
    value: form[name],
    error: tried ? errors[name] : undefined,
    onChange: ({ target }: { target: { value: string } }) => set({ [name]: target.value }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (input) saving.mutate(input)
  }
  return (
    <Dialog title={rule ? `Edit ${rule.name}` : 'New rule'} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Field label="Name" required maxLength={100} {...text('name')} />
        <Choice
          label="What it does"
          value={form.kind}
          options={Object.entries(kindNames)}
          onChange={(kind) => set({ kind: kind as RuleTerms['kind'] })}
        />
        <Terms form={form} text={text} onOf={(of) => set({ of })} />
        <Categories text={text('category')} />
        <Field
          label="Only the products"
          hint="Numbers of products, such as 3, 17. Empty: all of them."
          {...text('products')}
        />
        {form.kind === 'margin_floor' ? null : (
          <Field
            label="Priority"
            inputMode="numeric"
            hint="Lower numbers apply first; the lowest margin always has the last word."
            {...text('priority')}
          />
        )}
        <label className="row">
          <input
            type="checkbox"
            className="check"
            checked={form.enabled}
            onChange={({ target }) => set({ enabled: target.checked })}
          />
          Turned on
        </label>
        {saving.error ? <ErrorNotice error={saving.error} /> : null}
        <SaveButtons saving={saving.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  )
}

type FieldOf = (name: Text) => {
  name: Text
  value: string
  error: string | undefined
  onChange: (event: { target: { value: string } }) => void
}

function Terms({ form, text, onOf }: { form: RuleForm; text: FieldOf; onOf: (of: RuleForm['of']) => void }) {
  if (form.kind === 'margin_floor')
    return (
      <Field
        label="Lowest margin in percent"
        inputMode="decimal"
        required
        hint="Of the price. At 20, what costs 8.00 is sold for 10.00 or more."
        {...text('percent')}
      />
    )
  if (form.kind === 'competitor_delta')
    return (
      <>
        <div className="columns">
          <Field label="Difference in percent" required hint="−5 is 5 % below." {...text('percent')} />
          <Choice
            label="To"
            value={form.of}
            options={[
              ['lowest', 'the lowest price'],
              ['average', 'the average price'],
            ]}
            onChange={(of) => onOf(of === 'average' ? 'average' : 'lowest')}
          />
        </div>
        <Field label="Prices of the last … days" inputMode="numeric" required {...text('age')} />
      </>
    )
  return (
    <>
      <div className="columns">
        <Field label="After … days in stock" inputMode="numeric" required {...text('days')} />
        <Field label="Percent off" inputMode="decimal" required {...text('off')} />
      </div>
      <Field
        label="Not below … percent of the cost"
        inputMode="decimal"
        hint="Empty: without such a bound."
        {...text('floor')}
      />
    </>
  )
}

type Choice = {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}

function Choice({ label, value, options, onChange }: Choice) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

function Categories({ text }: { text: ReturnType<FieldOf> }) {
  const { data } = useQuery(categoriesQuery())
  const id = useId()
  return (
    <>
      <Field label="Only the category" list={id} hint="Empty: all of them." {...text} />
      <datalist id={id}>
        {data?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}
