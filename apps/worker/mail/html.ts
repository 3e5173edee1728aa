/** What a mail begins with and the colour of its line, by kind; of any other kind neither says more than its subject. */
const looks: Record<string, { title: string; colour: string }> = {
  confirmation: { title: 'Thank you for your order', colour: '#1a7f4b' },
  cancellation: { title: 'Your order is cancelled', colour: '#b3401f' },
  refund: { title: 'Your money is on its way', colour: '#2458a6' },
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** The HTML of a mail whose plain text is given; whatever the text says, it stays text. `shop` is the shop's address. */
export function htmlOf(
  { kind, subject, body }: { kind: string; subject: string; body: string },
  shop: string,
): string {
  const { title, colour } = looks[kind] ?? { title: subject, colour: '#555' }
  const paragraphs = body
    .split(/\n{2,}/)
    .map((text) => `<p style="margin:0 0 16px;white-space:pre-wrap">${escaped(text.trim())}</p>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f4f4f2;font:16px/1.5 system-ui,sans-serif;color:#222">
<div style="max-width:560px;margin:auto;padding:24px;background:#fff;border-top:4px solid ${colour}">
<h1 style="margin:0 0 16px;font-size:20px">${escaped(title)}</h1>
${paragraphs.join('\n')}
<p style="margin:24px 0 0;font-size:13px"><a href="${escaped(shop)}" style="color:#555">${escaped(shop)}</a></p>
</div></body></html>
`
}
