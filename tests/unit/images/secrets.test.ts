import { homedir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { caBundle, npmSettings, passedVariables } from '../../../scripts/images/secrets.ts'

const only = (file: string) => (candidate: string) => candidate === file

describe('build secrets', () => {
  it('take the trust store that the host’s Node was given', () => {
    const env = { NODE_EXTRA_CA_CERTS: '/own/ca.pem', SSL_CERT_FILE: '/ssl/ca.pem' }
    expect(caBundle(env, () => true)).toEqual([{ id: 'ca', file: '/own/ca.pem' }])
  })

  it('pass over a trust store that does not exist', () => {
    const env = { NODE_EXTRA_CA_CERTS: '/gone.pem' }
    const debian = '/etc/ssl/certs/ca-certificates.crt'
    expect(caBundle(env, only(debian))).toEqual([{ id: 'ca', file: debian }])
  })

  it('are absent where the host has none', () => {
    expect(caBundle({}, () => false)).toEqual([])
    expect(npmSettings({}, () => false)).toEqual([])
  })

  it('take npm’s settings from where npm itself reads them', () => {
    const home = `${homedir()}/.npmrc`
    expect(npmSettings({}, only(home))).toEqual([{ id: 'npmrc', file: home }])
    expect(npmSettings({ NPM_CONFIG_USERCONFIG: '/own/npmrc' }, () => true)).toEqual([
      { id: 'npmrc', file: '/own/npmrc' },
    ])
  })
})

it('only variables that are set are passed on to a build', () => {
  const env = { HTTPS_PROXY: 'http://proxy.example', GOPROXY: '', NO_PROXY: 'localhost' }
  expect(passedVariables(env, ['GOPROXY'])).toEqual(['HTTPS_PROXY', 'NO_PROXY'])
})
