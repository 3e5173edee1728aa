import type { HostFacts } from '../../../scripts/host/facts.ts'

/** A host on which everything is in place; tests take away what they are about. */
export const complete: HostFacts = {
  root: true,
  systemd: true,
  dockerHost: undefined,
  client: '28.5.2',
  server: { version: '28.5.2+dfsg4', containers: 3 },
  compose: { path: '/usr/libexec/docker/cli-plugins/docker-compose', version: '2.40.3-3' },
  buildx: { path: '/usr/libexec/docker/cli-plugins/docker-buildx', version: '0.29.1' },
  standaloneCompose: true,
  dockerd: undefined,
  lacking: [],
}

/** A fresh Debian: no Docker of any kind. */
export const bare: HostFacts = {
  ...complete,
  systemd: false,
  client: undefined,
  server: undefined,
  compose: undefined,
  buildx: undefined,
  standaloneCompose: false,
  lacking: ['iptables', 'runc'],
}
