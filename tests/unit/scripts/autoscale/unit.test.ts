import { describe, expect, it } from 'vitest'
import { installUnit, removeUnit, unitText } from '../../../../scripts/autoscale/unit.ts'
import { display } from '../../../../scripts/run.ts'

const PLACE = {
  stack: 'shop',
  root: '/srv/our shop/100%',
  home: '/root',
  cache: '/root/.cache',
  node: '/opt/node/bin/node',
}

describe('the systemd unit', () => {
  const text = unitText(PLACE)

  it('starts the autoscaler in the folder of the stack, which may be called anything', () => {
    expect(text).toContain('\nWorkingDirectory=/srv/our shop/100%%\n')
    expect(text).toContain('\nExecStart="/srv/our shop/100%%/ecomweb" autoscale --no-install\n')
    expect(text).toContain('\nEnvironment="PATH=/opt/node/bin:/usr/local/sbin:')
    expect(text).toContain('\nReadWritePaths="/srv/our shop/100%%" "-/root/.cache/ecomweb"\n')
  })

  it('asks only the autoscaler to end, and gives it longer than a worker may need', () => {
    expect(text).toContain('\nKillMode=mixed\n')
    expect(Number(/TimeoutStopSec=(\d+)/.exec(text)?.[1])).toBeGreaterThan(45)
  })

  it('may change nothing else on the host, and compile', () => {
    for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'PrivateDevices=yes']) {
      expect(text).toContain(`\n${line}\n`)
    }
    expect(text).not.toContain('MemoryDenyWriteExecute')
    expect(text).not.toContain('docker.sock')
  })

  it('is installed under the name of the stack, and removed', () => {
    expect(installUnit(PLACE).map(display).slice(1)).toEqual([
      'systemctl daemon-reload',
      'systemctl enable shop-autoscale.service',
      'systemctl restart shop-autoscale.service',
    ])
    expect(installUnit(PLACE)[0]?.args.at(-1)).toBe('/etc/systemd/system/shop-autoscale.service')
    expect(removeUnit('shop').map(display)).toEqual([
      'systemctl disable --now shop-autoscale.service',
      'rm -f /etc/systemd/system/shop-autoscale.service',
      'systemctl daemon-reload',
    ])
  })
})
