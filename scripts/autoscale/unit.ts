import { dirname } from 'node:path'
import { SYSTEM_PATH } from '../host/daemon.ts'
import { writeFile } from '../host/install.ts'
import type { Command } from '../run.ts'

/** Of whom the unit is: the stack, the folder of docker-compose.yml, what the launcher and Docker's client look up. */
export type Place = { stack: string; root: string; home: string; cache: string; node: string }

export const unitName = (stack: string): string => `${stack}-autoscale.service`
const unitFile = (stack: string): string => `/etc/systemd/system/${unitName(stack)}`

/**
 * The systemd unit that runs the autoscaler of a stack. It may do what it needs: write the project's folder and the
 * launcher's cache, and speak with Docker and Temporal. V8 compiles, so memory may be written and executed.
 */
export const unitText = ({ stack, root, home, cache, node }: Place): string => `[Unit]
Description=Scales the workers of ${stack} by their task queue
After=docker.service ecomweb-docker.service network-online.target
Wants=network-online.target

[Service]
Type=exec
WorkingDirectory=${root.replaceAll('%', '%%')}
Environment="PATH=${escaped(dirname(node))}:${SYSTEM_PATH}"
Environment="HOME=${escaped(home)}" "XDG_CACHE_HOME=${escaped(cache)}"
ExecStart="${escaped(root).replaceAll('$', '$$$$')}/ecomweb" autoscale --no-install
Restart=always
RestartSec=5
# Only the autoscaler itself is asked to end: Compose, which it may have started, ends what it has begun.
KillMode=mixed
TimeoutStopSec=120

NoNewPrivileges=yes
# The files of a project may belong to somebody else, and stay theirs.
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER
ProtectSystem=strict
ReadWritePaths="${escaped(root)}" "-${escaped(cache)}/ecomweb"
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
UMask=0077

[Install]
WantedBy=multi-user.target`

/** In a unit file `%` begins a specifier, and in quotes `"` and `\` are special. */
const escaped = (text: string): string => text.replaceAll('%', '%%').replace(/["\\]/g, '\\$&')

/** Writes the unit and starts it, now and at every boot; one that runs takes over what has changed. */
export const installUnit = (place: Place): Command[] => [
  writeFile(unitFile(place.stack), unitText(place)),
  systemctl('daemon-reload'),
  systemctl('enable', unitName(place.stack)),
  systemctl('restart', unitName(place.stack)),
]

/** Stops it for good. */
export const removeUnit = (stack: string): Command[] => [
  systemctl('disable', '--now', unitName(stack)),
  { file: 'rm', args: ['-f', unitFile(stack)] },
  systemctl('daemon-reload'),
]

const systemctl = (...args: string[]): Command => ({ file: 'systemctl', args })
