import { existsSync, readFileSync } from 'node:fs'
import { KitError } from '../errors.ts'
import { type Command, type Runner, startDaemon } from '../run.ts'
import { poll } from '../stack/wait.ts'
import { ENGINE_ROOT } from './facts.ts'
import { enginePath, writeFile } from './install.ts'
import { removeStalePids } from './stale-pids.ts'

export const LOG_FILE = '/var/log/ecomweb-dockerd.log'
const UNIT = 'ecomweb-docker.service'
const READY_WITHIN_MS = 60_000
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Stops the distribution's engine for good, where systemd runs it. */
export const RETIRE: Command = {
  file: 'systemctl',
  args: ['disable', '--now', 'docker.socket', 'docker.service'],
}

/** The systemd unit of an engine that was unpacked by ecomweb; the distribution's brings its own. */
export const unitText = (dockerd: string): string => `[Unit]
Description=Docker Engine for ecomweb
Documentation=https://docs.docker.com
After=network-online.target firewalld.service
Wants=network-online.target
Conflicts=docker.service docker.socket

[Service]
Type=notify
Environment=PATH=${enginePath(dockerd, SYSTEM_PATH)}
ExecStart=${dockerd}
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutStartSec=0
Restart=always
RestartSec=2
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process

[Install]
WantedBy=multi-user.target`

/** Starts `dockerd` under systemd, now and at every boot. */
export function systemdCommands(dockerd: string): Command[] {
  const ours = dockerd.startsWith(`${ENGINE_ROOT}/`)
  const enable: Command = { file: 'systemctl', args: ['enable', '--now', ours ? UNIT : 'docker.service'] }
  if (!ours) return [enable]
  return [
    writeFile(`/etc/systemd/system/${UNIT}`, unitText(dockerd)),
    { file: 'systemctl', args: ['daemon-reload'] },
    enable,
  ]
}

/** The daemon as a plain process, for hosts without systemd. */
export const daemonCommand = (dockerd: string): Command => ({
  file: dockerd,
  args: [],
  env: { PATH: enginePath(dockerd, SYSTEM_PATH) },
})

/** Starts the engine and waits until it answers. */
export async function startEngine(
  runner: Runner,
  { dockerd, systemd }: { dockerd: string; systemd: boolean },
  detail: (text: string) => void,
): Promise<void> {
  if (systemd) for (const command of systemdCommands(dockerd)) await runner.run(command)
  else if (runner.dry) await runner.run(daemonCommand(dockerd))
  else {
    removeStalePids()
    await startDaemon(daemonCommand(dockerd), LOG_FILE)
  }
  if (runner.dry) return
  detail('waiting until it answers')
  const answer = await poll(() => answers(runner), { timeoutMs: READY_WITHIN_MS, intervalMs: 200 })
  if (!answer) throw silent(systemd)
}

const answers = async (runner: Runner): Promise<true | undefined> => {
  const { code } = await runner.run(
    { file: 'docker', args: ['version', '--format', '{{.Server.Version}}'] },
    { check: false, timeoutMs: 5_000 },
  )
  return code === 0 ? true : undefined
}

function silent(systemd: boolean): KitError {
  const journal = `journalctl -u ${UNIT} -n 50`
  const log = !systemd && existsSync(LOG_FILE) ? readFileSync(LOG_FILE, 'utf8') : ''
  return new KitError(`Docker Engine did not answer within ${READY_WITHIN_MS / 1000} s`, {
    why: log.trim().split('\n').slice(-8).join('\n') || 'its log may say why',
    next: systemd ? journal : `tail -n 50 ${LOG_FILE}`,
  })
}
