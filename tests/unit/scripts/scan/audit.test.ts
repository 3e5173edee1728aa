import { describe, expect, it } from 'vitest'
import { readAudit } from '../../../../scripts/scan/audit.ts'
import { formatAudit } from '../../../../scripts/scan/report.ts'

const answer = (stdout: unknown, code = 0, stderr = '') =>
  readAudit({ code, stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout), stderr })

const counts = (found: Record<string, number>) => ({
  metadata: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0, ...found } },
})

describe('what npm audit answers', () => {
  it('is clean when it reports nothing serious', () => {
    expect(answer({ auditReportVersion: 2, vulnerabilities: {}, ...counts({}) })).toEqual({
      state: 'clean',
      below: 0,
    })
    const moderate = { a: { severity: 'moderate', via: [], fixAvailable: true } }
    const audit = answer({ vulnerabilities: moderate, ...counts({ moderate: 1, total: 1 }) })
    expect(audit).toEqual({ state: 'clean', below: 1 })
    expect(formatAudit(audit)).toContain('1 of lower severity')
  })

  it('is found when anything is high or critical', () => {
    const vulnerabilities = {
      parser: {
        severity: 'critical',
        via: [{ title: 'reads too far' }, { title: 'reads too far' }],
        fixAvailable: true,
      },
      server: { severity: 'high', via: ['parser'], fixAvailable: false },
      other: { severity: 'low', via: [] },
    }
    const audit = answer({ vulnerabilities, ...counts({ critical: 1, high: 1, low: 1, total: 3 }) }, 1)
    expect(audit).toEqual({
      state: 'found',
      weaknesses: [
        {
          package: 'parser',
          severity: 'critical',
          title: 'reads too far',
          mend: expect.stringContaining('npm audit fix'),
        },
        { package: 'server', severity: 'high', title: 'through parser', mend: 'no mended version yet' },
      ],
    })
    expect(formatAudit(audit)).toContain('✗ parser: critical: reads too far')
  })

  it.each([
    [
      'the registry offers none',
      {
        message:
          '405 Method Not Allowed - POST https://someone:secret@registry.example/-/npm/v1/security/advisories/bulk',
        statusCode: 405,
        error: { summary: '', detail: '' },
      },
      1,
      '',
      '405 Method Not Allowed',
    ],
    [
      'there is no network',
      { error: { code: 'ENOTFOUND', summary: 'getaddrinfo ENOTFOUND the.registry', detail: '' } },
      1,
      '',
      'getaddrinfo ENOTFOUND the.registry',
    ],
    ['there is no lock file', { error: { code: 'ENOLOCK', summary: '', detail: '' } }, 1, '', 'ENOLOCK'],
    ['npm is missing', '', 127, 'spawn npm ENOENT', 'npm is not installed'],
    [
      'it took too long',
      '{"vulnerab',
      137,
      'ended by SIGKILL (limit 120000 ms)',
      'ended by SIGKILL (limit 120000 ms)',
    ],
    ['nothing came', '', 0, '', 'npm audit gave no report'],
    ['nonsense came', '"text"', 0, '', 'npm audit gave no report'],
  ])('is not available, which is not clean, when %s', (_, stdout, code, stderr, why) => {
    const audit = answer(stdout, code, stderr)
    expect(audit).toEqual({ state: 'unavailable', why })
    expect(formatAudit(audit)).toContain('not available')
  })
})
